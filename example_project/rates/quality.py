"""What must hold of a file of rates before it may be loaded."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NamedTuple

LONGEST_GAP = 7
"""Days. Around Christmas and Easter the bank pauses for five."""

LARGEST_STEP = 3
"""A rate never trebles in a day; a misplaced decimal point does that and more."""


class Doubt(ValueError):
    """The rates can't be trusted; the message names the first row that says so."""


class Quote(NamedTuple):
    """One row of the file: what one euro buys."""

    day: date
    currency: str
    rate: Decimal


def read(path: Path) -> Iterator[Quote]:
    """The quotes of the file, in its order. Raises Doubt for a row that can't be read."""
    with path.open(newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            try:
                yield Quote(date.fromisoformat(row["day"]), row["currency"], Decimal(row["rate"]))
            except (KeyError, TypeError, ValueError, InvalidOperation):
                raise Doubt(f"Line {number} of {path.name} is not a day, a currency and a rate.") from None


def check(quotes: Iterable[Quote]) -> dict[str, int]:
    """Counts of what was seen: rows, days, currencies, longest_gap in days, holes (see `_follow`).

    Raises Doubt at the first quote that no careful reader would believe.
    """
    latest: dict[str, Quote] = {}
    today: date | None = None
    counts = {"rows": 0, "days": 0, "currencies": 0, "longest_gap": 0, "holes": 0}
    for quote in quotes:
        if quote.day != today:
            counts["longest_gap"] = max(counts["longest_gap"], _gap(today, quote.day))
            counts["days"] += 1
            today = quote.day
        counts["holes"] += _follow(latest.get(quote.currency), quote)
        counts["rows"] += 1
        latest[quote.currency] = quote
    if not counts["rows"]:
        raise Doubt("The file holds no rates.")
    return counts | {"currencies": len(latest)}


def _gap(before: date | None, day: date) -> int:
    """Days from one day of publication to the next; 0 for the first."""
    if before is None:
        return 0
    days = (day - before).days
    if days < 0:
        raise Doubt(f"{day} comes after {before}: days must ascend.")
    if days > LONGEST_GAP:
        raise Doubt(f"Nothing was published from {before} to {day}: some days are missing.")
    return days


def _follow(before: Quote | None, quote: Quote) -> bool:
    """Whether the currency was suspended in between, as Iceland's króna from 2008 to 2018."""
    if not (quote.rate.is_finite() and quote.rate > 0):
        raise Doubt(f"{quote.currency} is {quote.rate} on {quote.day}: a rate must be positive.")
    if before is None:
        return False
    if before.day == quote.day:
        raise Doubt(f"{quote.currency} stands twice on {quote.day}.")
    if not 1 / LARGEST_STEP < quote.rate / before.rate < LARGEST_STEP:
        raise Doubt(f"{quote.currency} goes from {before.rate} to {quote.rate} on {quote.day}: not plausible.")
    return (quote.day - before.day).days > LONGEST_GAP
