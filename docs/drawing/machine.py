"""The picture of a job task's statuses: what machines do, from top to bottom, and the two ways back of a try."""

from __future__ import annotations

from docs.drawing.paper import paper, words
from pgprocess.diagram import Graph, Node
from pgprocess.diagram.render import arranged, svg
from pgprocess.diagram.shapes import Placed, px

PLACES = {
    "awaiting": (0, 0, "parents are open"),
    "upstream_failed": (1, 37, "counts as failed"),
    "scheduled": (1, -37, "until run_at"),
    "ready": (2, 0, "may be claimed"),
    "forced": (2, 37, "counts as ok"),
    "running": (3, 0, "a worker holds it"),
    "succeeded": (4, -37, "counts as ok"),
    "skipped": (4, -12, "counts as skipped"),
    "failed": (4, 12, "counts as failed"),
    "cancelled": (4, 37, "counts as failed"),
}
"""Level, offset and note of every status."""
EDGES = (
    ("awaiting", "scheduled"),
    ("awaiting", "ready"),
    ("awaiting", "upstream_failed"),
    ("scheduled", "ready"),
    ("ready", "running"),
    ("running", "succeeded"),
    ("running", "skipped"),
    ("running", "failed"),
    ("running", "cancelled"),
)
LINES = (
    "By people: cancel ends what is not settled; force and skip end what waits, and mend what counts as failed;",
    "retry and reopen lead from settled back to ready, and what lies below back to awaiting.",
)


def machine() -> str:
    """The picture, as an SVG file."""
    nodes = (Node(name, name, name, note, "", level, offset) for name, (level, offset, note) in PLACES.items())
    graph = Graph("The statuses of a job task", tuple(nodes), EDGES)
    drawn = arranged(graph)
    box = {placed.id: placed for placed in drawn.boxes}
    text = [words(20, drawn.height + 15 * line, text, "word") for line, text in enumerate(LINES)]
    return paper(graph.title, drawn.width, drawn.height + 30, svg(graph) + "".join(ways_back(box) + text))


def ways_back(box: dict[str, Placed]) -> list[str]:
    """From running to scheduled and to ready, beside the boxes."""
    awaiting, scheduled, ready, running = (box[name] for name in ("awaiting", "scheduled", "ready", "running"))
    low, left = running.y + running.height / 2, running.x
    middle = scheduled.x + scheduled.width / 2
    right, high = ready.x + ready.width, ready.y + ready.height / 2
    retry = f"M{px(left)} {px(low)}C{px(middle)} {px(low)} {px(middle)} {px(low - 40)} {px(middle)} "
    retry += px(scheduled.y + scheduled.height + 8)
    back = f"M{px(right)} {px(low)}c46 0 46 {px(high - low)} 8 {px(high - low)}"
    return [
        edge(retry, f"M{px(middle - 4)} {px(scheduled.y + scheduled.height + 8)}h8l-4 -8z"),
        edge(back, f"M{px(right + 8)} {px(high - 4)}v8l-8 -4z"),
        words(awaiting.x + awaiting.width + 12, awaiting.y + 27, "rule can't be met: this, or skipped", "word"),
        words(middle + 12, scheduled.y + 96, "retry, after a delay", "word"),
        words(right + 42, (low + high) / 2 + 4, "given back, or its worker was lost", "word"),
    ]


def edge(line: str, head: str) -> str:
    """An arrow as the product draws them."""
    path = f'<path class="back" d="{line}"/><path class="pgp-arrow" fill="currentColor" stroke="none" d="{head}"/>'
    return f'<g class="pgp-edge" data-status="running">{path}</g>'
