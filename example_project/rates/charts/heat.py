"""A row of coloured cells per name, one a year; each cell says its figure, so colour is never alone."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise

from rates.charts.scale import Tick, pixel

WIDTH, LEFT, TOP = 960, 44, 24
ROW = 30
GAP = 2

STEPS = (0.03, 0.05, 0.08, 0.11, 0.15, 0.20)
"""Where one shade ends and the next begins."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure: its place, its shade from 0, its text, and the sentence that a reader hears."""

    x: str
    y: str
    middle: tuple[str, str]
    shade: int
    text: str
    title: str


@dataclass(frozen=True, slots=True)
class Heat:
    """The whole chart, in pixels of its own view box."""

    cells: list[Cell]
    rows: list[Tick]
    years: list[Tick]
    cell_width: str
    cell_height: int
    height: int
    width: int = WIDTH


def heat(table: dict[str, dict[int, float]]) -> Heat:
    """The chart of shares (0.1 is 10 %) by name and year; years without a figure stay empty."""
    years = sorted({year for row in table.values() for year in row})
    step = (WIDTH - LEFT) / max(len(years), 1)
    return Heat(
        cells=[
            _cell(name, year, value, LEFT + step * years.index(year), TOP + ROW * number, step)
            for number, (name, row) in enumerate(table.items())
            for year, value in row.items()
        ],
        rows=[Tick(pixel(TOP + ROW * (number + 0.5)), name) for number, name in enumerate(table)],
        years=[Tick(pixel(LEFT + step * (i + 0.5)), f"{year}") for i, year in enumerate(years)],
        cell_width=pixel(step - GAP),
        cell_height=ROW - GAP,
        height=TOP + ROW * len(table),
    )


def legend() -> list[tuple[int, str]]:
    """Each shade with the range it stands for."""
    percent = [f"{step:.0%}" for step in STEPS]
    between = [f"{low[:-1]} to {high}" for low, high in pairwise(percent)]
    return list(enumerate([f"below {percent[0]}", *between, f"{percent[-1]} and more"]))


def _cell(name: str, year: int, value: float, x: float, y: float, width: float) -> Cell:
    return Cell(
        x=pixel(x + GAP / 2),
        y=pixel(y + GAP / 2),
        middle=(pixel(x + width / 2), pixel(y + ROW / 2)),
        shade=bisect_right(STEPS, value),
        text=f"{value * 100:.1f}",
        title=f"{name} {year}: {value:.1%}",
    )
