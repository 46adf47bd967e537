"""Fields in all their spellings, against an oracle that walks round the cycle, and a calendar."""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, takewhile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgprocess.exceptions import ScheduleError
from pgprocess.schedule.describe import describe
from pgprocess.schedule.fields import BOUNDS, read_fields
from pgprocess.schedule.schedule import Schedule
from tests.builders.schedules import a_schedule

CYCLES = [range(60), range(24), range(1, 32), range(1, 13), range(7)]
NAMES = [[], [], [], *(list(names) for names in (calendar.month_abbr, calendar.day_abbr))]
DAY, WEEKDAY = 2, 4


def fields_with(position: int, field: str) -> tuple[str, ...]:
    fields = ["0", "0", "*", "*", "*"]
    fields[position] = field
    return tuple(fields)


def spell(draw: st.DrawFn, position: int, number: int) -> str:
    """The number in one of its spellings: zeros before it, a name in any case, 7 for Sunday."""
    words = [str(number), f"{number:02}", f"{number:03}"]
    if NAMES[position]:
        name = NAMES[position][number if position == 3 else (number - 1) % 7]
        words += [name, name.lower(), name.upper()]
    return draw(st.sampled_from(words))


@st.composite
def spelled_ranges(draw: st.DrawFn, position: int) -> tuple[str, set[int]]:
    """One part of a list, and what it means: found by walking round the cycle from its first number to its last."""
    cycle = CYCLES[position]
    first, last = draw(st.sampled_from(cycle)), draw(st.sampled_from(cycle))
    form, step = draw(st.sampled_from(["number", "start", "range", "every"])), draw(st.integers(1, 70))
    pace = f"/{step}" if (stepped := draw(st.booleans())) else ""
    if form == "number":
        return spell(draw, position, first), {first}
    if form == "every":
        return f"*{pace}", set(cycle[:: step if stepped else 1])
    if form == "start":
        return f"{spell(draw, position, first)}/{step}", set(range(first, cycle[-1] + 1, step))
    walked, at = [first], first
    while at != last:
        at = at + 1 if at + 1 in cycle else cycle[0]
        walked.append(at)
    text = f"{spell(draw, position, first)}-{spell(draw, position, last)}{pace}"
    return text, set(walked[:: step if stepped else 1])


@given(st.data())
@pytest.mark.parametrize("position", range(5))
def test_a_field_means_what_a_walk_round_its_cycle_says(position: int, data: st.DataObject) -> None:
    parts = data.draw(st.lists(spelled_ranges(position), min_size=1, max_size=4))
    field = ",".join(text for text, _ in parts)
    means = set().union(*(numbers for _, numbers in parts))
    assert set(read_fields(fields_with(position, field))[position].numbers) == means
    schedule = a_schedule(fields_with(position, field))
    if position in (0, 1):
        begin = datetime(2026, 5, 4, tzinfo=UTC) - timedelta(minutes=1)
        day = takewhile(lambda run: run < begin + timedelta(days=1), schedule.runs_after(begin))
        assert {(run.minute, run.hour)[position] for run in day} == means
    else:
        runs = schedule.next_runs(datetime(2026, 5, 4, tzinfo=UTC), 40)
        assert {(0, 0, run.day, run.month, run.isoweekday() % 7)[position] for run in runs} <= means


# Days that depend on the month


def is_nearest(day: int, at: date) -> bool:
    """Whether a date is the working day nearest to ``day`` in its month; a month without that day has its last."""
    days = [date(at.year, at.month, each) for each in range(1, calendar.monthrange(at.year, at.month)[1] + 1)]
    target = days[min(day, len(days)) - 1]
    return at == min((each for each in days if each.isoweekday() < 6), key=lambda each: abs(each - target))


def is_day(part: str, at: date) -> bool:
    if part == "L":
        return (at + timedelta(days=1)).day == 1
    return is_nearest(int(part.strip("W")), at) if "W" in part else at.day == int(part)


def is_weekday(part: str, at: date) -> bool:
    if "#" in part:
        days, _hash, place = part.partition("#")
        first, _dash, last = days.partition("-")
        return (at.day + 6) // 7 == int(place) and int(first) <= at.isoweekday() <= int(last or first)
    on_it = at.isoweekday() == (int(part.strip("L")) or 7)
    return on_it and ("L" not in part or (at + timedelta(days=7)).month != at.month)


DAYS = st.one_of(
    st.just("L"), st.integers(1, 31).map(lambda n: f"{n}W"), st.integers(1, 31).map(lambda n: f"W{n}"),
    st.integers(1, 31).map(str),
)  # fmt: skip
WEEKDAYS = st.one_of(
    st.tuples(st.integers(1, 3), st.integers(4, 7), st.integers(1, 5)).map(lambda each: "{}-{}#{}".format(*each)),
    st.tuples(st.integers(1, 7), st.integers(1, 5)).map(lambda each: "{}#{}".format(*each)),
    st.integers(0, 7).map(lambda n: f"L{n}"),
    st.integers(0, 7).map(str),
)


