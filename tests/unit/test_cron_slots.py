"""Which slots of a schedule run: those that are due, and of those that were missed what the policy says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import takewhile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgprocess.cron import AT_ONCE, slots
from pgprocess.schedule import Schedule

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
HOURLY = Schedule("0", "*")


def hours(*numbers: float) -> list[datetime]:
    return [NOON + timedelta(hours=number) for number in numbers]


@pytest.mark.parametrize(
    ("catch_up", "chosen"),
    [("all", hours(-3, -2, -1, 0)), ("last", hours(0)), ("none", hours(0))],
)
def test_slots_that_were_missed_run_as_the_policy_says(catch_up: str, chosen: list[datetime]) -> None:
    [four_hours_ago] = hours(-4)
    assert slots(HOURLY, four_hours_ago, NOON + timedelta(seconds=30), catch_up) == chosen


@pytest.mark.parametrize("catch_up", ["none", "last", "all"])
def test_no_slot_runs_before_its_time_or_again(catch_up: str) -> None:
    assert slots(HOURLY, NOON, NOON + timedelta(minutes=59, seconds=59), catch_up) == []


@pytest.mark.parametrize("catch_up", ["none", "last", "all"])
def test_a_slot_runs_at_its_very_moment(catch_up: str) -> None:
    assert slots(HOURLY, NOON - timedelta(minutes=1), NOON, catch_up) == [NOON]


def test_none_runs_nothing_that_passed_a_minute_ago() -> None:
    [since] = hours(-4)
    assert slots(HOURLY, since, NOON + timedelta(seconds=59), "none") == [NOON]
    assert slots(HOURLY, since, NOON + timedelta(seconds=60), "none") == []


def test_none_runs_nothing_that_passed_before_the_schedule_counted() -> None:
    assert slots(HOURLY, NOON + timedelta(seconds=10), NOON + timedelta(seconds=30), "none") == []


def test_all_runs_the_oldest_hundred_first() -> None:
    [since] = hours(-1000)
    assert slots(HOURLY, since, NOON, "all") == hours(*range(-999, -999 + AT_ONCE))


@settings(max_examples=30, deadline=None)
@given(
    schedule=st.sampled_from(
        [
            Schedule("*/7"),
            HOURLY,
            Schedule("30", "2", timezone="Europe/Berlin"),
            Schedule("0", "0", "1"),
            Schedule("0", "0", "1", "1,2"),
        ]
    ),
    past=st.timedeltas(timedelta(0), timedelta(hours=30)),
    older=st.sampled_from([timedelta(0), timedelta(days=40), timedelta(days=400)]),
)
def test_last_runs_the_newest_of_all_however_long_ago(schedule: Schedule, past: timedelta, older: timedelta) -> None:
    since = NOON - past - (older if schedule.day_of_month else timedelta(0))
    every = list(takewhile(lambda slot: slot <= NOON, schedule.runs_after(since)))
    assert slots(schedule, since, NOON, "last") == every[-1:]
