"""A graph as an inline ``<svg>``: no script, no style attribute, no id, so any policy and any page will do.

Colours come from ``pgprocess/diagram.css``; without it the drawing has the colour of the page's text. Every
text goes through ``format_html``, and only web addresses become links.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.html import format_html
from django.utils.safestring import SafeString

from pgprocess.diagram.boxes import box, box_width
from pgprocess.diagram.labels import clean
from pgprocess.diagram.layout import layout
from pgprocess.diagram.nodes import DiagramError, Graph, Node
from pgprocess.diagram.shapes import Box, Layout, Placed, Route, px
from pgprocess.display.markup import joined
from pgprocess.display.status import INACTIVE

WIDE, HUGE = 1500.0, 3000.0  # widths from which on diagram.css lets a diagram scroll rather than shrink
LENGTH = re.compile(r"\d{1,5}(\.\d+)?(px|em|rem|vw|%)?", re.ASCII)


def svg(graph: Graph, *, width: int | str | None = None, links: bool = True, movable: bool = False) -> SafeString:
    """Draw ``graph``. ``width`` is that of the image, in pixels or as a length such as ``"100%"``.

    Without ``links`` no node leads anywhere. ``movable`` says what a script needs to know that turns a place
    into a level and an offset. Raises :class:`DiagramError` for a graph that can't be drawn.
    """
    drawn = arranged(graph)
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" class="{}" {} viewBox="0 0 {} {}"{}'
        ' role="group" aria-label="{}" direction="ltr" fill="none" stroke="currentColor">{}</svg>',
        scaling(drawn),
        size_attributes(drawn, width),
        px(drawn.width),
        px(drawn.height),
        measure_attributes(drawn) if movable else "",
        clean(graph.title),
        drawing(graph, drawn, links=links),
    )


def drawing(graph: Graph, drawn: Layout, *, links: bool) -> SafeString:
    """Return what is inside the image: the edges, and the boxes above them."""
    nodes = {node.id: node for node in graph.nodes}
    return format_html(
        '<g aria-hidden="true">{}</g>{}',
        joined(edge(route, nodes) for route in drawn.routes),
        joined(box(placed, nodes[placed.id], links=links) for placed in sorted(drawn.boxes, key=reading_order)),
    )


def reading_order(placed: Placed) -> tuple[int, float]:
    """Return the place of a box in reading order, which is that of the Tab key: row by row."""
    return placed.row, placed.x


def arranged(graph: Graph) -> Layout:
    """Return the graph's layout, with boxes as wide as the longest name needs."""
    width = box_width(node.name for node in graph.nodes)
    boxes = (Box(node.id, width, node.level, node.offset, node.name) for node in graph.nodes)
    return layout(tuple(boxes), tuple(graph.edges))


def scaling(drawn: Layout) -> str:
    """Return the classes of the image, which say how far it may shrink to fit its page."""
    how = " pgp-huge" if drawn.width > HUGE else " pgp-wide" if drawn.width > WIDE else ""
    return "pgp-diagram" + how


def size_attributes(drawn: Layout, width: int | str | None) -> SafeString:
    """Return the attributes for the width asked for, or for the natural size."""
    if width is None:
        return format_html('width="{}" height="{}"', px(drawn.width), px(drawn.height))
    if not LENGTH.fullmatch(str(width)):
        raise DiagramError(f"Give a diagram's width in pixels or percent, like 800 or 100%, not {width!r}.")
    return format_html('width="{}"', width)


def measure_attributes(drawn: Layout) -> SafeString:
    """Return the attributes that say how wide 100% is, where 0% is, and the levels of the rows."""
    levels = " ".join(map(str, drawn.levels))
    return format_html(' data-span="{}" data-middle="{}" data-levels="{}"', px(drawn.span), px(drawn.middle), levels)


def edge(route: Route, nodes: Mapping[str, Node]) -> SafeString:
    """Return an arrow with the status of its parent; inactive if either end is."""
    ends = nodes[route.parent].status, nodes[route.child].status
    return format_html(
        '<g class="pgp-edge" data-parent="{}" data-child="{}" data-status="{}">'
        '<path d="{}"/><path class="pgp-arrow" fill="currentColor" stroke="none" d="{}"/></g>',
        clean(route.parent),
        clean(route.child),
        clean(INACTIVE if INACTIVE in ends else ends[0]),
        route.line,
        route.head,
    )
