"""How old is old enough, however people say it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.checks import run_checks
from django.test import override_settings

from pgprocess.exceptions import ConfigurationError
from pgprocess.maintenance.retention import OVER, parse_age, retention
from pgprocess.statuses import JobStatus


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        ("24h", timedelta(days=1)),
        ("30d", timedelta(days=30)),
        (" 8w ", timedelta(weeks=8)),
        ("0s", timedelta(0)),
    ],
)
def test_an_age_is_a_number_and_a_unit(text: str, age: timedelta) -> None:
    assert parse_age(text) == age


@pytest.mark.parametrize("text", ["", "30", "d", "-1d", "1.5d", "1 d", "1y", "30 days", "9999999999d", "999999999w"])
def test_anything_else_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(repr(text)) + r" is .*\.$"):
        parse_age(text)


@pytest.mark.parametrize("given", ["30d", timedelta(days=30), 2_592_000, 2_592_000.0])
def test_one_age_is_for_every_status(given: Any) -> None:
    assert retention(given) == dict.fromkeys(OVER, timedelta(days=30))
    assert JobStatus.RUNNING not in OVER


def test_each_status_may_have_its_own_and_the_others_are_kept_for_ever() -> None:
    assert retention({"succeeded": "30d", "failed": timedelta(days=90), "cancelled": None}) == {
        JobStatus.SUCCEEDED: timedelta(days=30),
        JobStatus.FAILED: timedelta(days=90),
    }


def test_without_a_retention_everything_is_kept() -> None:
    assert retention(None) == {}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("a month", "'a month' is no age: write a number and s, m, h, d or w, as in 30d."),
        (0, "0 is not between a moment and a thousand years."),
        (-5, "-5 is not between a moment and a thousand years."),
        (True, "True is no age: write seconds, a timedelta, or words like '30d'."),
        (["30d"], "['30d'] is no age: write seconds, a timedelta, or words like '30d'."),
        ({"failed": "1y"}, "'1y' is no age: write a number and s, m, h, d or w, as in 30d."),
    ],
)
def test_a_retention_that_can_not_be_read_is_refused(given: Any, sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(f"PGPROCESS['RETENTION']: {sentence}")):
        retention(given)


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("suceeded", "names 'suceeded', which no job ends as: did you mean 'succeeded'?"),
        ("running", "names 'running', which no job ends as: there are succeeded, failed, cancelled, skipped."),
        (7, "names 7, which no job ends as: there are succeeded, failed, cancelled, skipped."),
    ],
)
def test_a_status_that_no_job_ends_as_is_refused(word: Any, sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(f"PGPROCESS['RETENTION'] {sentence}")):
        retention({word: "30d"})


@pytest.mark.parametrize("given", [1e30, float("inf"), float("nan"), timedelta.max])
def test_an_age_beyond_all_times_is_refused(given: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"^PGPROCESS\['RETENTION'\]"):
        retention(given)


def test_e005_is_what_check_says_of_it() -> None:
    with override_settings(PGPROCESS={"RETENTION": "soon"}):
        [message] = run_checks(tags=["pgprocess"], databases=[])
    assert (message.id, message.msg) == (
        "pgprocess.E005",
        "PGPROCESS['RETENTION']: 'soon' is no age: write a number and s, m, h, d or w, as in 30d.",
    )
