"""Where in its row each item stands: near its neighbours above and below, in order, never too close.

Each row in turn is solved exactly: the places that keep the order and the distances and lie nearest, in
weighted squares, to what every item wishes, are a weighted isotonic regression (pool adjacent violators).
"""

from __future__ import annotations

from itertools import accumulate, islice, pairwise

from pgprocess.diagram.sketch import Sketch

SWEEPS = 30
ONE_SIDED = 4  # first sweeps, which look at one side only, to pass a wish through all rows
STILL = 0.5  # pixels: a sweep that moves nothing further is the last
STRAIGHT = (1.0, 2.0, 8.0)  # weight of a piece of an edge by how many of its ends are passes
PINNED = 1e7  # weight of an offset that was asked for
IDLE = 1e-3  # weight of an item's own place where it has no neighbours
TIE = 3  # decimals in which the wishes of two items are held equal

Links = list[list[tuple[int, float]]]


def place(drawn: Sketch, pins: dict[int, float]) -> list[float]:
    """The middle of each item, counted from the middle of the drawing. ``pins`` are the places asked for.

    With pins, each row is also in a new order: that of the places to which the pins pull its items.
    """
    steps = [distances(drawn, row) for row in drawn.rows]
    places = [0.0] * len(drawn.row)
    for row, step in zip(drawn.rows, steps, strict=True):
        for item, distance in zip(row, step, strict=True):
            places[item] = distance - step[-1] / 2
    settle(drawn, steps, places, {})
    if pins:
        reorder(drawn, pulled(drawn, places, pins))
        settle(drawn, [distances(drawn, row) for row in drawn.rows], places, pins)
    return places


def distances(drawn: Sketch, row: list[int]) -> list[float]:
    """How far each item stands from the first at least."""
    return list(accumulate((drawn.space(left, right) for left, right in pairwise(row)), initial=0.0))


def weighted(drawn: Sketch, links: list[list[int]]) -> Links:
    """The links with the weight that each has for straightness."""
    first_pass = drawn.nodes
    return [
        [(other, STRAIGHT[(item >= first_pass) + (other >= first_pass)]) for other in others]
        for item, others in enumerate(links)
    ]


def settle(drawn: Sketch, steps: list[list[float]], places: list[float], pins: dict[int, float]) -> None:
    """``places`` keeps the order and the distances of every row, with short and straight edges."""
    up, down, beside = (weighted(drawn, links) for links in (drawn.up, drawn.down, drawn.beside))
    around = [above + below + next_to for above, below, next_to in zip(up, down, beside, strict=True)]
    rows = list(zip(drawn.rows, steps, strict=True))
    for sweep in range(SWEEPS):
        downward = sweep % 2 == 0
        early = sweep < ONE_SIDED and not pins
        near = (up if downward else down) if early else around
        moved = 0.0
        for row, step in rows if downward else reversed(rows):
            moved = max(moved, solve(row, step, near, places, pins))
        if not early and moved < STILL:
            return


def solve(
    row: list[int], step: list[float], near: Links, places: list[float], pins: dict[int, float]
) -> float:
    """The row stands where its items wish, as far as order and distances allow; the longest move it took."""
    means: list[float] = []
    weights: list[float] = []
    sizes: list[int] = []
    for item, distance in zip(row, step, strict=True):
        wish, weight = wanted(item, near[item], places, pins)
        mean, size = wish - distance, 1
        while means and means[-1] > mean:
            other = weights.pop()
            mean = (means.pop() * other + mean * weight) / (other + weight)
            weight += other
            size += sizes.pop()
        means.append(mean)
        weights.append(weight)
        sizes.append(size)
    moved = 0.0
    slots = zip(row, step, strict=True)
    for mean, size in zip(means, sizes, strict=True):
        for item, distance in islice(slots, size):
            moved = max(moved, abs(places[item] - mean - distance))
            places[item] = mean + distance
    return moved


def wanted(
    item: int, near: list[tuple[int, float]], places: list[float], pins: dict[int, float]
) -> tuple[float, float]:
    """Where an item would stand were it alone in its row, and how much that weighs."""
    if item in pins:
        return pins[item], PINNED
    if not near:
        return places[item], IDLE
    weight = total = 0.0
    for other, share in near:
        weight += share
        total += places[other] * share
    return total / weight, weight


def pulled(drawn: Sketch, places: list[float], pins: dict[int, float]) -> list[float]:
    """Where pins would pull all other items along the edges if boxes could overlap."""
    near = [
        above + below + next_to
        for above, below, next_to in zip(drawn.up, drawn.down, drawn.beside, strict=True)
    ]
    drift = places[:]
    for item, pin in pins.items():
        drift[item] = pin
    free = [item for row in drawn.rows for item in row if item not in pins and near[item]]
    for sweep in range(SWEEPS):
        for item in free if sweep % 2 == 0 else reversed(free):
            drift[item] = sum([drift[other] for other in near[item]]) / len(near[item])
    return drift


def reorder(drawn: Sketch, drift: list[float]) -> None:
    """Each row stands in the order of ``drift``; what is drawn to the same place keeps its order."""
    for row in drawn.rows:
        row.sort(key=lambda item: round(drift[item], TIE))
