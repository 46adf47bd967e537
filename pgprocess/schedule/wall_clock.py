"""Times of a wall clock become instants, also those that come twice or never. All instants are in UTC."""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, datetime, timedelta, tzinfo


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
