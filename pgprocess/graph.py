"""Edges between names: is there a circle, and which one?"""

from __future__ import annotations

from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter


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
