"""The figures of the report, read from the tables: plain values, nothing of how they are shown."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Max, Min

from rates.currencies import INDEXED, WATCHED
from rates.models import Anomaly, MonthlyAverage, Rate, Volatility

Series = dict[str, list[tuple[date, float]]]


@dataclass(frozen=True, slots=True)
class Extent:
    """What was loaded."""

    rows: int
    days: int
    currencies: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Latest:
    """The latest rate of a currency, and how much more or less of it a euro buys than a year before."""

    currency: str
    name: str
    rate: Decimal
    change: float


def extent() -> Extent:
    """How many rates there are, and from when to when."""
    return Extent(
        **Rate.objects.aggregate(
            rows=Count("day"),
            days=Count("day", distinct=True),
            currencies=Count("currency", distinct=True),
            first=Min("day"),
            last=Max("day"),
        )
    )


def latest(last: date) -> list[Latest]:
    """The rates of ``last`` of the watched currencies, beside those of a year before."""
    year_before = last - timedelta(days=365)
    week = (year_before - timedelta(days=6), year_before)
    today = dict(Rate.objects.filter(day=last).values_list("currency", "rate"))
    before = dict(
        Rate.objects.filter(day__range=week, currency__in=WATCHED)
        .order_by("currency", "-day")
        .distinct("currency")
        .values_list("currency", "rate")
    )
    return [
        Latest(currency, name, today[currency], float(today[currency] / before[currency] - 1))
        for currency, name in WATCHED.items()
        if currency in today and currency in before
    ]


def indexed() -> Series:
    """The monthly averages of the currencies of the line chart, each with its first month as 100."""
    months: Series = defaultdict(list)
    rows = MonthlyAverage.objects.filter(currency__in=INDEXED).order_by("month")
    for currency, month, average in rows.values_list("currency", "month", "average"):
        months[currency].append((month, float(average)))
    return {
        currency: [(month, 100 * value / months[currency][0][1]) for month, value in months[currency]]
        for currency in INDEXED
        if currency in months
    }


def volatilities() -> dict[str, dict[int, float]]:
    """The volatility of each watched currency by year."""
    table: dict[str, dict[int, float]] = {currency: {} for currency in WATCHED}
    rows = Volatility.objects.filter(currency__in=WATCHED).order_by("year")
    for currency, year, value in rows.values_list("currency", "year", "value"):
        table[currency][year] = value
    return table


def anomalies() -> list[Anomaly]:
    """Every anomaly, the largest first."""
    return list(Anomaly.objects.order_by("-sigmas"))


def monthly(months: int) -> list[tuple[date, list[float | None]]]:
    """The averages of the watched currencies in the last ``months`` months, latest first."""
    table: dict[date, dict[str, float]] = defaultdict(dict)
    newest = MonthlyAverage.objects.order_by("-month").values("month").distinct()[:months]
    rows = MonthlyAverage.objects.filter(month__in=newest, currency__in=WATCHED).order_by("-month")
    for currency, month, average in rows.values_list("currency", "month", "average"):
        table[month][currency] = float(average)
    return [(month, [values.get(currency) for currency in WATCHED]) for month, values in table.items()]
