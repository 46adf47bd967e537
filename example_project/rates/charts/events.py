"""Single days over the years, the higher the rarer; the largest carry their name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from rates.charts.scale import Scale, Tick, pixel, year_of

WIDTH, HEIGHT = 960, 300
LEFT, RIGHT, TOP, BOTTOM = 40, 944, 16, 264
NAMED = 8
SIZE = 4.5


class Event(Protocol):
    """A day on which something moved."""

    currency: str
    day: date
    change: float
    sigmas: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A triangle that points where the rate went."""

    points: str
    rose: bool
    title: str
    name: str
    name_at: tuple[str, str]
    anchor: str


@dataclass(frozen=True, slots=True)
class Events:
    """The whole chart, in pixels of its own view box."""

    marks: list[Mark]
    years: list[Tick]
    values: list[Tick]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    bottom: int = BOTTOM


def events(found: Sequence[Event], first: date, last: date, threshold: float) -> Events:
    """The chart of the events, largest first, between two days; its lowest value is ``threshold``."""
    across = Scale(year_of(first), year_of(last), LEFT, RIGHT)
    highest = max((event.sigmas for event in found), default=threshold * 2)
    up = Scale(threshold * 0.95, highest * 1.15, BOTTOM, TOP, logarithmic=True)
    return Events(
        marks=[
            _mark(event, across(year_of(event.day)), up(event.sigmas), named=number < NAMED)
            for number, event in enumerate(found)
        ],
        years=across.ticks([year for year in range(first.year, last.year + 1) if year % 5 == 0]),
        values=up.ticks([threshold, 10, 15, 20, 30, 40, 60, 80]),
    )


def _mark(event: Event, x: float, y: float, *, named: bool) -> Mark:
    rose = event.change > 0
    tip = -SIZE if rose else SIZE
    corners = ((x, y + tip), (x - SIZE, y - tip), (x + SIZE, y - tip))
    left_of_it = x > RIGHT - 90
    return Mark(
        points=" ".join(f"{pixel(a)},{pixel(b)}" for a, b in corners),
        rose=rose,
        title=f"{event.currency} on {event.day}: {event.change:+.1%}, {event.sigmas:.0f} sigmas",
        name=f"{event.currency} {event.change:+.0%}" if named else "",
        name_at=(pixel(x - 2 * SIZE if left_of_it else x + 2 * SIZE), pixel(y)),
        anchor="end" if left_of_it else "start",
    )
