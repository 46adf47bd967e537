"""The schedule against an oracle that shares nothing with it: its own cron reader, and a walk by minutes.

The walk goes through real time and looks at the wall clock. Fixed hours keep a mark of how far the wall clock
has ever come: whatever lies between the old mark and the new one is due now, and what lies below it has been.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgprocess.schedule.schedule import Schedule
from tests.builders.schedules import a_schedule

MINUTE = timedelta(minutes=1)
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

# Past years only, so that no new edition of the zones changes a test.
ODD_ZONES = [
    ("America/New_York", 2024),
    ("Europe/London", 2024),
    ("Europe/Dublin", 2024),  # winter is the exception here
    ("Australia/Lord_Howe", 2024),  # half an hour
    ("Antarctica/Troll", 2024),  # two hours
    ("America/Santiago", 2024),  # at midnight
    ("America/Havana", 2024),
    ("Asia/Beirut", 2024),
    ("Africa/Cairo", 2024),
    ("America/St_Johns", 2010),  # at one minute past midnight
    ("Africa/Casablanca", 2024),  # an hour back for Ramadan
    ("Pacific/Chatham", 2024),  # at a quarter to three
    ("Asia/Pyongyang", 2015),  # half an hour back for good
    ("America/Caracas", 2016),  # half an hour forth for good
    ("Pacific/Apia", 2011),  # a day that never was
    ("Asia/Kathmandu", 1985),  # a quarter of an hour, at midnight
]
EXPRESSIONS = [
    "30 2 * * *",
    "30 1 * * *",
    "0 2 * * *",
    "0 3 * * *",
    "0 0 * * *",
    "15 0 * * *",
    "59 23 * * *",
    "0 12 * * *",
    "45 1,2,3 * * *",
    "0 */2 * * *",
    "0 1-23/2 * * *",
    "*/15 1 * * *",
    "*/20 0-3,22-23 * * *",
    "7 0-22 * * *",
    "* 2 * * *",
    "*/29 * * * *",
    "0 * * * *",
    "30 0-23 * * *",
    "15,45 */1 * * *",
    "* * * * *",
    "30 2 * * sun",
    "30 2 * * 7",
    "30 0 * * fri-sat",
    "15 2 30 * *",
    "15 2 1-31/2 * 0",
    "15 2 */2 * 6,0",
    "*/30 * */2 * *",
    "0 0 1 apr,oct,nov *",
]
DAYS = [
    ("*", "*", "*"),
    ("?", "*", "mon"),
    ("1,15", "*", "5"),
    ("*/2", "*", "5"),
    ("1-31/2", "*", "5"),
    ("1-31", "*", "1"),
    ("15", "*", "*/2"),
    ("15", "*", "?"),
    ("31", "*", "*"),
    ("30", "2", "mon"),
    ("29", "feb", "*"),
    ("L", "*", "*"),
    ("L,15", "*", "*"),
    ("L", "*", "mon"),
    ("1-7", "*", "1-7"),
    ("8-9", "*", "0#2"),
    ("*", "*", "5#5"),
    ("*", "*", "L5"),
    ("13", "jun-aug", "L0"),
    ("*", "1-12/5", "6-7"),
    ("5-5", "3-3", "*"),
    ("*", "*", "2-2"),
    ("28-31", "2,4", "sat"),
]


def span(text: str, low: int, high: int, names: list[str] | None = None) -> set[int]:
    """The numbers that one field of cron names."""
    numbers: set[int] = set()
    for part in text.lower().split(","):
        body, _, step = part.partition("/")
        first, dash, last = body.partition("-")
        start, end = (low, high) if first == "*" else (number(first, names), number(last if dash else first, names))
        numbers.update(range(start, end + 1, int(step or 1)))
    return numbers


def number(word: str, names: list[str] | None) -> int:
    if word.isdigit():
        return int(word)
    assert names is not None
    return names.index(word) + (names is MONTHS)


def is_day_of_month(text: str, day: date) -> bool:
    parts = text.lower().split(",")
    last = calendar.monthrange(day.year, day.month)[1]
    return ("l" in parts and day.day == last) or any(
        part == "?" or day.day in span(part, 1, 31) for part in parts if part != "l"
    )


def is_day_of_week(text: str, day: date) -> bool:
    weekday = day.isoweekday() % 7
    if text == "?":
        return True
    if "#" in text:
        name, _, nth = text.partition("#")
        return weekday == int(name) and (day.day - 1) // 7 + 1 == int(nth)
    if text.lower().startswith("l"):
        return weekday == int(text[1:]) and (day + timedelta(days=7)).month != day.month
    return weekday in {each % 7 for each in span(text, 0, 6, WEEKDAYS)}


def is_run_day(day_of_month: str, month: str, day_of_week: str, day: date) -> bool:
    hits = is_day_of_month(day_of_month, day), is_day_of_week(day_of_week, day)
    either = day_of_month[0] not in "*?" and day_of_week[0] not in "*?"
    return day.month in span(month, 1, 12, MONTHS) and (any(hits) if either else all(hits))


def slot_of(expression: str, days: list[date]) -> tuple[Callable[[datetime], bool], bool]:
    """Whether a wall-clock minute is in the schedule, and whether all hours are."""
    minute, hour, day_of_month, month, day_of_week = expression.split()
    minutes, hours = span(minute, 0, 59), span(hour, 0, 23)
    run_days = {day for day in days if is_run_day(day_of_month, month, day_of_week, day)}
    return (
        lambda wall: wall.minute in minutes and wall.hour in hours and wall.date() in run_days,
        len(hours) == 24,
    )


class Walk:
    """Every minute of real time from ``start`` to ``end``: the wall clock and what it has passed by."""

    def __init__(self, zone: ZoneInfo, start: datetime, end: datetime) -> None:
        self.steps: list[tuple[datetime, datetime, list[datetime]]] = []
        mark = start.astimezone(zone).replace(tzinfo=None) - MINUTE
        self.days = [start.date() + timedelta(days=n) for n in range(-2, (end - start).days + 4)]
        while start <= end:
            wall = start.astimezone(zone).replace(tzinfo=None)
            passed = []
            while mark < wall:
                mark += MINUTE
                passed.append(mark)
            self.steps.append((start, wall, passed))
            start += MINUTE

    def runs(self, expression: str) -> list[datetime]:
        is_slot, every_hour = slot_of(expression, self.days)
        if every_hour:
            return [instant for instant, wall, _ in self.steps if is_slot(wall)]
        return [instant for instant, _, passed in self.steps if any(map(is_slot, passed))]


def changes(zone: ZoneInfo, year: int) -> Iterator[datetime]:
    """Every instant of the year at which the zone's offset changes, to the minute."""
    hour = datetime(year, 1, 1, tzinfo=UTC)
    while hour.year == year:
        before, hour = hour, hour + timedelta(hours=1)
        if before.astimezone(zone).utcoffset() != hour.astimezone(zone).utcoffset():
            while before.astimezone(zone).utcoffset() != hour.astimezone(zone).utcoffset():
                hour -= MINUTE
            yield hour + MINUTE
            hour = before + timedelta(hours=1)


