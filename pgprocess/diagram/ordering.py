"""The order of the items in each row that makes few edges cross.

Sweeps of weighted medians and exchanges of neighbours, after Gansner, Koutsofios, North and Vo,
"A technique for drawing directed graphs" (1993), sections 3.1 to 3.3.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from itertools import pairwise

from pgprocess.diagram.sketch import Sketch, amid

SWEEPS = 24
PATIENCE = 5  # sweeps without a better order before giving up
EXCHANGES = 3  # rounds of exchanges in one sweep


def untangle(drawn: Sketch) -> None:
    """Put the rows into the best order found, which depends on the graph alone."""
    place = [0] * len(drawn.row)
    for row in drawn.rows:
        record_places(row, place)
    best = [row[:] for row in drawn.rows]
    fewest = crossings(drawn, place)
    stale = 0
    for sweep in range(SWEEPS):
        if not fewest or stale > PATIENCE:
            break
        rows, near = (drawn.rows, drawn.up) if sweep % 2 == 0 else (drawn.rows[::-1], drawn.down)
        for row in rows[1:]:
            order_by_median(row, near, place, drawn.nodes)
        exchange_all(drawn, place)
        found = crossings(drawn, place)
        stale += 1
        if found < fewest:
            best, fewest, stale = [row[:] for row in drawn.rows], found, 0
    drawn.rows[:] = best


def record_places(row: list[int], place: list[int]) -> None:
    """Write the positions of the row's items into ``place``."""
    for position, item in enumerate(row):
        place[item] = position


def order_by_median(row: list[int], near: list[list[int]], place: list[int], nodes: int) -> None:
    """Order the items of a row by their neighbours' medians; items without neighbours keep their place."""
    wishes: dict[float, list[int]] = {}
    for item in row:
        if near[item]:
            wishes.setdefault(median(sorted([place[other] for other in near[item]])), []).append(item)
    moved = iter([item for wish in sorted(wishes) for item in amid(wishes[wish], nodes)])
    row[:] = [next(moved) if near[item] else item for item in row]
    record_places(row, place)


def median(places: Sequence[int]) -> float:
    """Return the middle of sorted places; of an even number, drawn towards the side that lies closer together."""
    half = len(places) // 2
    if len(places) % 2:
        return places[half]
    low, high = places[half - 1], places[half]
    left, right = low - places[0], places[-1] - high
    if left == right:
        return (low + high) / 2
    return (low * right + high * left) / (left + right)


def exchange_all(drawn: Sketch, place: list[int]) -> None:
    """Exchange neighbours until no two would cross less in each other's place, or the rounds are used up."""
    waiting = set(range(len(drawn.rows)))
    for _ in range(EXCHANGES):
        changed = [index for index in sorted(waiting) if exchange_in(drawn, drawn.rows[index], place)]
        waiting = {near for index in changed for near in (index - 1, index, index + 1)}
        waiting &= set(range(len(drawn.rows)))
        if not waiting:
            return


def exchange_in(drawn: Sketch, row: list[int], place: list[int]) -> bool:
    """Exchange neighbours in this row where that helps, from left to right. Returns whether any changed places."""
    ups = [sorted([place[other] for other in drawn.up[item]]) for item in row]
    downs = [sorted([place[other] for other in drawn.down[item]]) for item in row]
    changed = False
    for left, right in pairwise(range(len(row))):
        up, down, other_up, other_down = ups[left], downs[left], ups[right], downs[right]
        now = inversions(up, other_up) + inversions(down, other_down)
        if now and inversions(other_up, up) + inversions(other_down, down) < now:
            row[left], row[right] = row[right], row[left]
            ups[left], ups[right] = other_up, up
            downs[left], downs[right] = other_down, down
            changed = True
    if changed:
        record_places(row, place)
    return changed


def inversions(left: list[int], right: list[int]) -> int:
    """Return how many pairs of one from each sorted list stand the wrong way round."""
    if not left or not right or left[-1] <= right[0]:
        return 0
    return sum([len(left) - bisect_right(left, place) for place in right])


def crossings(drawn: Sketch, place: list[int]) -> int:
    """Return how many pairs of edge pieces cross between the rows."""
    total = 0
    for row in drawn.rows[1:]:
        passed: list[int] = []
        for item in row:
            ends = sorted([place[other] for other in drawn.up[item]])
            total += sum([len(passed) - bisect_right(passed, end) for end in ends])
            for end in ends:
                insort(passed, end)
    return total
