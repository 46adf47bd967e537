"""Graphs side by side, as the product draws them: families of parents and child, a job before and after a verb."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from docs.drawing.paper import paper, words
from docs.drawing.scenes import Scene, Statuses
from pgprocess.diagram import Graph, Node
from pgprocess.diagram.render import arranged, svg
from pgprocess.display.status import word
from tests.builders.drawing import read

CAPTION = 26.0  # height of the line above a graph
EDGE = 8.0  # that much of a graph's own border is not needed between two of them


@dataclass(frozen=True, slots=True)
class Panel:
    """A graph, and the words above it."""

    graph: Graph
    caption: str = ""


def family(parents: Sequence[str], child: str) -> Panel:
    """Parents in these statuses, and what becomes of their child."""
    nodes = [Node(name, name, status, word(status)) for name, status in zip("ab", parents, strict=True)]
    return Panel(Graph("", (*nodes, Node("c", "child", child, word(child))), (("a", "c"), ("b", "c"))))


def before_and_after(scene: Scene) -> Iterator[Panel]:
    """The job of a scene, twice."""
    yield Panel(job(scene.drawing, scene.before), "before")
    yield Panel(job(scene.redrawn or scene.drawing, scene.after), scene.caption)


def job(drawing: str, statuses: Statuses) -> Graph:
    """A drawn process with these statuses, as the admin would show its job."""
    names, edges = read(drawing)
    return Graph(drawing, tuple(Node(name, name, statuses[name], word(statuses[name])) for name in names), tuple(edges))


def picture(title: str, panels: Sequence[Panel]) -> str:
    """The panels in two columns, as an SVG file."""
    above = CAPTION if any(panel.caption for panel in panels) else 0.0
    sizes = [arranged(panel.graph) for panel in panels]
    width, height = max(size.width for size in sizes) - EDGE, max(size.height for size in sizes) - EDGE + above
    drawn = []
    for place, panel in enumerate(panels):
        x, y = place % 2 * width, place // 2 * height
        drawn.append(words(x + 16, y + 24, panel.caption, "caption") if panel.caption else "")
        drawn.append(svg(panel.graph).replace('class="pgp-diagram"', f'x="{x:.1f}" y="{y + above:.1f}"', 1))
    return paper(title, 2 * width, (len(panels) + 1) // 2 * height, "".join(drawn))
