"""A diagram as a file of its own: an SVG with its styles inside, for any program that shows SVG.

The stylesheet is that of the pages, made plain: variables become colours, since many programs know none, and
a status is the ``color`` of its element. Rules that speak to a page stay out.
"""

from __future__ import annotations

import re
from functools import cache

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from pgprocess.diagram.labels import clean
from pgprocess.diagram.nodes import Graph
from pgprocess.diagram.render import arranged, drawing
from pgprocess.diagram.shapes import px
from pgprocess.diagram.stylesheet import colours, plain, rules

DRAWN = re.compile(r"pgp-(node|box|bar|name|note|glyph|edge|arrow)\b|data-status|pgp-diagram( text)?$")
PAGE = re.compile(r"figure|frame|:hover|:focus|traced|a\.pgp-node")


def standalone(graph: Graph) -> SafeString:
    """Return ``graph`` as the text of an SVG file. Raises :class:`DiagramError` for one that can't be drawn."""
    drawn = arranged(graph)
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" class="pgp-diagram" width="{0}" height="{1}" viewBox="0 0 {0} {1}"'
        ' role="img" aria-label="{2}" fill="none" stroke="currentColor"><title>{2}</title><style>{3}</style>'
        '<rect class="pgp-paper" width="100%" height="100%"/>{4}</svg>\n',
        px(drawn.width),
        px(drawn.height),
        clean(graph.title),
        style(),
        drawing(graph, drawn, links=False),
    )


@cache
def style() -> SafeString:
    """Return the rules about the drawing itself, in the light colours."""
    kept = (f"{selector}{{{plain(body)}}}" for selector, body in rules() if concerns_the_drawing(selector))
    paper = f".pgp-paper{{fill:{colours()['--pgp-bg']};stroke:none}}"
    return mark_safe(" ".join([*kept, paper]))  # noqa: S308 - our own file


def concerns_the_drawing(selector: str) -> bool:
    """Return whether a rule is about boxes, edges and texts, rather than about the page around them."""
    return bool(DRAWN.search(selector)) and not PAGE.search(selector)
