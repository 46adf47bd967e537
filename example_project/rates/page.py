"""The report: figures and charts meet a template, and the page goes to the shelf."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string

from rates import figures, shelf
from rates.charts.events import events
from rates.charts.heat import heat, legend
from rates.charts.lines import lines
from rates.currencies import WATCHED
from rates.measures import FAR, PEGGED, TRADING_DAYS

LARGEST = 25
MONTHS = 24


def write() -> Path:
    """The page on the rates as they are now stands on the shelf; gives where."""
    extent = figures.extent()
    if not extent.rows:
        raise ValueError("There are no rates to report on: run load first.")
    return shelf.put(extent.last, render_to_string("rates/report.html", context(extent)))


def context(extent: figures.Extent) -> dict[str, Any]:
    """Everything that the page shows, as text wherever the template would have to compute."""
    anomalies = figures.anomalies()
    volatilities = figures.volatilities()
    return {
        "extent": extent,
        "rows": f"{extent.rows:,}",
        "days": f"{extent.days:,}",
        "latest": [(row, published(row.rate), f"{row.change:+.1%}") for row in figures.latest(extent.last)],
        "lines": lines(figures.indexed(), base=100),
        "heat": heat(volatilities),
        "legend": legend(),
        "volatility_rows": volatility_rows(volatilities),
        "currencies": WATCHED,
        "events": events(anomalies, extent.first, extent.last, FAR),
        "anomaly_count": len(anomalies),
        "anomalies": [
            (row, published(row.rate), f"{row.change:+.2%}", f"{row.sigmas:.1f}") for row in anomalies[:LARGEST]
        ],
        "monthly": [(month, [rounded(value) for value in values]) for month, values in figures.monthly(MONTHS)],
        "far": FAR,
        "pegged": f"{PEGGED:.2%}",
        "trading_days": TRADING_DAYS,
    }


def volatility_rows(table: dict[str, dict[int, float]]) -> list[tuple[int, list[str]]]:
    """The figures of the heat map as a table: a row a year, latest first."""
    years = sorted({year for row in table.values() for year in row}, reverse=True)
    return [(year, [f"{row[year]:.1%}" if year in row else "" for row in table.values()]) for year in years]


def published(rate: Decimal) -> str:
    """A rate with the decimals that it was published with."""
    return f"{rate.normalize():,f}"


def rounded(rate: float | None) -> str:
    """An average with as many decimals as its size is worth: 0.8338, 24.353, 366.33."""
    if rate is None:
        return ""
    decimals = 4 if rate < 10 else 3 if rate < 100 else 2
    return f"{rate:,.{decimals}f}"
