"""The drawing while it is made: rows of items, each a node or the place where an edge passes the row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pgprocess.diagram.shapes import LANE, MARGIN, SIDE

HUB = 4  # edges from which on a node's long edges share a trunk


@dataclass(slots=True)
class Sketch:
    """Rows of items, numbered from 0: first the ``nodes``, then the places where edges pass.

    ``up`` and ``down`` link each item to the next rows. ``beside`` links a node to a pass in its own row,
    where an edge turns because its child stands no lower. ``chains`` lists the items of each edge in order.
    ``branches`` says how many edges a trunk has; for all other items it is 1.
    """

    nodes: int
    widths: list[float]
    row: list[int]
    rows: list[list[int]]
    up: list[list[int]]
    down: list[list[int]]
    beside: list[list[int]]
    chains: list[list[int]]
    branches: list[int]

    def space(self, left: int, right: int) -> float:
        """Return the least distance between the middles of two neighbours."""
        passes = (left >= self.nodes) + (right >= self.nodes)
        return (self.widths[left] + self.widths[right]) / 2 + (SIDE, MARGIN, LANE)[passes]


def sketch(ranks: list[int], edges: Sequence[tuple[int, int]], widths: Sequence[float]) -> Sketch:
    """Cut every edge into pieces from one row to the next. The order within rows is a first guess."""
    row, branches = ranks[:], [1] * len(ranks)
    chains = chained(row, branches, edges)
    up: list[list[int]] = [[] for _ in row]
    down: list[list[int]] = [[] for _ in row]
    beside: list[list[int]] = [[] for _ in row]
    for one, other in dict.fromkeys(piece for chain in chains for piece in pairwise(chain)):
        if row[one] == row[other]:
            beside[one].append(other)
            beside[other].append(one)
        else:
            high, low = (one, other) if row[one] < row[other] else (other, one)
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
        branches=branches,
    )
    fill(drawn)
    return drawn


def chained(row: list[int], branches: list[int], edges: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Return the items of each edge, and add what edges pass to ``row`` and ``branches``, which hold the nodes'.

    The long edges of a hub share a trunk, so that a fan of hundreds stays a drawing: one of its parent if
    that has more edges below it than the child has above, else one of its child.
    """
    below, above = Counter(parent for parent, _ in edges), Counter(child for _, child in edges)
    trunks: dict[tuple[int, bool, int], int] = {}
    chains = []
    for parent, child in edges:
        chain = [parent]
        hub = max(below[parent], above[child])
        shared = hub >= HUB and row[child] > row[parent]
        owner = (parent, True) if below[parent] == hub else (child, False)
        for passed in passes(row[parent], row[child]):
            item = trunks.setdefault((*owner, passed), len(row)) if shared else len(row)
            if item == len(row):
                row.append(passed)
                branches.append(hub if shared else 1)
            chain.append(item)
        chains.append([*chain, child])
    return chains


def passes(start: int, end: int) -> range:
    """Return the rows that an edge passes; an edge that does not go down turns in its own row and in its child's."""
    return range(start + 1, end) if end > start else range(start, end - 1, -1)


def fill(drawn: Sketch) -> None:
    """Fill the rows with their items, in the order in which a walk from the tops, left branch first, meets them."""
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
            ahead.extend(reversed(amid(drawn.down[item] + drawn.beside[item], drawn.nodes)))


def amid(items: list[int], nodes: int) -> list[int]:
    """Return the items with passes (``nodes`` and up) in the middle, so that a trunk stands amid its branches."""
    passes = [item for item in items if item >= nodes]
    if not passes or len(passes) == len(items):
        return items
    boxes = [item for item in items if item < nodes]
    half = len(boxes) // 2
    return boxes[:half] + passes + boxes[half:]
