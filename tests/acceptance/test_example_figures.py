"""The example's figures, computed a second time in plain Python straight from the bank's archive."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.acceptance.archive import Archive
from tests.acceptance.example import Example


@pytest.mark.usefixtures("results")
def test_the_table_holds_every_published_rate_and_no_other(example: Example, archive: Archive) -> None:
    rows = example.rows("SELECT currency, day, rate FROM rates_rate")
    assert len(rows) == len(archive.published) > 200_000
    assert {(currency, day): rate for currency, day, rate in rows} == {
        key: Decimal(text) for key, text in archive.published.items()
    }


@pytest.mark.usefixtures("results")
def test_volatility_is_the_annualised_standard_deviation_of_daily_returns(example: Example, archive: Archive) -> None:
    rows = example.rows("SELECT currency, year, value FROM rates_volatility")
    assert {(currency, year): value for currency, year, value in rows} == pytest.approx(archive.volatilities)


@pytest.mark.usefixtures("results")
def test_monthly_averages_are_the_mean_of_the_months_rates(example: Example, archive: Archive) -> None:
    rows = example.rows("SELECT currency, month, average FROM rates_monthlyaverage")
    found = {(currency, month): average for currency, month, average in rows}
    assert found.keys() == archive.averages.keys()
    assert all(abs(found[key] - average) <= Decimal("0.000001") for key, average in archive.averages.items())


@pytest.mark.usefixtures("results")
def test_anomalies_are_the_moves_of_floating_currencies_beyond_eight_robust_sigmas(
    example: Example, archive: Archive
) -> None:
    found = {
        (currency, day): sigmas
        for currency, day, sigmas in example.rows("SELECT currency, day, sigmas FROM rates_anomaly")
    }
    assert found == pytest.approx(archive.anomalies)
    assert max(found, key=found.__getitem__) == ("CHF", date(2015, 1, 15))  # the Swiss peg ends


def test_the_tasks_tell_what_they_did(results: dict[str, Any], archive: Archive) -> None:
    extract, validate, load = results["extract"], results["validate"], results["load"]
    assert extract["rows"] == validate["rows"] == load["rows"] == len(archive.published)
    assert extract["days"] == validate["days"] == len(archive.days)
    assert (extract["first"], extract["last"]) == (str(min(archive.days)), str(max(archive.days)))
    assert validate["currencies"] == len({currency for currency, _ in archive.published})
    assert load["removed"] == 0
    assert results["volatility_try"]["wildest"][0] == 2021


def test_a_second_run_leaves_every_table_as_it_was(example: Example, results: dict[str, Any]) -> None:
    def tables() -> list[list[tuple[Any, ...]]]:
        names = ("rate", "volatility", "monthlyaverage", "anomaly")
        return [example.rows(f"SELECT * FROM rates_{name} ORDER BY 1, 2") for name in names]

    before = tables()
    again = example.run_tasks()
    assert again["load"]["written"] == again["load"]["removed"] == 0
    assert again.keys() == results.keys()
    assert tables() == before
