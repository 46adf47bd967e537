"""The place of each item in its row: near its neighbours above and below, in order, never too close.

Each row in turn is solved exactly: the places that keep the order and the distances and lie nearest, in
weighted squares, to where every item wishes to be, are a weighted isotonic regression (pool adjacent
violators).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, chain, pairwise, repeat

from pgprocess.diagram.sketch import Sketch

SWEEPS = 16
ONE_SIDED = 4  # first sweeps, which look at one side only, to pass a wish through all rows
GRAVITY = (0.2, 1e-4)  # weight of the drawing's middle for every item, and in the last sweeps
SETTLING = 4  # last sweeps, all but free of gravity, which make straight what gravity bent
STRAIGHT = (1.0, 2.0, 8.0)  # weight of a piece of an edge by how many of its ends are passes
PINNED = 1e7  # weight of an offset that was asked for
TIE = 3  # decimals in which the wishes of two items are held equal

Links = list[list[tuple[int, float]]]


def place(drawn: Sketch, pins: dict[int, float]) -> list[float]:
    """Return the middle of each item, counted from the middle of the drawing. ``pins`` are the places asked for.

    With pins, each row is put into a new order too: that of the places to which the pins pull its items.
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
    """Return how far each item stands from the first at least."""
    return list(accumulate((drawn.space(left, right) for left, right in pairwise(row)), initial=0.0))


def weighted(drawn: Sketch, links: list[list[int]]) -> Links:
    """Return the links with their weights; the branches of a trunk share one, so that they do not bend the trunk."""
    return [[(other, weight(drawn, item, other)) for other in others] for item, others in enumerate(links)]


def weight(drawn: Sketch, one: int, other: int) -> float:
    """Return how much it matters that two items stand below each other."""
    passes = (one >= drawn.nodes) + (other >= drawn.nodes)
    return STRAIGHT[passes] / (max(drawn.branches[one], drawn.branches[other]) if passes == 1 else 1)


def settle(drawn: Sketch, steps: list[list[float]], places: list[float], pins: dict[int, float]) -> None:
    """Move ``places`` so that edges are short and straight; the order and the distances of every row hold."""
    up, down, beside = (weighted(drawn, links) for links in (drawn.up, drawn.down, drawn.beside))
    around = [above + below + next_to for above, below, next_to in zip(up, down, beside, strict=True)]
    rows = list(zip(drawn.rows, steps, strict=True))
    for sweep in range(SWEEPS):
        downward = sweep % 2 == 0
        early = sweep < ONE_SIDED and not pins
        near = (up if downward else down) if early else around
        gravity = GRAVITY[sweep >= SWEEPS - SETTLING]
        for row, step in rows if downward else reversed(rows):
            wishes = [wish(item, near[item], places, pins, gravity) for item in row]
            for item, distance, shift in zip(row, step, nearest(step, wishes), strict=True):
                places[item] = distance + shift


def wish(
    item: int, near: list[tuple[int, float]], places: list[float], pins: dict[int, float], gravity: float
) -> tuple[float, float]:
    """Return where an item would stand were it alone in its row, and how much that weighs."""
    if item in pins:
        return pins[item], PINNED
    weight, total = gravity, 0.0
    for other, share in near:
        weight += share
        total += places[other] * share
    return total / weight, weight


def nearest(step: list[float], wishes: list[tuple[float, float]]) -> Iterator[float]:
    """Return by how much to shift each item of a row, so that order and distances hold and wishes are nearly met."""
    means: list[float] = []
    weights: list[float] = []
    sizes: list[int] = []
    for distance, (wanted, weight) in zip(step, wishes, strict=True):
        mean, size = wanted - distance, 1
        while means and means[-1] > mean:
            other = weights.pop()
            mean = (means.pop() * other + mean * weight) / (other + weight)
            weight += other
            size += sizes.pop()
        means.append(mean)
        weights.append(weight)
        sizes.append(size)
    return chain.from_iterable(map(repeat, means, sizes))


def pulled(drawn: Sketch, places: list[float], pins: dict[int, float]) -> list[float]:
    """Return where pins would pull all other items along the edges if boxes could overlap."""
    near = [above + below + next_to for above, below, next_to in zip(drawn.up, drawn.down, drawn.beside, strict=True)]
    drift = places[:]
    for item, pin in pins.items():
        drift[item] = pin
    free = [item for row in drawn.rows for item in row if item not in pins and near[item]]
    for sweep in range(SWEEPS):
        for item in free if sweep % 2 == 0 else reversed(free):
            drift[item] = sum([drift[other] for other in near[item]]) / len(near[item])
    return drift


def reorder(drawn: Sketch, drift: list[float]) -> None:
    """Put each row into the order of ``drift``; items that are drawn to the same place keep their order."""
    for row in drawn.rows:
        row.sort(key=lambda item: round(drift[item], TIE))
