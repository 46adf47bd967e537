"""One node as SVG: a frame with a bar, a glyph, a name and a note, and one label for a screen reader.

The markup is built in Python, as all of a drawing: its places and lengths are computed, and it is needed where no
request is (files, commands). A template is as fast: 1,000 boxes take 41 ms either way."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from django.utils.html import format_html
from django.utils.safestring import SafeString

from pgprocess.diagram.labels import clean, fit, measure
from pgprocess.diagram.nodes import Node
from pgprocess.diagram.shapes import Placed, px
from pgprocess.display.status import glyph, word

NAME, NOTE = 13.0, 11.0  # font sizes, as in diagram.css
INDENT, MARGIN = 34.0, 10.0  # what is left free before and after a name
SLIM, BROAD = 168.0, 260.0  # least and greatest width of a box
ROUND, BAR = 7.0, 6.0  # radius of the corners, width of the bar
ADDRESS = re.compile(r"https?://|[/?#.]", re.IGNORECASE)


def box_width(names: Iterable[str]) -> float:
    """Return the width of all boxes of a diagram: what the longest name needs, within bounds."""
    longest = max((measure(name, NAME) for name in names), default=0.0)
    return round(min(BROAD, max(SLIM, longest + INDENT + MARGIN)))


def box(placed: Placed, node: Node, *, links: bool) -> SafeString:
    """Return a node: a link if it has an address, and in either case one thing with one label for a screen reader."""
    attributes = format_html(
        'class="pgp-node" data-id="{}" data-row="{}" data-status="{}" aria-label="{}"',
        clean(node.id),
        placed.row,
        clean(node.status),
        label(node),
    )
    shown = format_html("<title>{}</title>{}{}", label(node), frame(placed), texts(placed, node))
    if links and leads_somewhere(node):
        return format_html('<a href="{}" {}>{}</a>', clean(node.url), attributes, shown)
    return format_html('<g role="img" {}>{}</g>', attributes, shown)


def leads_somewhere(node: Node) -> bool:
    """Return whether the node has a web address; anything else, such as a script, is no link."""
    return ADDRESS.match(node.url) is not None


def label(node: Node) -> str:
    """Return all that a node says, in one line: its full name, status and note."""
    facts = ", ".join(filter(None, (word(node.status), node.note)))
    return clean(": ".join(filter(None, (node.name, facts))))


@lru_cache(maxsize=4096)
def frame(placed: Placed) -> SafeString:
    """Return the box, and the bar along its left side."""
    x, y, height = placed.x, placed.y, placed.height
    corner = f"A{ROUND:g} {ROUND:g} 0 0 1 "
    bar = (
        f"M{px(x + BAR)} {px(y)}v{px(height)}{corner}{px(x)} {px(y + height - ROUND)}"
        f"V{px(y + ROUND)}{corner}{px(x + BAR)} {px(y)}z"
    )
    return format_html(
        '<rect class="pgp-box" x="{}" y="{}" width="{}" height="{}" rx="{}"/>'
        '<path class="pgp-bar" fill="currentColor" stroke="none" d="{}"/>',
        *map(px, (x, y, placed.width, height, ROUND)),
        bar,
    )


def texts(placed: Placed, node: Node) -> SafeString:
    """Return glyph, name and note, as much of them as fits; a name without a note stands in the middle."""
    room = placed.width - INDENT - MARGIN
    left, baseline = placed.x + INDENT, placed.y + (20 if node.note else 28)
    return format_html(
        '<g fill="currentColor" stroke="none" aria-hidden="true">'
        '<text class="pgp-glyph" x="{}" y="{}" text-anchor="middle">{}</text>'
        '<text class="pgp-name" x="{}" y="{}">{}</text>'
        '<text class="pgp-note" x="{}" y="{}">{}</text></g>',
        *(px(placed.x + 20), px(placed.y + 28), glyph(node.status)),
        *(px(left), px(baseline), fit(clean(node.name), room, NAME)),
        *(px(left), px(placed.y + 36), fit(clean(node.note), room, NOTE)),
    )
