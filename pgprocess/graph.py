"""Edges between nodes: is there a circle, and which one? How deep does each node lie?"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import TypeVar

N = TypeVar("N", bound=Hashable)


def find_cycle(edges: Iterable[tuple[str, str]]) -> list[str]:
    """Return one circle among ``(parent, child)`` edges as ``[a, b, c, a]``, or ``[]`` if there is none.

    The circle begins with the smallest of its names, and the same edges give the same circle in whatever order they
    come. Linear in the edges but for sorting them.
    """
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for parent, child in sorted(set(edges)):
        sorter.add(child, parent)
    try:
        sorter.prepare()
    except CycleError as error:
        circle: list[str] = error.args[1][:-1]
        start = circle.index(min(circle))
        return [*circle[start:], *circle[: start + 1]]
    return []


def depths(
    parents: Mapping[N, Collection[N]], *, given: Mapping[N, int] | None = None, tops: Mapping[N, int] | None = None
) -> dict[N, int]:
    """Return how deep each node lies: one below the deepest of its parents, so the longest way from above counts.

    ``given`` holds depths that were asked for, ``tops`` those of nodes without parents, 0 where it names none.
    Linear in the edges, without recursion. Raises :class:`graphlib.CycleError` for edges with a circle.
    """
    given, tops = given or {}, tops or {}
    found: dict[N, int] = {}
    for node in TopologicalSorter(parents).static_order():
        below = max((found[parent] + 1 for parent in parents.get(node, ())), default=tops.get(node, 0))
        found[node] = given.get(node, below)
    return found
