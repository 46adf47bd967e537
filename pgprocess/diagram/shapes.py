"""The values that a layout takes and returns: boxes to place, boxes and routes in place. Lengths are in CSS pixels."""

from __future__ import annotations

from dataclasses import dataclass

HEIGHT = 46.0  # of every box
SIDE = 22.0  # between two boxes of a row
MARGIN = 17.0  # between a box and an edge that passes it
LANE = 11.0  # between two edges that pass side by side
PAD = 20.0  # around everything; an edge that turns back needs most of it
ARROW = 7.0  # length of an arrowhead


def px(length: float) -> str:
    """Return a length as it is written in SVG."""
    return f"{length:.1f}".removesuffix(".0")


@dataclass(frozen=True, slots=True)
class Box:
    """A node to place. ``offset`` may be text such as ``"25%"``; ``name`` is for error messages."""

    id: str
    width: float = 168.0
    level: int | None = None
    offset: float | str | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """A box in its place: ``x`` and ``y`` are its top left corner, ``row`` counts from 0."""

    id: str
    x: float
    y: float
    width: float
    height: float
    row: int


@dataclass(frozen=True, slots=True)
class Route:
    """The way of one edge, from the bottom of its parent to the tip of its arrow at the top of its child.

    Between ``points[0]`` and ``points[1]`` it bends, then runs straight to ``points[2]``, bends again, and
    so on: straight lines pass rows, bends lie between rows. ``line`` and ``head`` are its SVG paths.
    """

    parent: str
    child: str
    points: tuple[tuple[float, float], ...]
    line: str
    head: str


@dataclass(frozen=True, slots=True)
class Layout:
    """A finished drawing. An offset of 100% is ``span`` pixels and counts from ``middle``.

    ``levels`` are those that the rows stand for, from the top.
    """

    width: float
    height: float
    span: float
    middle: float
    levels: tuple[int, ...]
    boxes: tuple[Placed, ...]
    routes: tuple[Route, ...]
