"""From boxes and edges to places and routes: rows, then order, then places, then the ways of the edges.

A layered layout after Sugiyama, in plain Python. The layout depends on nothing but its arguments, so the same
graph always looks the same. Boxes never overlap, and edges pass beside boxes, never behind them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from math import isfinite

from pgprocess.diagram.nodes import DiagramError
from pgprocess.diagram.ordering import untangle
from pgprocess.diagram.placement import place
from pgprocess.diagram.ranking import rank
from pgprocess.diagram.routing import route
from pgprocess.diagram.shapes import HEIGHT, PAD, SIDE, Box, Layout, Placed
from pgprocess.diagram.sketch import Sketch, sketch

BAND = (40.0, 80.0)  # least and most height between two rows
FLAT = 0.04  # of a long edge's way to the side is added to the height of its band
SPAN = 4  # boxes that fit side by side into the least width offsets are measured in
EDGE = 50.0  # percent: the offset of the diagram's border
BEYOND = 1e-3  # of an offset's excess over EDGE: keeps the order, not the distance


@lru_cache(maxsize=32)
def layout(boxes: tuple[Box, ...], edges: tuple[tuple[str, str], ...]) -> Layout:
    """Place ``boxes`` and the ``edges`` between them, given as pairs of ids, parent first.

    A box with a level stands in that row (rows that nobody uses take no room), one with an offset at that
    distance from the middle unless neighbours push it aside; all others are placed automatically.
    Raises :class:`DiagramError` for a circle, an id used twice, an edge to nowhere, an offset that is none.
    """
    number = {box.id: index for index, box in enumerate(boxes)}
    if len(number) < len(boxes):
        raise DiagramError("Two nodes have the same id; give each node its own.")
    pairs = edges_by_number(number, edges)
    levels = {index: box.level for index, box in enumerate(boxes) if box.level is not None}
    ranks = rank([box.name or box.id for box in boxes], pairs, levels)
    used = sorted(set(ranks))
    row = {level: index for index, level in enumerate(used)}
    drawn = sketch([row[level] for level in ranks], pairs, [box.width for box in boxes])
    untangle(drawn)
    span = width_for_offsets(drawn)
    offsets = {index: percent(box.offset) for index, box in enumerate(boxes) if box.offset is not None}
    places = place(drawn, {index: within(offset) / 100 * span for index, offset in offsets.items()})
    return finished(drawn, boxes, places, tuple(used), span, around_middle=bool(offsets))


def edges_by_number(number: dict[str, int], edges: Sequence[tuple[str, str]]) -> list[tuple[int, int]]:
    """Return the edges as pairs of numbers, each once. Raises DiagramError for an edge to nowhere."""
    for edge in edges:
        for end in edge:
            if end not in number:
                raise DiagramError(f"Add the node {end}, which the edge {edge[0]} -> {edge[1]} needs.")
    return [(number[parent], number[child]) for parent, child in dict.fromkeys(edges)]


def percent(offset: float | str) -> float:
    """Return an offset as a number of percent. Raises :class:`DiagramError` for what is none."""
    try:
        value = float(offset.strip().removesuffix("%")) if isinstance(offset, str) else float(offset)
    except ValueError:
        value = float("nan")
    if not isfinite(value):
        raise DiagramError(f"Give the offset in percent, like 25 or -25%, not {offset!r}.")
    return value


def within(offset: float) -> float:
    """Return the offset if it lies within the diagram, else the border; of two beyond, the greater stays outside."""
    border = max(-EDGE, min(EDGE, offset))
    return border + (offset - border) * BEYOND


def width_for_offsets(drawn: Sketch) -> float:
    """Return what 100% means: room for the boxes of the longest row, or for a few of the widest box."""
    taken = [[drawn.widths[item] + SIDE for item in row if item < drawn.nodes] for row in drawn.rows]
    longest = max((sum(row) for row in taken), default=0.0)
    widest = max((width for row in taken for width in row), default=0.0)
    return max(longest, SPAN * widest)


def finished(
    drawn: Sketch,
    boxes: Sequence[Box],
    places: list[float],
    levels: tuple[int, ...],
    span: float,
    *,
    around_middle: bool,
) -> Layout:
    """Return the drawing moved into a canvas, if need be with the middle of offsets in the middle of the canvas."""
    left = min((places[i] - drawn.widths[i] / 2 for i in range(len(places))), default=0.0)
    right = max((places[i] + drawn.widths[i] / 2 for i in range(len(places))), default=0.0)
    if around_middle:
        right = max(span / 2 - PAD, right, -left)
        left = -right
    middles = [middle - left + PAD for middle in places]
    tops = heights(drawn, middles)
    return Layout(
        width=right - left + 2 * PAD,
        height=(tops[-1] + HEIGHT if tops else 0.0) + PAD,
        span=span,
        middle=PAD - left,
        levels=levels,
        boxes=tuple(
            Placed(box.id, middle - box.width / 2, tops[row], box.width, HEIGHT, row)
            for box, middle, row in zip(boxes, middles, drawn.row, strict=False)
        ),
        routes=tuple(route(drawn, chain, boxes, middles, tops) for chain in drawn.chains),
    )


def heights(drawn: Sketch, middles: list[float]) -> list[float]:
    """Return the top of each row; rows stand further apart where an edge between them goes far to the side."""
    least, most = BAND
    bands = [
        max((abs(middles[i] - middles[above]) for i in row for above in drawn.up[i]), default=0.0) for row in drawn.rows
    ]
    gaps = [min(most, least + FLAT * sideways) for sideways in bands[1:]]
    return list(accumulate((HEIGHT + gap for gap in gaps), initial=PAD)) if drawn.rows else []
