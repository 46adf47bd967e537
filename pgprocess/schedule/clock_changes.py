"""Changes of a zone's clocks, and the schedules that they concern. No database, no settings, no clock."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import takewhile

from pgprocess.schedule.schedule import Schedule

DAY = 24 * 60  # minutes


@dataclass(frozen=True, slots=True)
class ClockChange:
    """At ``at`` (UTC) the wall clock jumps from ``before`` to ``after``, both naive."""

    at: datetime
    before: datetime
    after: datetime

    @property
    def forward(self) -> bool:
        """Return whether an hour is left out; otherwise an hour comes twice."""
        return self.after > self.before

    def concerns(self, schedule: Schedule) -> bool:
        """Return whether a slot of ``schedule`` never comes or comes twice, and so runs at another time, or once."""
        begin, end = sorted((self.before, self.after))
        return not schedule.names_every_hour and any(slots(schedule, begin, end))


def slots(schedule: Schedule, begin: datetime, end: datetime) -> Iterator[datetime]:
    """Yield the slots of a schedule between two naive times of a clock that never changes, the end left out."""
    wall = replace(schedule, timezone="UTC", start_at=None, end_at=None)
    runs = wall.runs_after(begin.replace(tzinfo=UTC) - timedelta(minutes=1))
    return takewhile(lambda slot: slot < end, (run.replace(tzinfo=None) for run in runs))


def clock_changes(zone: tzinfo, after: datetime, days: int) -> Iterator[ClockChange]:
    """Yield the changes in the ``days`` after the aware ``after``, exact to the minute, the next one first."""
    start = after.astimezone(UTC).replace(second=0, microsecond=0)
    for day in range(days):
        begin = start + timedelta(days=day)
        if _offset(begin, zone) != _offset(begin + timedelta(days=1), zone):
            yield _change_in_day(begin, zone)


def _change_in_day(begin: datetime, zone: tzinfo) -> ClockChange:
    earlier = _offset(begin, zone)
    minutes = range(DAY + 1)
    at = begin + timedelta(
        minutes=bisect_left(minutes, True, key=lambda m: _offset(begin + timedelta(minutes=m), zone) != earlier)
    )
    wall = at.replace(tzinfo=None)
    return ClockChange(at, wall + earlier, wall + _offset(at, zone))


def _offset(instant: datetime, zone: tzinfo) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta(0)