@given(
    st.lists(DAYS, max_size=4, unique=True),
    st.lists(WEEKDAYS, max_size=4, unique=True),
    st.dates(date(1990, 1, 1), date(2030, 1, 1)),
)
def test_days_that_depend_on_the_month_are_those_of_the_calendar(
    days: list[str], weekdays: list[str], first: date
) -> None:
    def runs_on(at: date) -> bool:
        hits = [any(is_day(part, at) for part in days), any(is_weekday(part, at) for part in weekdays)]
        return any(hits) or not (days or weekdays)

    expected = [at for n in range(1, 399) if runs_on(at := first + timedelta(days=n))]
    schedule = Schedule("0", "0", ",".join(days), "", ",".join(weekdays))
    until = datetime.combine(first + timedelta(days=399), datetime.min.time(), UTC)
    found = schedule.runs_between(datetime.combine(first, datetime.min.time(), UTC), until)
    assert [run.date() for run in found if run.date() < until.date()] == expected
    assert describe(schedule)


# In words


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"day_of_month": "W15"}, "on the working day nearest to day 15"),
        ({"day_of_month": "L,L"}, "on the last day of the month"),
        ({"day_of_month": "1,15W,L"}, "on day 1 of the month, on the last day of the month and on the working day"),
        ({"day_of_week": "mon-tue#1"}, "on the first Monday of the month and on the first Tuesday of the month"),
        ({"day_of_week": "7-0"}, "on Sunday"),
        ({"day_of_week": "*,5#2"}, "every day"),
        ({"day_of_week": "friday,5#2"}, ""),
        ({"hour": "22-6/3"}, "At 01:00, 04:00 and 22:00"),
    ],
)
def test_words_are_told_from_what_the_field_means(fields: dict[str, Any], words: str) -> None:
    schedule = Schedule(**{"minute": "0", "hour": "0"} | fields)
    if words:
        assert words in describe(schedule)
    else:
        with pytest.raises(ScheduleError, match=r"Write fri,5#2\."):
            describe(schedule)


@given(st.data())
@pytest.mark.parametrize("position", range(5))
def test_two_spellings_of_the_same_are_told_in_the_same_words(position: int, data: st.DataObject) -> None:
    text, numbers = data.draw(spelled_ranges(position))
    if len(numbers) < len(CYCLES[position]):
        listed = ",".join(str(number) for number in sorted(numbers))
        assert describe(a_schedule(fields_with(position, f"{text},{text}"))) == describe(
            a_schedule(fields_with(position, listed))
        )


# What to write instead


@pytest.mark.parametrize(
    ("position", "field", "advice"),
    [
        (0, "1, 15", "a field has no spaces, write 1,15."),
        (1, "9 - 17", "a field has no spaces, write 9-17."),
        (4, "mon , wed", "a field has no spaces, write mon,wed."),
        (4, "Monday", "Write mon."),
        (4, "Mondays", "Write mon."),
        (4, "monday-Friday", "Write mon-fri."),
        (4, "monday - friday", "write mon-fri."),
        (4, "tues,thurs", "Write tue,thu."),
        (3, "January", "Write jan."),
        (3, "sept-DECEMBER/2", "Write sep-dec/2."),
        (4, "friday#2", "Write fri#2."),
        (4, "5L", "Write L5."),
        (4, "friL", "Write Lfri."),
        (4, "fridayL", ""),
        (4, "L", "L5 for the last Friday"),
        (2, "LW", "Write 31W."),
        (2, "1,LW", "Write 1,31W."),
        (2, "L-3", "such as 28, or L."),
        (2, "15 W", ""),
        (1, "monday", ""),
    ],
)
def test_what_is_refused_says_what_to_write_instead(position: int, field: str, advice: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        a_schedule(fields_with(position, field)).check()
    assert str(caught.value).endswith((advice, f"{advice} of the month."))


@given(st.sampled_from(range(5)), st.text("0123456789*/-,#?LlWw ()monjafrisunday", min_size=1, max_size=8))
def test_what_is_advised_can_be_read(position: int, field: str) -> None:
    try:
        read_fields(fields_with(position, field))
    except ScheduleError as error:
        if better := re.search(r"(?:Write|no spaces, write) (\S+)\.$", str(error)):
            read_fields(fields_with(position, better[1]))


def test_the_last_working_day_is_the_one_nearest_to_the_31st() -> None:
    runs = Schedule("0", "0", "31W").next_runs(datetime(2026, 1, 1, tzinfo=UTC), 36)
    for run, following in pairwise(runs):
        assert run.isoweekday() < 6
        later = (run + timedelta(days=n) for n in range(1, 4))
        assert not any(each.isoweekday() < 6 and each.month == run.month for each in later)
        assert (following.year * 12 + following.month) - (run.year * 12 + run.month) == 1


@pytest.mark.parametrize("position", range(5))
@pytest.mark.parametrize("step", ["0", "00", "-1", "", "x", "*"])
def test_no_step_but_a_positive_number_is_taken(position: int, step: str) -> None:
    for field in (f"*/{step}", f"{BOUNDS[position][0]}-5/{step}"):
        with pytest.raises(ScheduleError, match="it takes"):
            read_fields(fields_with(position, field))
