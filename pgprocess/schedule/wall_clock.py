"""Moments of people become instants: in UTC, within the calendar, also where the clock shows a time twice or never.

To Python two moments of one zone are as far apart as their clocks show, and an hour that comes twice is one. So nobody
reckons with moments, or compares them, before they came through here.
"""

from __future__ import annotations

from bisect import bisect_left
from contextlib import suppress
from datetime import UTC, datetime, timedelta, tzinfo

from pgprocess.exceptions import ScheduleError

FIRST, END = datetime(2, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
"""Between these lies the calendar: whatever the zone, Python and the database can hold its moments."""


def in_utc(moment: datetime) -> datetime:
    """Return the instant of an aware moment. Raises ScheduleError for a naive one, and outside of the calendar."""
    if (found := find_utc(moment)) is None:
        raise ScheduleError(f"{moment.date().isoformat()} is outside of the calendar: say a year from 2 to 9998.")
    return found


def near_utc(moment: datetime) -> datetime:
    """Return the instant of an aware moment, or the end of the calendar that is nearest."""
    return find_utc(moment) or (FIRST if moment.year < 5000 else END)


def find_utc(moment: datetime) -> datetime | None:
    """Return the instant of an aware moment, None outside of the calendar. Raises ScheduleError for a naive one."""
    if moment.utcoffset() is None:
        raise ScheduleError(f"Give {moment} a time zone: the runs after a naive datetime can't be told.")
    with suppress(OverflowError, ValueError):
        found = moment.astimezone(UTC)
        return found if FIRST <= found < END else None
    return None


def instant_of(wall: datetime, zone: tzinfo, *, fold: int) -> datetime:
    """Return the instant of the naive ``wall`` with this fold (PEP 495)."""
    return wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def first_instant(wall: datetime, zone: tzinfo) -> datetime:
    """Return the first instant at which the clock shows ``wall``, or what comes after it where it is jumped over.

    So a slot of fixed hours runs.
    """
    first, second = (instant_of(wall, zone, fold=fold) for fold in (0, 1))
    return first if first <= second else end_of_gap(second, first, zone)


def last_instant(wall: datetime, zone: tzinfo) -> datetime:
    """Return the last instant at which the clock shows ``wall``, or what comes after it where it is jumped over."""
    return max(first_instant(wall, zone), instant_of(wall, zone, fold=1))


def end_of_gap(before: datetime, behind: datetime, zone: tzinfo) -> datetime:
    """Return the first instant with the new offset; exact to the second, as zones are."""
    offset = before.astimezone(zone).utcoffset()

    def has_jumped(seconds: int) -> bool:
        return (before + timedelta(seconds=seconds)).astimezone(zone).utcoffset() != offset

    span = range(int((behind - before).total_seconds()))
    return before + timedelta(seconds=bisect_left(span, True, key=has_jumped))
