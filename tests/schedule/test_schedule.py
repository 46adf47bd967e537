"""What a schedule says, rule by rule; test_schedule_oracle.py holds it against an independent walk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from croniter import croniter
from hypothesis import given, settings
from hypothesis import strategies as st

from pgprocess.exceptions import ScheduleError
from pgprocess.schedule.describe import describe
from pgprocess.schedule.schedule import Schedule
from tests.builders.schedules import a_schedule

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)  # a Monday


def cron(line: str, zone: str = "UTC") -> Schedule:
    return a_schedule(line.split(), zone)


def runs(line: str, after: str, count: int = 3, zone: str = "UTC") -> list[str]:
    """The next runs as ``month-day hour:minute offset``, after the first pass of a local time."""
    start = datetime.fromisoformat(after).replace(tzinfo=ZoneInfo(zone))
    return [f"{run:%m-%d %H:%M %z}" for run in cron(line, zone).next_runs(start, count)]


def new_york(line: str, after: str, count: int) -> list[str]:
    """The next runs in New York as ``day hour:minute`` and EST or EDT."""
    zone = ZoneInfo("America/New_York")
    start = datetime.fromisoformat(after).replace(tzinfo=zone)
    return [f"{run:%d %H:%M %Z}" for run in cron(line, zone.key).next_runs(start, count)]


def days(line: str, after: str, count: int = 3) -> list[str]:
    return [run[:5] for run in runs(line, after, count)]


def refusal(schedule: Schedule) -> str:
    with pytest.raises(ScheduleError) as caught:
        schedule.check()
    return str(caught.value)


# Which runs


def test_a_schedule_of_empty_fields_never_runs_by_itself() -> None:
    schedule = Schedule(minute=" ")
    schedule.check()
    assert schedule.is_empty
    assert schedule.next_runs(NOON, 5) == []


def test_an_empty_field_among_filled_ones_is_a_star() -> None:
    schedule = Schedule(hour="5")
    assert not schedule.is_empty
    assert schedule.next_runs(NOON, 61) == cron("* 5 * * *").next_runs(NOON, 61)


def test_runs_come_strictly_after_the_given_instant() -> None:
    assert runs("0 12 * * *", "2026-05-04T12:00", 1) == ["05-05 12:00 +0000"]
    assert runs("0 12 * * *", "2026-05-04T11:59:59.999999", 1) == ["05-04 12:00 +0000"]
    assert runs("0 12 * * *", "2026-05-04T12:00:00.000001", 1) == ["05-05 12:00 +0000"]


def test_runs_are_in_the_zone_of_the_schedule_whatever_the_zone_of_the_question() -> None:
    tokyo = NOON.astimezone(ZoneInfo("Asia/Tokyo"))
    (run,) = cron("30 8 * * *", "Europe/Berlin").next_runs(tokyo, 1)
    assert run.isoformat() == "2026-05-05T08:30:00+02:00"
    assert run.tzinfo == ZoneInfo("Europe/Berlin")


ALIASES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    " @Daily ": "0 0 * * *",
}


@pytest.mark.parametrize("alias", ALIASES)
def test_an_alias_in_minute_stands_for_all_five_fields(alias: str) -> None:
    schedule = Schedule(alias, timezone="Europe/Berlin")
    schedule.check()
    assert schedule.next_runs(NOON, 30) == cron(ALIASES[alias], "Europe/Berlin").next_runs(NOON, 30)


@pytest.mark.parametrize("sunday", ["0", "7", "sun", "SUN"])
def test_sunday_has_many_names(sunday: str) -> None:
    assert days(f"0 0 * * {sunday}", "2026-05-04") == ["05-10", "05-17", "05-24"]


def test_either_day_is_a_day_where_both_fields_are_restricted() -> None:
    assert days("0 0 13 * fri", "2026-05-04", 4) == ["05-08", "05-13", "05-15", "05-22"]


def test_a_day_field_that_begins_with_a_star_restricts_the_other_one() -> None:
    assert days("0 0 */2 * mon", "2026-05-04", 4) == ["05-11", "05-25", "06-01", "06-15"]
    assert days("0 0 1-31/2 * mon", "2026-05-04", 4) == ["05-05", "05-07", "05-09", "05-11"]
    assert days("0 0 13 * */2", "2026-05-04", 2) == ["06-13", "08-13"]
    assert days("0 0 ? * mon", "2026-05-04", 2) == ["05-11", "05-18"]


def test_either_day_is_a_day_beside_the_second_or_the_last_weekday_too() -> None:
    assert days("0 0 8-9 * 0#2", "2026-05-04", 4) == ["05-08", "05-09", "05-10", "06-08"]
    assert days("0 0 1 * L5", "2026-05-04", 4) == ["05-29", "06-01", "06-26", "07-01"]


def test_the_last_day_of_a_month_follows_the_calendar() -> None:
    assert days("0 0 L * *", "2028-01-15") == ["01-31", "02-29", "03-31"]


def test_a_range_from_a_number_to_itself_is_that_number() -> None:
    assert runs("5-5 3-3/2 * * *", "2026-05-04", 2) == ["05-04 03:05 +0000", "05-05 03:05 +0000"]
    assert days("0 0 * Jun-JUN Mon-mon", "2026-05-04", 2) == ["06-01", "06-08"]
    assert days("0 0 * * 0-7", "2026-05-04", 2) == ["05-05", "05-06"]


def test_a_schedule_may_be_as_rare_as_a_monday_on_29_february() -> None:
    leap_day, fifth_monday = cron("0 0 29 2 *"), cron("0 0 * 2 1#5")
    leap_day.check()
    fifth_monday.check()
    assert [run.year for run in leap_day.next_runs(datetime(2095, 1, 1, tzinfo=UTC), 2)] == [2096, 2104]
    assert [run.year for run in fifth_monday.next_runs(NOON, 3)] == [2044, 2072, 2112]


def test_a_day_that_never_comes_leaves_the_other_days() -> None:
    schedule = cron("0 0 31 2 mon")
    schedule.check()
    assert [f"{run:%m-%d}" for run in schedule.next_runs(NOON, 2)] == ["02-01", "02-08"]


def test_a_few_runs_long_after_the_question_take_only_a_few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[datetime] = []

    def counted(self: croniter, *arguments: Any, **options: Any) -> Iterator[Any]:
        for slot in real(self, *arguments, **options):
            steps.append(slot)
            yield slot

    real = croniter.all_next
    monkeypatch.setattr(croniter, "all_next", counted)
    (first,) = cron("* * * * *", "America/New_York").next_runs(datetime(1995, 1, 1, tzinfo=UTC), 1)
    assert first.year == 1994
    assert 0 < len(steps) < 5


def test_a_start_at_the_end_of_the_calendar_means_never() -> None:
    assert cron("* * * * *", "Asia/Tokyo").next_runs(datetime.max.replace(tzinfo=UTC), 1) == []


# When the clocks change


def test_a_slot_in_the_gap_runs_at_the_first_instant_after_it() -> None:
    assert new_york("30 2 * * *", "2026-03-07T12:00", 2) == ["08 03:00 EDT", "09 02:30 EDT"]


def test_several_slots_in_the_gap_are_one_run() -> None:
    assert new_york("*/10 2,3 * * *", "2026-03-08T01:00", 2) == ["08 03:00 EDT", "08 03:10 EDT"]


def test_every_other_hour_makes_up_for_the_lost_one() -> None:
    assert new_york("0 */2 * * *", "2026-03-08T00:00", 2) == ["08 03:00 EDT", "08 04:00 EDT"]


def test_a_slot_that_comes_twice_runs_the_first_time() -> None:
    assert new_york("30 1 * * *", "2026-10-31T12:00", 2) == ["01 01:30 EDT", "02 01:30 EST"]


def test_a_slot_that_comes_twice_has_run_when_asked_between_its_times() -> None:
    after = datetime(2026, 11, 1, 1, 10, tzinfo=ZoneInfo("America/New_York"), fold=1)
    (run,) = cron("30 1 * * *", "America/New_York").next_runs(after, 1)
    assert f"{run:%m-%d %H:%M}" == "11-02 01:30"


def test_the_minutes_of_one_hour_run_once_though_the_hour_comes_twice() -> None:
    found = new_york("*/30 1 * * *", "2026-11-01T00:00", 3)
    assert found == ["01 01:00 EDT", "01 01:30 EDT", "02 01:00 EST"]


def test_a_schedule_of_all_hours_runs_in_real_time() -> None:
    found = new_york("*/30 * * * *", "2026-11-01T00:30", 5)
    assert found == ["01 01:00 EDT", "01 01:30 EDT", "01 01:00 EST", "01 01:30 EST", "01 02:00 EST"]
    assert new_york("30 0-23 * * *", "2026-03-08T01:00", 2) == ["08 01:30 EST", "08 03:30 EDT"]


def test_all_hours_asked_within_the_first_pass_find_the_second_one() -> None:
    assert new_york("5 * * * *", "2026-11-01T01:40", 2) == ["01 01:05 EST", "01 02:05 EST"]


@pytest.mark.parametrize(
    ("line", "zone", "after", "wanted"),
    [
        ("15 2 * * *", "Australia/Lord_Howe", "2024-10-05T12:00", "10-06 02:30 +1100"),
        ("45 1 * * *", "Australia/Lord_Howe", "2024-04-06T12:00", "04-07 01:45 +1100"),
        ("30 2 * * *", "Antarctica/Troll", "2024-03-30T12:00", "03-31 03:00 +0200"),
        ("0 0 * * *", "America/Santiago", "2024-09-07T12:00", "09-08 01:00 -0300"),
        ("30 0 * * *", "Africa/Cairo", "2024-04-25T12:00", "04-26 01:00 +0300"),
        ("30 2 * * *", "Africa/Casablanca", "2024-04-13T12:00", "04-14 03:00 +0100"),
        ("0 9 * * *", "Pacific/Apia", "2011-12-29T12:00", "12-31 00:00 +1400"),
    ],
)
def test_odd_gaps_and_repeats_follow_the_same_rule(line: str, zone: str, after: str, wanted: str) -> None:
    assert runs(line, after, 1, zone) == [wanted]


def test_a_lost_day_is_one_run_and_the_next_day_has_its_own() -> None:
    found = runs("0 9 * * *", "2011-12-29T12:00", 2, "Pacific/Apia")
    assert found == ["12-31 00:00 +1400", "12-31 09:00 +1400"]
    assert runs("0 * * * *", "2011-12-29T23:00", 1, "Pacific/Apia") == ["12-31 00:00 +1400"]


# What is refused

UNREADABLE = {
    "minute": ["60", "a", "*/0", ",", "5-1-1"],
    "hour": ["24", "-1", "?"],
    "day_of_month": ["32", "0", "5L"],
    "month": ["13", "foo"],
    "day_of_week": ["8", "5#6"],
}


@pytest.mark.parametrize(("field", "bad"), [(field, bad) for field in UNREADABLE for bad in UNREADABLE[field]])
def test_a_field_that_cannot_be_read_is_named(field: str, bad: str) -> None:
    given: dict[str, Any] = {"hour": "0", field: bad}
    schedule = Schedule(**given)
    assert refusal(schedule).startswith(f'The {field.replace("_", " ")} can\'t be "{bad}": it takes ')
    with pytest.raises(ScheduleError):
        schedule.runs_after(NOON)


@pytest.mark.parametrize("minute", ["0 0 * * *", "*/10 0", "0 0 0 1 1 * 2027"])
def test_seconds_and_years_and_whole_lines_in_one_field_are_refused(minute: str) -> None:
    assert "a field has no spaces, and there is none for seconds or years" in refusal(Schedule(minute, "0"))


@pytest.mark.parametrize("chance", ["R", "r/15", "R(0-29)", "H", "h/15"])
def test_times_by_chance_are_refused(chance: str) -> None:
    assert "H and R leave the time to chance" in refusal(Schedule(chance, "0"))


@pytest.mark.parametrize("alias", ["@reboot", "@every", "@"])
def test_an_unknown_alias_is_refused_with_those_there_are(alias: str) -> None:
    assert refusal(Schedule(alias)).startswith(f'There is no "{alias}": use @hourly, @daily, ')


@pytest.mark.parametrize("fields", [("@daily", "1"), ("", "@daily"), ("0", "0", "*", "*", "@weekly")])
def test_an_alias_beside_other_fields_is_refused(fields: tuple[str, ...]) -> None:
    assert "put it into minute and leave the other fields empty" in refusal(a_schedule(fields))


@pytest.mark.parametrize("line", ["0 0 31 2 *", "0 0 30 feb *", "0 0 31 4,6,9,11 *", "0 0 31 2 ?"])
def test_a_schedule_that_never_runs_is_refused(line: str) -> None:
    assert refusal(cron(line)) == "This schedule never runs: none of its months has such a day."
    assert cron(line).next_runs(NOON, 1) == []


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("Europe/Berln", "did you mean Europe/Berlin?"),
        ("europe/berlin", "did you mean Europe/Berlin?"),
        ("New York", "did you mean America/New_York?"),
        ("Mars/Olympus", "use a name such as Europe/Berlin, or UTC."),
        ("", "use a name such as Europe/Berlin, or UTC."),
        ("../../etc/passwd", "use a name such as Europe/Berlin, or UTC."),
        ("x" * 5000, "use a name such as Europe/Berlin, or UTC."),
        ("\0", "use a name such as Europe/Berlin, or UTC."),
    ],
)
def test_an_unknown_zone_is_refused_with_the_nearest_name(name: str, advice: str) -> None:
    wanted = f'There is no time zone "{name}": {advice}'
    assert refusal(Schedule("0", timezone=name)) == refusal(Schedule(timezone=name)) == wanted


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ScheduleError, match="Give 2026-05-04 12:00:00 a time zone"):
        cron("0 0 * * *").next_runs(NOON.replace(tzinfo=None), 1)


@given(st.lists(st.text("0123456789*/-,#?LlWwHRhr@ ()monjanfe\t\0é", max_size=6), min_size=5, max_size=5))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_whatever_people_type_is_read_or_refused_with_a_sentence(fields: list[str]) -> None:
    schedule = a_schedule(fields)
    try:
        schedule.check()
    except ScheduleError as error:
        assert str(error).endswith((".", "?"))
    else:
        assert schedule.is_empty or schedule.next_runs(NOON, 2)[0] <= NOON + timedelta(days=50 * 366)


@pytest.mark.parametrize(
    ("position", "field", "means"),
    [
        (0, "50-10/7", [4, 50, 57]),
        (0, "55-25/10", [5, 15, 25, 55]),
        (0, "05-5", [5]),
        (0, "0-00", [0]),
        (1, "22-6/3", [1, 4, 22]),
        (1, "23-5/4", [3, 23]),
        (1, "17-2/3", [2, 17, 20, 23]),
        (1, "09-9", [9]),
        (2, "01-1", [1]),
        (2, "29-3/2", [2, 29, 31]),
        (3, "11-2/3", [2, 11]),
        (3, "oct-mar/2", [2, 10, 12]),
        (3, "jan-1", [1]),
        (4, "sat-mon/2", [1, 6]),
        (4, "mon-1", [1]),
        (4, "1-mon", [1]),
        (4, "7-0", [0]),
        (4, "7-2", [0, 1, 2]),
        (4, "5-7", [0, 5, 6]),
        (4, "*,5#2", [0, 1, 2, 3, 4, 5, 6]),
    ],
)
def test_a_range_means_what_cron_and_people_read_in_it(position: int, field: str, means: list[int]) -> None:
    fields: Any = ["0", "0", "*", "*", "*"]
    fields[position] = field
    if position == 0:
        fields[1] = "*"
    found = Schedule(*fields).next_runs(datetime(2026, 12, 31, 23, 59, tzinfo=UTC), 400)
    assert sorted({(at.minute, at.hour, at.day, at.month, at.isoweekday() % 7)[position] for at in found}) == means


@pytest.mark.parametrize(
    "zone", ["right/Europe/Madrid", "right/UTC", "posixrules", "localtime", "Factory", "posix/UTC"]
)
def test_a_zone_that_is_no_place_is_refused(zone: str) -> None:
    with pytest.raises(ScheduleError, match="There is no time zone"):
        Schedule("0", "3", timezone=zone).check()


@pytest.mark.parametrize(
    "bounds",
    [
        {"start_at": datetime(1, 1, 1, tzinfo=UTC)},
        {"end_at": datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)},
        {"start_at": datetime(9999, 1, 1, tzinfo=UTC)},
    ],
)
def test_bounds_outside_of_the_calendar_are_refused_in_one_sentence(bounds: Any) -> None:
    schedule = Schedule("0", "0", timezone="Europe/Madrid", **bounds)
    for reads in (
        schedule.check,
        lambda: schedule.next_runs(datetime(2026, 1, 1, tzinfo=UTC), 1),
        lambda: describe(schedule),
    ):
        with pytest.raises(ScheduleError, match="say a year from 2 to 9998"):
            reads()


def test_a_schedule_has_no_runs_behind_the_end_of_the_calendar() -> None:
    schedule = Schedule("0", "0", "31", "2", "mon", start_at=datetime(9960, 1, 1, tzinfo=UTC))
    assert len(schedule.next_runs(datetime(9998, 12, 1, tzinfo=UTC), 1)) <= 1
