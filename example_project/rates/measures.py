"""What the tables of figures hold, each computed by Postgres in one statement from the rates.

All of them read the view ``rates_dailyreturn``: the logarithm of a rate over that of the day before,
for days that follow each other within a week.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

TRADING_DAYS = 252
"""A year of them: what daily volatility is scaled by."""

FEWEST_DAYS = 20
"""A year with fewer returns than this has no volatility."""

FAR = 8
"""Robust standard deviations from which on a move is an anomaly."""

PEGGED = 0.0005
"""A currency whose robust standard deviation is below this is pegged: its moves are rounding steps."""

VOLATILITY = """
INSERT INTO rates_volatility (currency, year, value, days)
SELECT
    currency, extract(year FROM day)::int AS year, stddev_samp(log_return) * sqrt(%(trading_days)s), count(*)
FROM rates_dailyreturn
WHERE currency = %(currency)s
GROUP BY currency, year
HAVING count(*) >= %(fewest_days)s
"""

MONTHLY_AVERAGES = """
INSERT INTO rates_monthlyaverage (currency, month, average, lowest, highest, days)
SELECT currency, date_trunc('month', day)::date AS month, avg(rate), min(rate), max(rate), count(*)
FROM rates_rate
GROUP BY currency, month
"""

ANOMALIES = """
WITH daily AS (
    SELECT currency, day, rate, log_return, extract(year FROM day)::int AS year FROM rates_dailyreturn
), centre AS (
    SELECT currency, year, percentile_cont(0.5) WITHIN GROUP (ORDER BY log_return) AS median
    FROM daily GROUP BY currency, year HAVING count(*) >= %(fewest_days)s
), distance AS (
    SELECT daily.*, abs(log_return - median) AS distance FROM daily JOIN centre USING (currency, year)
), spread AS (  -- 1.4826 makes the median distance of a normal distribution its standard deviation
    SELECT currency, year, 1.4826 * percentile_cont(0.5) WITHIN GROUP (ORDER BY distance) AS sigma
    FROM distance GROUP BY currency, year
)
INSERT INTO rates_anomaly (currency, day, rate, change, sigmas)
SELECT currency, day, rate, exp(log_return) - 1, distance / sigma
FROM distance JOIN spread USING (currency, year)
WHERE sigma >= %(pegged)s AND distance > %(far)s * sigma
"""


def volatility(currency: str) -> int:
    """The table holds the volatility of each year of ``currency``; gives the number of years."""
    return _replace(
        "DELETE FROM rates_volatility WHERE currency = %(currency)s",
        VOLATILITY,
        currency=currency,
        trading_days=TRADING_DAYS,
        fewest_days=FEWEST_DAYS,
    )


def monthly_averages() -> int:
    """The table holds the mean, lowest and highest rate of each month; gives the number of rows."""
    return _replace("DELETE FROM rates_monthlyaverage", MONTHLY_AVERAGES)


def anomalies() -> int:
    """The table holds each day on which a floating currency moved more than `FAR`; gives their number."""
    return _replace("DELETE FROM rates_anomaly", ANOMALIES, fewest_days=FEWEST_DAYS, pegged=PEGGED, far=FAR)


def _replace(delete: str, insert: str, **values: Any) -> int:
    """What ``delete`` names is replaced by what ``insert`` gives, at once; gives the rows inserted."""
    with _alone(delete, values) as cursor:
        cursor.execute(delete, values)
        cursor.execute(insert, values)
        return int(cursor.rowcount)


@contextmanager
def _alone(what: str, values: dict[str, Any]) -> Iterator[Any]:
    """A transaction in which nobody else replaces the same rows: two runs would insert them twice."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{what} {values}"])
        yield cursor
