"""Which slots of a schedule run: those that are due, and of those that were missed what the policy says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import takewhile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgprocess.schedule.missed import Policy, Slot, judge_slots, spread
from pgprocess.schedule.schedule import Schedule

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
HOURLY = Schedule("0", "*")


def hours(*numbers: float) -> list[datetime]:
    return [NOON + timedelta(hours=number) for number in numbers]


def since(schedule: Schedule, after: datetime, now: datetime, **policy: object) -> list[Slot]:
    slots, following = judge_slots(schedule, after, now, Policy(**policy))  # type: ignore[arg-type]
    assert following == next(schedule.runs_after(max(after, now)), None)
    return slots


def runs(schedule: Schedule, after: datetime, now: datetime, catch_up: str, **options: object) -> list[datetime]:
    return [slot.at for slot in since(schedule, after, now, catch_up=catch_up, **options) if not slot.reason]


@pytest.mark.parametrize(
    ("catch_up", "chosen"),
    [("all", hours(-3, -2, -1, 0)), ("last", hours(0)), ("none", hours(0))],
)
def test_slots_that_were_missed_run_as_the_policy_says(catch_up: str, chosen: list[datetime]) -> None:
    [four_hours_ago] = hours(-4)
    now = NOON + timedelta(seconds=30)
    assert runs(HOURLY, four_hours_ago, now, catch_up) == chosen
    assert [slot.at for slot in since(HOURLY, four_hours_ago, now, catch_up=catch_up)] == hours(-3, -2, -1, 0)


def test_a_slot_is_lost_unless_a_later_one_runs_in_its_place() -> None:
    [four_hours_ago] = hours(-4)
    now = NOON + timedelta(seconds=30)
    assert [slot.lost for slot in since(HOURLY, four_hours_ago, now, catch_up="last")] == [False] * 4
    late = since(HOURLY, four_hours_ago, now, catch_up="last", misfire_grace=2 * 3600.0)
    assert [slot.lost for slot in late] == [True, True, False, False]
    older, *_ = since(HOURLY, four_hours_ago, now, catch_up="all", limit=2)
    assert older.lost


@pytest.mark.parametrize("catch_up", ["none", "last", "all"])
def test_no_slot_runs_before_its_time_or_again(catch_up: str) -> None:
    assert since(HOURLY, NOON, NOON + timedelta(minutes=59, seconds=59), catch_up=catch_up) == []


@pytest.mark.parametrize("catch_up", ["none", "last", "all"])
def test_a_slot_runs_at_its_very_moment(catch_up: str) -> None:
    assert runs(HOURLY, NOON - timedelta(minutes=1), NOON, catch_up) == [NOON]


def test_none_runs_nothing_that_passed_a_minute_ago() -> None:
    [four_hours_ago] = hours(-4)
    assert runs(HOURLY, four_hours_ago, NOON + timedelta(seconds=59), "none") == [NOON]
    assert runs(HOURLY, four_hours_ago, NOON + timedelta(seconds=60), "none") == []


@pytest.mark.parametrize(("catch_up", "chosen"), [("all", hours(-1, 0)), ("last", hours(0)), ("none", hours(0))])
def test_a_slot_that_is_later_than_its_grace_is_missed(catch_up: str, chosen: list[datetime]) -> None:
    [four_hours_ago] = hours(-4)
    grace = timedelta(hours=1, minutes=1).total_seconds()
    assert runs(HOURLY, four_hours_ago, NOON, catch_up, misfire_grace=grace) == chosen
    assert runs(HOURLY, four_hours_ago, NOON + timedelta(minutes=59), catch_up, misfire_grace=60.0) == []


def test_nothing_runs_that_passed_before_the_schedule_counted() -> None:
    assert since(HOURLY, NOON + timedelta(seconds=10), NOON + timedelta(seconds=30), catch_up="none") == []


def test_all_runs_the_newest_up_to_the_limit_and_tells_the_others_together() -> None:
    [first] = hours(-1000)
    summary, *found = since(HOURLY, first, NOON, catch_up="all", limit=10)
    assert [(slot.at, slot.reason) for slot in found] == [(at, "") for at in hours(*range(-9, 1))]
    assert summary.at == hours(-999)[0]
    assert summary.reason == (
        "missed: 990 slots from 2026-01-21 21:00 UTC to 2026-03-04 02:00 UTC; of an outage the newest 10 are told apart"
    )


def test_exactly_as_many_as_the_limit_need_no_summary() -> None:
    [first] = hours(-10)
    assert [slot.at for slot in since(HOURLY, first, NOON, catch_up="all", limit=10)] == hours(*range(-9, 1))


ODD = [
    Schedule("*/7"),
    HOURLY,
    Schedule("30", "2", timezone="Europe/Berlin"),
    Schedule("*/20", "0-3", timezone="America/New_York"),
    Schedule("0", "0", "1"),
    Schedule("0", "0", "1", "1,2"),
    Schedule("15", "0", "", "", "sat", timezone="America/Santiago"),
]


@settings(max_examples=40, deadline=None)
@given(
    schedule=st.sampled_from(ODD),
    span=st.timedeltas(timedelta(0), timedelta(days=9)),
    end=st.datetimes(datetime(2024, 1, 1), datetime(2025, 1, 1), timezones=st.just(UTC)),
    count=st.integers(1, 40),
)
def test_the_newest_and_their_number_are_those_of_all(
    schedule: Schedule, span: timedelta, end: datetime, count: int
) -> None:
    after = end - span * (20 if schedule.day_of_month else 1)
    every = list(takewhile(lambda slot: slot.astimezone(UTC) <= end, schedule.runs_after(after)))
    assert schedule.newest(after, end, count) == every[-count:]
    assert schedule.count(after, end) == len(every)


def test_processes_are_spread_evenly_and_each_always_begins_by_the_same_time_later() -> None:
    found = [spread(process, 60.0).total_seconds() for process in range(1, 1001)]
    assert found == [spread(process, 60.0).total_seconds() for process in range(1, 1001)]
    assert 0 <= min(found) < 1
    assert 59 < max(found) < 60
    assert all(sum(low <= each < low + 10 for each in found) > 100 for low in range(0, 60, 10))
    assert spread(7, 0.0) == timedelta(0)


@pytest.mark.parametrize(
    ("catch_up", "grace"), [("last", None), ("all", 1800.0), ("none", 1800.0)], ids=["last", "all", "none"]
)
def test_of_two_slots_that_look_alike_one_is_the_newest(catch_up: str, grace: float | None) -> None:
    twice = Schedule("30", "*", "*", "*", "*", "America/New_York")
    after, now = datetime(2026, 11, 1, 4, tzinfo=UTC), datetime(2026, 11, 1, 6, 40, tzinfo=UTC)
    found, _ = judge_slots(twice, after, now, Policy(catch_up, grace))
    assert [slot.at for slot in found if not slot.reason] == [datetime(2026, 11, 1, 6, 30, tzinfo=UTC)]


@pytest.mark.parametrize("catch_up", ["none", "last", "all"])
@pytest.mark.parametrize("grace", [0.0, 0.001, 1.0])
def test_without_any_grace_a_slot_runs_when_a_cron_is_in_time(catch_up: str, grace: float) -> None:
    schedule = Schedule("0", "12")
    for late in (0.0, 0.02, 1.5, 4.9):
        now = NOON + timedelta(seconds=late)
        assert runs(schedule, NOON - timedelta(hours=1), now, catch_up, misfire_grace=grace) == [NOON]
    [missed] = since(
        schedule, NOON - timedelta(hours=1), NOON + timedelta(seconds=5), catch_up=catch_up, misfire_grace=grace
    )
    assert missed.reason == "missed: it was 5 s late, and 5 s are allowed"