def windows() -> Iterator[tuple[str, datetime]]:
    for name, year in ODD_ZONES:
        found = list(changes(ZoneInfo(name), year))
        assert found, f"{name} did not change its clocks in {year}"
        yield from ((name, change) for change in found)


@pytest.mark.parametrize(
    ("name", "change"), [pytest.param(*each, id=f"{each[0]}-{each[1]:%Y-%m-%d}") for each in windows()]
)
def test_a_schedule_runs_around_a_clock_change_when_the_walk_says_so(name: str, change: datetime) -> None:
    end = change + timedelta(hours=30)
    walk = Walk(ZoneInfo(name), change - timedelta(hours=30), end)
    # Before, at, inside and after both passes of what comes twice; seconds, for nobody asks on the minute.
    looks = [(change - timedelta(hours=27), 24)]
    looks += [(change + timedelta(minutes=m, seconds=s), 6) for m, s in [(-75, 7), (-20, 0), (-1, 59), (0, 0), (40, 1)]]
    differences = []
    for expression in EXPRESSIONS:
        expected = walk.runs(expression)
        schedule = a_schedule(expression.split(), name)
        for after, count in looks:
            # To Python a time that comes twice equals nothing in another zone, hence UTC.
            said = takewhile(lambda run: run <= end, (run.astimezone(UTC) for run in schedule.runs_after(after)))
            wanted = [run for run in expected if run > after][:count]
            if list(islice(said, count)) != wanted:
                differences.append((expression, after, wanted))
    assert not differences


@pytest.mark.parametrize("days", DAYS, ids=" ".join)
def test_a_schedule_runs_on_the_days_that_the_calendar_names(days: tuple[str, str, str]) -> None:
    first = date(2023, 12, 1)
    expected = [
        day for day in (first + timedelta(days=n) for n in range(5 * 366)) if is_run_day(*days, day) and day > first
    ][:60]
    runs = Schedule("5", "4", *days).next_runs(datetime(2023, 12, 1, 5, tzinfo=UTC), len(expected))
    assert [run.date() for run in runs] == expected
    assert {(run.hour, run.minute) for run in runs} == {(4, 5)}


@given(
    line=st.sampled_from(["30 2 * * *", "*/20 1 * * *", "0 */3 * * *", "*/25 * * * *", "0 0 * * sun", "5 0 1 * 3"]),
    zone=st.sampled_from(["America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Pacific/Apia", "UTC"]),
    after=st.datetimes(datetime(2009, 1, 1), datetime(2026, 1, 1), timezones=st.just(UTC)),
)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_asking_again_after_a_run_gives_what_follows_it(line: str, zone: str, after: datetime) -> None:
    schedule = a_schedule(line.split(), zone)
    found = schedule.next_runs(after, 6)
    instants = [run.astimezone(UTC) for run in found]
    assert [after, *instants] == sorted({after, *instants})
    assert schedule.next_runs(found[0], 5) == found[1:]
