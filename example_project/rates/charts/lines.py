"""Several series over the years, each labelled where its line ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rates.charts.scale import Scale, Tick, pixel, year_of

WIDTH, HEIGHT = 960, 420
LEFT, RIGHT, TOP, BOTTOM = 40, 872, 16, 384
LABEL_HEIGHT = 18


@dataclass(frozen=True, slots=True)
class Line:
    """One series: the points of its polyline, and where its label stands."""

    name: str
    value: str
    points: str
    end: tuple[str, str]
    label_y: str


@dataclass(frozen=True, slots=True)
class Lines:
    """The whole chart, in pixels of its own view box."""

    lines: list[Line]
    years: list[Tick]
    values: list[Tick]
    base: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    bottom: int = BOTTOM


def lines(series: dict[str, list[tuple[date, float]]], base: float) -> Lines:
    """The chart of at least one series, none empty; ``base`` is the value whose grid line stands out."""
    days = [day for points in series.values() for day, _ in points]
    values = [value for points in series.values() for _, value in points]
    across = Scale(year_of(min(days)), year_of(max(days)), LEFT, RIGHT)
    up = Scale(min(values) * 0.97, max(values) * 1.03, BOTTOM, TOP)
    label_at = spread({name: up(points[-1][1]) for name, points in series.items()})
    return Lines(
        lines=[
            Line(
                name=name,
                value=f"{points[-1][1]:.0f}",
                points=" ".join(f"{pixel(across(year_of(day)))},{pixel(up(value))}" for day, value in points),
                end=(pixel(across(year_of(points[-1][0]))), pixel(up(points[-1][1]))),
                label_y=pixel(label_at[name]),
            )
            for name, points in series.items()
        ],
        years=across.ticks([year for year in range(min(days).year, max(days).year + 1) if year % 5 == 0]),
        values=up.ticks(up.round_values(6)),
        base=pixel(up(base)),
    )


def spread(wanted: dict[str, float]) -> dict[str, float]:
    """Each label as near to its wanted height as it can be with room for its neighbours."""
    placed: dict[str, float] = {}
    free = float("-inf")
    for name in sorted(wanted, key=wanted.__getitem__):
        placed[name] = max(wanted[name], free)
        free = placed[name] + LABEL_HEIGHT
    limit = float(BOTTOM)
    for name in reversed(placed):  # what was pushed below the chart moves up again
        placed[name] = min(placed[name], limit)
        limit = placed[name] - LABEL_HEIGHT
    return placed
