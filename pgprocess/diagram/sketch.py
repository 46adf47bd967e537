"""The drawing while it is made: rows of items, where an item is a node or the place where an edge passes a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pgprocess.diagram.shapes import LANE, MARGIN, SIDE


@dataclass(slots=True)
class Sketch:
    """Rows of items, numbered from 0: first the ``nodes``, then the places where edges pass.

    ``up`` and ``down`` link each item to the next rows. ``beside`` links a node to a pass in its own row,
    where an edge turns because its child stands no lower. ``chains`` lists the items of each edge in order.
    """

    nodes: int
    widths: list[float]
    row: list[int]
    rows: list[list[int]]
    up: list[list[int]]
    down: list[list[int]]
    beside: list[list[int]]
    chains: list[list[int]]

    def space(self, left: int, right: int) -> float:
        """The least distance between the middles of two neighbours."""
        passes = (left >= self.nodes) + (right >= self.nodes)
        return (self.widths[left] + self.widths[right]) / 2 + (SIDE, MARGIN, LANE)[passes]


def sketch(ranks: list[int], edges: Sequence[tuple[int, int]], widths: Sequence[float]) -> Sketch:
    """Every edge is cut into pieces from one row to the next; the order within rows is a first guess."""
    row = ranks[:]
    chains: list[list[int]] = []
    for parent, child in edges:
        passed = passes(ranks[parent], ranks[child])
        chains.append([parent, *range(len(row), len(row) + len(passed)), child])
        row.extend(passed)
    up, down, beside = ([[] for _ in row] for _ in range(3))
    for chain in chains:
        for one, other in zip(chain, chain[1:], strict=False):
            if row[one] == row[other]:
                beside[one].append(other)
                beside[other].append(one)
            else:
                high, low = sorted((one, other), key=row.__getitem__)
                down[high].append(low)
                up[low].append(high)
    drawn = Sketch(
        nodes=len(ranks),
        widths=[*widths, *[0.0] * (len(row) - len(ranks))],
        row=row,
        rows=[[] for _ in range(max(ranks, default=-1) + 1)],
        up=up,
        down=down,
        beside=beside,
        chains=chains,
    )
    fill(drawn)
    return drawn


def passes(start: int, end: int) -> range:
    """The rows that an edge must pass; one that goes up or stays level turns in its own row and its child's."""
    return range(start + 1, end) if end > start else range(start, end - 1, -1)


def fill(drawn: Sketch) -> None:
    """Each row holds its items in the order in which a walk from the tops, left branch first, meets them."""
    seen = [False] * len(drawn.row)
    tops = [item for item in range(len(drawn.row)) if not drawn.up[item]]
    for top in tops:
        ahead = [top]
        while ahead:
            item = ahead.pop()
            if seen[item]:
                continue
            seen[item] = True
            drawn.rows[drawn.row[item]].append(item)
            ahead.extend(reversed(drawn.down[item] + drawn.beside[item]))
