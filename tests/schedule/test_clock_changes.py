"""The clocks of a zone change: when, how, and whether a schedule minds."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from pgprocess.schedule.clock_changes import clock_changes
from pgprocess.schedule.schedule import Schedule

BERLIN = ZoneInfo("Europe/Berlin")


def changes(zone: str, day: datetime, days: int = 60) -> list[tuple[str, str, str]]:
    return [
        (f"{change.at:%Y-%m-%d %H:%M}", f"{change.before:%H:%M}", f"{change.after:%H:%M}")
        for change in clock_changes(ZoneInfo(zone), day, days)
    ]


@pytest.mark.parametrize(
    ("zone", "day", "found"),
    [
        ("Europe/Berlin", datetime(2027, 3, 1, tzinfo=UTC), [("2027-03-28 01:00", "02:00", "03:00")]),
        ("Europe/Berlin", datetime(2026, 10, 1, tzinfo=UTC), [("2026-10-25 01:00", "03:00", "02:00")]),
        ("Europe/Berlin", datetime(2026, 6, 1, tzinfo=UTC), []),
        ("Australia/Lord_Howe", datetime(2026, 10, 1, tzinfo=UTC), [("2026-10-03 15:30", "02:00", "02:30")]),
        ("UTC", datetime(2027, 3, 1, tzinfo=UTC), []),
    ],
)
def test_the_changes_of_the_next_days_are_found(zone: str, day: datetime, found: list[tuple[str, str, str]]) -> None:
    assert changes(zone, day) == found


@pytest.mark.parametrize(
    ("minute", "hour", "spring", "autumn"),
    [
        ("30", "2", True, True),
        ("0", "12", False, False),
        ("*/15", "1", False, False),
        ("0,30", "2", True, True),
        ("0", "3", False, False),
        ("0", "2-4", True, True),
        ("*/10", "*", False, False),
        ("@hourly", "", False, False),
        ("@daily", "", False, False),
        ("15", "", False, False),
    ],
)
def test_a_schedule_is_concerned_if_a_slot_is_left_out_or_comes_twice(
    minute: str, hour: str, spring: bool, autumn: bool
) -> None:
    schedule = Schedule(minute, hour, timezone="Europe/Berlin")
    [forward] = clock_changes(BERLIN, datetime(2027, 3, 1, tzinfo=UTC), 60)
    [back] = clock_changes(BERLIN, datetime(2026, 10, 1, tzinfo=UTC), 60)
    assert forward.forward
    assert not back.forward
    assert back.concerns(schedule) is autumn
    assert forward.concerns(schedule) is spring
