"""The way of each edge, and how it is written in SVG."""

from __future__ import annotations

from collections.abc import Sequence

from pgprocess.diagram.shapes import ARROW, HEIGHT
from pgprocess.diagram.sketch import Sketch

TURN = 22.0  # how far the handles of a turning bend reach; the bend itself reaches three quarters of that

Point = tuple[float, float]


def way(drawn: Sketch, chain: Sequence[int], middles: Sequence[float], tops: Sequence[float]) -> list[Point]:
    """The points of one edge: out of its parent's bottom, straight through each row, to its child's top."""
    parent, *passes, child = chain
    points = [(middles[parent], tops[drawn.row[parent]] + HEIGHT)]
    rises = drawn.row[child] <= drawn.row[parent]
    for item in passes:
        top = tops[drawn.row[item]]
        ends = (top + HEIGHT, top) if rises else (top, top + HEIGHT)
        points.extend((middles[item], end) for end in ends)
    return [*points, (middles[child], tops[drawn.row[child]])]


def path(points: Sequence[Point]) -> str:
    """The line as an SVG path, which ends where the arrowhead begins; every bend starts and ends upright."""
    tip_x, tip_y = points[-1]
    line = [*points[:-1], (tip_x, tip_y - ARROW)]
    x, y = line[0]
    drawn = [f"M{x:.1f} {y:.1f}"]
    for index in range(1, len(line), 2):
        (x, y), (to_x, to_y) = line[index - 1 : index + 1]
        drawn.append(bend(x, y, to_x, to_y, first=index == 1))
        if index + 1 < len(line):
            drawn.append(f"V{line[index + 1][1]:.1f}")
    return "".join(drawn)


def bend(x: float, y: float, to_x: float, to_y: float, *, first: bool) -> str:
    """From one place to another between two rows; an edge that goes up turns below its parent, above its child."""
    if abs(to_y - y) > ARROW:
        handle = other = (y + to_y) / 2
    else:
        reach = TURN if first else -TURN
        handle, other = y + reach, to_y + reach
    return f"C{x:.1f} {handle:.1f} {to_x:.1f} {other:.1f} {to_x:.1f} {to_y:.1f}"


def arrow(points: Sequence[Point]) -> str:
    """The head of the arrow as an SVG path; every edge ends downwards."""
    x, y = points[-1]
    return f"M{x - 4:.1f} {y - ARROW - 1:.1f}h8L{x:.1f} {y:.1f}z"
