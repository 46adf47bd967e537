"""The row of each node: below all its parents, unless a level was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, sqrt

from pgprocess.diagram.nodes import DiagramError
from pgprocess.graph import depths, find_cycle

Edges = Sequence[tuple[int, int]]
Links = list[list[int]]


def rank(names: Sequence[str], edges: Edges, levels: dict[int, int]) -> list[int]:
    """Return the level of each node: that of ``levels``, which were asked for, else one that suits its neighbours.

    Some levels may be left without a node.
    Raises :class:`DiagramError`, naming the nodes, if the edges make a circle.
    """
    parents, children = links(len(names), edges)
    order = topological(parents, children)
    if len(order) < len(names):
        circle = find_cycle([(names[parent], names[child]) for parent, child in edges])
        raise DiagramError("The edges make a circle, remove one of them to draw the diagram: " + " -> ".join(circle))
    last = latest(order, children, levels)
    tops = {node: int(min(0, last[node])) for node in order}  # above row 0 where a child's level leaves no other room
    depth = depths(dict(enumerate(parents)), given=levels, tops=tops)
    ranks = [depth[node] for node in range(len(names))]
    shorten(ranks, order, parents, children, levels)
    return ranks if levels else wrapped(ranks)


def links(count: int, edges: Edges) -> tuple[Links, Links]:
    """Return the parents and the children of each node."""
    parents: Links = [[] for _ in range(count)]
    children: Links = [[] for _ in range(count)]
    for parent, child in edges:
        parents[child].append(parent)
        children[parent].append(child)
    return parents, children


def topological(parents: Links, children: Links) -> list[int]:
    """Return every node after its parents, without nodes of a circle and below it."""
    missing = [len(above) for above in parents]
    order = [node for node, left in enumerate(missing) if not left]
    for node in order:
        for child in children[node]:
            missing[child] -= 1
            if not missing[child]:
                order.append(child)
    return order


def latest(order: list[int], children: Links, levels: dict[int, int]) -> list[float]:
    """Return the last row in which each node still stands above all its descendants that have a level."""
    rows = [0.0] * len(order)
    for node in reversed(order):
        below = min((rows[child] for child in children[node]), default=float("inf"))
        rows[node] = levels.get(node, below - 1)
    return rows


def shorten(ranks: list[int], order: list[int], parents: Links, children: Links, levels: dict[int, int]) -> None:
    """Move nodes with more edges below than above down to their children, to make edges short."""
    for node in reversed(order):
        if len(children[node]) > len(parents[node]) and node not in levels:
            ranks[node] = max(ranks[node], min(ranks[child] for child in children[node]) - 1)


def wrapped(ranks: list[int]) -> list[int]:
    """Return the rows with long ones cut into several, so that none is much wider than the whole is high."""
    limit = max(12, ceil(sqrt(2 * len(ranks))))
    rows: dict[int, list[int]] = {}
    for node, row in enumerate(ranks):
        rows.setdefault(row, []).append(node)
    cut = ranks[:]
    added = 0
    for row, members in sorted(rows.items()):
        lines = ceil(len(members) / limit)
        length = ceil(len(members) / lines)
        for place, node in enumerate(members):
            cut[node] = row + added + place // length
        added += lines - 1
    return cut
