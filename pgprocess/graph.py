"""Edges between names: is there a circle, and which one?"""

from __future__ import annotations

from collections.abc import Iterable


def find_cycle(edges: Iterable[tuple[str, str]]) -> list[str]:
    """One circle among ``(parent, child)`` edges as ``[a, b, c, a]``, or ``[]``.

    Peels off what has no parents left; what remains holds a circle, which walking upwards must meet.
    Linear in the edges, without recursion.
    """
    parents: dict[str, set[str]] = {}
    children: dict[str, set[str]] = {}
    for parent, child in edges:
        parents.setdefault(child, set()).add(parent)
        parents.setdefault(parent, set())
        children.setdefault(parent, set()).add(child)
    free = [name for name, above in parents.items() if not above]
    while free:
        name = free.pop()
        parents.pop(name)
        for child in children.get(name, ()):
            parents[child].discard(name)
            if not parents[child]:
                free.append(child)
    if not parents:
        return []
    name = min(parents)
    walk = {name: 0}
    while (name := min(parents[name])) not in walk:
        walk[name] = len(walk)
    return [name, *reversed([*walk][walk[name] :])]
