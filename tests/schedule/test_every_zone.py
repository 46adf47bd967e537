"""Every zone that there is, around the changes of its clocks; extreme years; moments in whatever zone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgprocess.exceptions import ScheduleError
from pgprocess.schedule.missed import Policy, judge_slots
from pgprocess.schedule.wall_clock import first_instant, last_instant
from tests.builders.schedules import a_schedule
from tests.schedule.test_oracle import EXPRESSIONS, MINUTE, Walk

ZONES = sorted(available_timezones() - {"Factory", "localtime"})
HALF_A_DAY = timedelta(hours=12)


@cache
def changes(name: str) -> list[datetime]:
    """Every instant, to the minute, at which the clocks of a zone changed since 1972."""
    zone, found, at = ZoneInfo(name), [], datetime(1972, 2, 1, tzinfo=UTC)
    while at.year < 2026:
        low, high = at, at + HALF_A_DAY
        at = high
        if low.astimezone(zone).utcoffset() != high.astimezone(zone).utcoffset():
            while high - low > MINUTE:
                middle = low + (high - low) // 2 // MINUTE * MINUTE
                same = middle.astimezone(zone).utcoffset() == low.astimezone(zone).utcoffset()
                low, high = (middle, high) if same else (low, middle)
            found.append(high)
    return found


@st.composite
def zones_and_changes(draw: st.DrawFn) -> tuple[str, datetime]:
    name = draw(st.sampled_from(ZONES))
    return name, draw(st.sampled_from(changes(name) or [datetime(2024, 5, 5, tzinfo=UTC)]))


@given(zones_and_changes(), st.sampled_from(EXPRESSIONS), st.integers(-40 * 60, 10 * 60), st.integers(0, 59))
@settings(max_examples=120)
def test_around_each_change_a_schedule_runs_when_a_walk_through_real_time_says_so(
    place: tuple[str, datetime], line: str, minutes: int, seconds: int
) -> None:
    name, change = place
    begin, end = change - timedelta(hours=44), change + timedelta(hours=26)
    after = change + timedelta(minutes=minutes, seconds=seconds)
    expected = [run for run in Walk(ZoneInfo(name), begin, end).runs(line) if run > after]
    schedule = a_schedule(line.split(), name)
    assert [run.astimezone(UTC) for run in schedule.runs_between(after, end)] == expected


@given(
    zones_and_changes(),
    st.sampled_from([line for line in EXPRESSIONS if line != "* * * * *"]),
    st.timedeltas(timedelta(days=-9), timedelta(days=9)),
    st.timedeltas(timedelta(0), timedelta(days=12)),
    st.integers(1, 30),
    st.sampled_from(ZONES),
)
@settings(max_examples=120)
def test_counts_and_the_newest_are_those_of_all_in_whatever_zone_the_question_is(
    place: tuple[str, datetime], line: str, offset: timedelta, span: timedelta, count: int, asked_in: str
) -> None:
    name, change = place
    after = (change + offset).astimezone(ZoneInfo(asked_in))
    until = (change + offset + span).astimezone(ZoneInfo(name))
    schedule = a_schedule(line.split(), name)
    every = [run.astimezone(UTC) for run in schedule.runs_between(after.astimezone(UTC), until.astimezone(UTC))]
    assert schedule.count(after, until) == len(every)
    assert [run.astimezone(UTC) for run in schedule.newest(after, until, count)] == every[-count:]
    assert [run.astimezone(UTC) for run in schedule.runs_between(after, until)] == every
    bounded = replace(schedule, start_at=after, end_at=until)
    wide = change - timedelta(days=30), change + timedelta(days=30)
    assert bounded.count(*wide) == len([*bounded.runs_between(*wide)])
    slots, _ = judge_slots(schedule, after, until, Policy("all", limit=10_000))
    assert [slot.at for slot in slots] == every


@given(zones_and_changes(), st.integers(-180, 180))
@settings(max_examples=150)
def test_a_time_of_the_wall_clock_lies_between_its_first_and_its_last_instant(
    place: tuple[str, datetime], minutes: int
) -> None:
    name, change = place
    zone = ZoneInfo(name)
    wall = (change + timedelta(minutes=minutes)).astimezone(zone).replace(tzinfo=None, fold=0)
    shown = [
        at for n in range(-3000, 3000)
        if (at := change + timedelta(minutes=n)).astimezone(zone).replace(tzinfo=None, fold=0) == wall
    ]  # fmt: skip
    assert (first_instant(wall, zone), last_instant(wall, zone)) == (shown[0], shown[-1])


@pytest.mark.parametrize("name", ["America/New_York", "Africa/Cairo", "Australia/Lord_Howe", "Pacific/Apia"])
def test_a_time_that_is_jumped_over_is_the_moment_after_it(name: str) -> None:
    zone = ZoneInfo(name)
    for change in changes(name)[-40:]:
        shown = change.astimezone(zone).replace(tzinfo=None)
        before = (change - MINUTE).astimezone(zone).replace(tzinfo=None) + MINUTE
        if shown > before:
            for wall in (before, before + (shown - before) / 2, shown - MINUTE):
                assert first_instant(wall, zone) == last_instant(wall, zone) == change


EXTREME = st.one_of(
    st.datetimes(datetime.min, datetime(3, 1, 1)),
    st.datetimes(datetime(9997, 1, 1), datetime.max),
    st.sampled_from([datetime.min, datetime.max, datetime(9998, 12, 31, 23, 59, 59), datetime(2, 1, 1)]),
)
OFFSETS = st.one_of(
    st.sampled_from(ZONES).map(ZoneInfo),
    st.timedeltas(timedelta(hours=-23), timedelta(hours=23)).map(timezone),
)


@given(st.sampled_from(EXPRESSIONS), st.sampled_from(ZONES), EXTREME, EXTREME, OFFSETS)
@settings(max_examples=150)
def test_at_the_ends_of_the_calendar_there_are_runs_or_none_and_never_an_error(
    line: str, name: str, after: datetime, bound: datetime, offset: ZoneInfo | timezone
) -> None:
    schedule = a_schedule(line.split(), name)
    after, bound = after.replace(tzinfo=offset), bound.replace(tzinfo=offset)
    runs = [run.astimezone(UTC) for run in schedule.next_runs(after, 3)]
    assert runs == sorted(runs)
    assert all(2 <= run.year < 9999 for run in runs)
    assert schedule.newest(after, after, 3) == []
    assert schedule.count(after, after) == 0
    judge_slots(schedule, after, after, Policy())
    for bounded in (replace(schedule, start_at=bound), replace(schedule, end_at=bound)):
        try:
            bounded.check()
            assert len(bounded.next_runs(after, 2)) <= 2
        except ScheduleError as error:
            assert str(error).endswith("say a year from 2 to 9998.")
