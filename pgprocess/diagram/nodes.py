"""The content of a diagram: nodes and the edges between them, free of rows, pixels and markup."""

from __future__ import annotations

from dataclasses import dataclass

from pgprocess.exceptions import PgprocessError


class DiagramError(PgprocessError, ValueError):
    """A diagram can't be drawn as it was asked for; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Node:
    """One box.

    ``id`` is unique in its graph. ``status`` is a word of :class:`pgprocess.statuses.Status`, ``inactive``
    or empty; ``note`` the small line under the name; ``url`` where the box leads to, empty for nowhere.
    ``level`` is its row from 0 and ``offset`` its distance from the middle in percent of the diagram's
    width, to the right if positive; None means that it is placed automatically.
    """

    id: str
    name: str
    status: str = ""
    note: str = ""
    url: str = ""
    level: int | None = None
    offset: float | None = None


@dataclass(frozen=True, slots=True)
class Graph:
    """A titled set of nodes, and its edges as ``(parent id, child id)``."""

    title: str
    nodes: tuple[Node, ...]
    edges: tuple[tuple[str, str], ...]
