"""The way of each edge, and how it is written in SVG."""

from __future__ import annotations

from collections.abc import Sequence

from pgprocess.diagram.shapes import ARROW, HEIGHT, Box, Route, px
from pgprocess.diagram.sketch import Sketch

TURN = 20.0  # how far the handles of a turning bend reach; the bend itself reaches three quarters of that
NEAR = 3.0  # a step to the side that is too small to be worth a bend; less than an edge's margin to boxes

Point = tuple[float, float]


def route(drawn: Sketch, chain: list[int], boxes: Sequence[Box], middles: list[float], tops: list[float]) -> Route:
    """Return the finished route of one edge."""
    points = tuple(way(drawn, chain, middles, tops))
    return Route(boxes[chain[0]].id, boxes[chain[-1]].id, points, path(points), arrow(points))


def way(drawn: Sketch, chain: Sequence[int], middles: Sequence[float], tops: Sequence[float]) -> list[Point]:
    """Return the points of one edge: out of its parent's bottom, straight through each row, to its child's top."""
    parent, *passes, child = chain
    points = [(middles[parent], tops[drawn.row[parent]] + HEIGHT)]
    rises = drawn.row[child] <= drawn.row[parent]
    x = middles[parent]
    for item in passes:
        top = tops[drawn.row[item]]
        ends = (top + HEIGHT, top) if rises else (top, top + HEIGHT)
        x = x if abs(middles[item] - x) <= NEAR else middles[item]
        points.extend((x, end) for end in ends)
    x = x if abs(middles[child] - x) <= NEAR else middles[child]
    return [*points, (x, tops[drawn.row[child]])]


def path(points: Sequence[Point]) -> str:
    """Return the line as an SVG path, which ends where the arrowhead begins; every bend starts and ends upright."""
    tip_x, tip_y = points[-1]
    line = [*points[:-1], (tip_x, tip_y - ARROW)]
    drawn = [f"M{px(line[0][0])} {px(line[0][1])}"]
    for index in range(1, len(line), 2):
        (x, y), (to_x, to_y) = line[index - 1 : index + 1]
        if x != to_x:
            drawn.append(f"V{px(y)}" if index > 1 else "")
            drawn.append(bend(x, y, to_x, to_y, first=index == 1))
        elif index + 1 == len(line):
            drawn.append(f"V{px(to_y)}")
    return "".join(drawn)


def bend(x: float, y: float, to_x: float, to_y: float, *, first: bool) -> str:
    """Return a bend from one place to another between two rows, or around below a parent and above a higher child."""
    if abs(to_y - y) > ARROW:
        handle = other = (y + to_y) / 2
    else:
        reach = TURN if first else -TURN
        handle, other = y + reach, to_y + reach
    return f"C{px(x)} {px(handle)} {px(to_x)} {px(other)} {px(to_x)} {px(to_y)}"


def arrow(points: Sequence[Point]) -> str:
    """Return the head of the arrow as an SVG path; every edge ends downwards."""
    x, y = points[-1]
    return f"M{px(x - 4)} {px(y - ARROW - 1)}h8L{px(x)} {px(y)}z"
