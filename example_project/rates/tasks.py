"""The callables of the process: each takes what its parents left, calls one room, says what it did."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pgprocess import Context, Fail, task
from rates import loading, measures, page, quality
from rates.models import Anomaly, Volatility

VOLATILITY = "volatility_"
"""What the names of the tasks that run `volatility` begin with; the currency follows."""


@task
def validate(context: Context) -> dict[str, Any]:
    """The extracted file is worth loading: gives its path and counts. Fails at the first doubt."""
    extracted = context.parents["extract"]
    path = Path(extracted["path"])
    try:
        counts = quality.check(quality.read(path))
    except quality.Doubt as doubt:
        raise Fail(f"Nothing was loaded. {doubt}") from doubt
    if counts["rows"] != extracted["rows"]:
        raise Fail(f"extract wrote {extracted['rows']} rows, {path} holds {counts['rows']}: run it again.")
    return {"path": str(path), **counts}


@task
def load(context: Context) -> dict[str, int]:
    """The table of rates is the validated file."""
    return loading.load(Path(context.parents["validate"]["path"]))


@task
def volatility(context: Context) -> dict[str, Any]:
    """The yearly volatility of the currency that the task's name ends with."""
    currency = context.task.removeprefix(VOLATILITY).upper()
    years = measures.volatility(currency)
    if not years:
        raise Fail(f"There are no rates of {currency}: name the task {VOLATILITY} and a currency's code.")
    by_value = Volatility.objects.filter(currency=currency).order_by("value").values_list("year", "value")
    calmest, wildest = by_value[0], by_value[years - 1]
    return {"currency": currency, "years": years, "calmest": calmest, "wildest": wildest}


@task
def monthly_averages() -> dict[str, int]:
    """The mean, lowest and highest rate of every currency in every month."""
    return {"rows": measures.monthly_averages()}


@task
def anomalies() -> dict[str, Any]:
    """The days on which a currency moved far more than usual."""
    found = measures.anomalies()
    largest = Anomaly.objects.order_by("-sigmas").first()
    return {"found": found, "largest": str(largest) if largest else None}


@task
def report() -> dict[str, str]:
    """The page on all of this stands in the reports folder; gives its path."""
    return {"path": str(page.write())}
