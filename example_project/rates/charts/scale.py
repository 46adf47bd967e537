"""From values to pixels, and the round values worth a grid line."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled place on an axis, in pixels."""

    at: str
    text: str


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps ``low``…``high`` to the pixels ``start``…``end``, which may run downwards."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    def __call__(self, value: float) -> float:
        """The pixel of ``value``."""
        low, high = self._flat(self.low), self._flat(self.high)
        share = (self._flat(value) - low) / (high - low) if high > low else 0.5
        return self.start + share * (self.end - self.start)

    def ticks(self, values: list[float]) -> list[Tick]:
        """A tick for each of the values that lies on the scale."""
        shown = [value for value in values if self.low <= value <= self.high]
        return [Tick(pixel(self(value)), f"{value:g}") for value in shown]

    def round_values(self, about: int) -> list[float]:
        """Some ``about`` round values between low and high, a step of 1, 2 or 5 apart."""
        rough = (self.high - self.low) / about
        if rough <= 0:
            return [self.low]
        magnitude = 10 ** math.floor(math.log10(rough))
        step = next(factor * magnitude for factor in (1, 2, 5, 10) if factor * magnitude >= rough)
        first, last = math.ceil(self.low / step), math.floor(self.high / step)
        return [step * number for number in range(first, last + 1)]

    def _flat(self, value: float) -> float:
        return math.log(value) if self.logarithmic else value


def year_of(day: date) -> float:
    """A day as a fraction of years: 2 July 2001 is about 2001.5."""
    first, following = date(day.year, 1, 1), date(day.year + 1, 1, 1)
    return day.year + (day - first) / (following - first)


def pixel(value: float) -> str:
    """A coordinate as SVG reads it, in whatever language the page is."""
    return f"{value:.1f}"
