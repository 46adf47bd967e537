"""Five cron fields and a time zone become the instants at which a process runs. No database, no settings, no clock.

croniter reads the fields and walks the wall clock; this module decides which instant each of its slots is.

- A schedule of fixed hours runs once a slot: a slot that the clocks jump over runs at the first instant after
  the gap (several such slots are one run), a slot that comes twice runs the first time.
- A schedule that names all 24 hours runs in real time: a slot that comes twice runs twice, one that never
  comes does not run. cron looks for a ``*`` in minute or hour instead; here only the hours decide, so that
  the four runs of ``*/15 1`` are four on every day of the year.
- Where day of month and day of week are both restricted, either makes a day. As in Vixie's cron a field that
  begins with ``*`` is not restricted, so ``*/2`` with ``mon`` means the Mondays among the odd days.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from heapq import merge
from itertools import islice, takewhile, tee

from croniter import croniter

from pgprocess.exceptions import ScheduleError
from pgprocess.schedule.fields import BLANKS, HOUR, MINUTE, Field, crontab_lines, read_fields
from pgprocess.schedule.wall_clock import END, end_of_gap, find_utc, in_utc, instant_of, near_utc
from pgprocess.schedule.zones import zone_named

# A weekday on 29 February is the rarest thing that the fields can say: 40 years lie between 1888 and 1928.
_YEARS = 50
_AFTER_ALL = datetime(9999, 1, 3)  # on every clock behind the end of the calendar
_ANY_DAY = datetime(2000, 1, 1)
_MOMENT = timedelta(microseconds=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Five cron fields and the name of a time zone; a schedule with five empty fields never runs.

    An empty field beside filled ones is ``*``. ``@daily`` and its like stand alone in ``minute``. Runs before the
    aware ``start_at`` and after ``end_at`` are left out.
    """

    minute: str = ""
    hour: str = ""
    day_of_month: str = ""
    month: str = ""
    day_of_week: str = ""
    timezone: str = "UTC"
    start_at: datetime | None = None
    end_at: datetime | None = None

    @property
    def is_empty(self) -> bool:
        """Return whether all five fields are empty: the process runs on demand only."""
        return not any(self._fields())

    def check(self) -> None:
        """Raise ScheduleError for a field that can't be read, an unknown zone, or a schedule that never runs.

        An empty schedule is right.
        """
        zone_named(self.timezone)
        self.check_bounds()
        if not self.is_empty:
            lines = crontab_lines(self._fields())
            if next(_slots(lines, _ANY_DAY), None) is None:
                raise ScheduleError("This schedule never runs: none of its months has such a day.")
        if self.start_at and self.end_at:
            start, end = in_utc(self.start_at), in_utc(self.end_at)
            if start > end:
                raise ScheduleError("This schedule ends before it starts.")
            if not self.is_empty and not self.next_runs(start - _MOMENT, 1):
                raise ScheduleError("This schedule never runs: no slot lies between its start and its end.")

    def check_bounds(self) -> None:
        """Raise ScheduleError for a start or an end that is naive or outside of the calendar."""
        for moment in (self.start_at, self.end_at):
            if moment and find_utc(moment) is None:
                date = moment.date().isoformat()
                raise ScheduleError(f"A schedule can't start or end on {date}: say a year from 2 to 9998.")

    def next_runs(self, after: datetime, count: int) -> list[datetime]:
        """Return the first ``count`` runs strictly after the aware ``after``, in the schedule's zone.

        Returns ``[]`` where the schedule is empty or never runs. Raises ScheduleError for fields that can't be read,
        for an unknown zone and for a naive ``after``. Compare runs with other zones in UTC: in an hour that comes
        twice Python calls no two zones' times equal (PEP 495).
        """
        return list(islice(self.runs_after(after), count))

    def runs_after(self, after: datetime) -> Iterator[datetime]:
        """Yield all runs strictly after the aware ``after``, in the schedule's zone, as they are asked for.

        The cost is that of the runs taken, however long ago ``after`` is. Raises ScheduleError at once, not with the
        first run.
        """
        self.check_bounds()
        after = near_utc(after)
        if self.start_at:
            after = max(after, in_utc(self.start_at) - _MOMENT)
        if self.is_empty or after == END:
            return iter(())
        zone = zone_named(self.timezone)
        passes = _passes(_slots(crontab_lines(self._fields()), _wall_clock(after, zone)), zone)
        instants = _rising(_in_real_time(passes) if self.names_every_hour else _once_a_slot(passes, zone), after)
        end = min(in_utc(self.end_at) + _MOMENT, END) if self.end_at else END
        return (instant.astimezone(zone) for instant in takewhile(lambda instant: instant < end, instants))

    def runs_between(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """Yield all runs strictly after ``after`` and not after ``until``, both aware."""
        until = near_utc(until)
        return takewhile(lambda run: run.astimezone(UTC) <= until, self.runs_after(after))

    def newest(self, after: datetime, until: datetime, count: int) -> list[datetime]:
        """Return the last ``count`` runs between the two, oldest first; the cost is that of some times as many runs."""
        after, until = near_utc(after), near_utc(until)
        window = timedelta(hours=1)
        while window < until - after:
            if len(found := deque(self.runs_between(until - window, until), count)) == count:
                return list(found)
            window *= 4
        return list(deque(self.runs_between(after, until), count))

    def count(self, after: datetime, until: datetime) -> int:
        """Return how many runs lie between the two; a whole day without a change of the clocks is one step."""
        self.check_bounds()
        after, until = near_utc(after), near_utc(until)
        after = max(after, in_utc(self.start_at) - _MOMENT) if self.start_at else after
        until = min(until, in_utc(self.end_at)) if self.end_at else until
        zone = zone_named(self.timezone)
        day, last = (moment.astimezone(zone).date() for moment in (after, until))
        if self.is_empty or day >= last:
            return self._count_all(after, until)
        a_day = len(self.fields[MINUTE].numbers) * len(self.fields[HOUR].numbers)
        run_days = self._run_days(day, last)
        total = self._count_all(after, _midnight(day + _DAY, zone) - _MOMENT)
        while (day := day + _DAY) < last:
            if _is_odd(day, zone):
                total += self._count_all(_midnight(day, zone) - _MOMENT, _midnight(day + _DAY, zone) - _MOMENT)
            elif day in run_days:
                total += a_day
        return total + self._count_all(_midnight(last, zone) - _MOMENT, until)

    def _count_all(self, after: datetime, until: datetime) -> int:
        return sum(1 for _ in self.runs_between(after, until))

    def _run_days(self, first: date, last: date) -> set[date]:
        """Return the days on the wall clock, from the first on and before the last, on which there are slots."""
        lines = tuple(f"0 0 {line.split(None, 2)[2]}" for line in crontab_lines(self._fields()))
        days = (slot.date() for slot in _slots(lines, _start(first)))
        return {*takewhile(lambda day: day < last, days)}

    @property
    def fields(self) -> tuple[Field, ...]:
        """Return the five fields as numbers: a word with @ written out, * for an empty field. Raises ScheduleError."""
        return read_fields(self._fields())

    @property
    def names_every_hour(self) -> bool:
        """Return whether the schedule names all 24 hours, and so runs in real time, whatever the clocks do."""
        return self.fields[HOUR].is_any

    def _fields(self) -> tuple[str, ...]:
        fields = (self.minute, self.hour, self.day_of_month, self.month, self.day_of_week)
        return tuple(field.strip(BLANKS) for field in fields)


# From crontab lines to instants


def _slots(lines: tuple[str, ...], after: datetime) -> Iterator[datetime]:
    """Yield the slots of the wall clock in the minutes after ``after``, naive; a slot of two lines comes twice."""
    return merge(*(_slots_of(line, after) for line in lines))


def _slots_of(line: str, after: datetime) -> Iterator[datetime]:
    walk = croniter(line, after, datetime, day_or=False, max_years_between_matches=_YEARS).all_next(datetime)
    with suppress(OverflowError, ValueError):  # behind the last year that Python knows
        yield from takewhile(lambda slot: slot < _AFTER_ALL, walk)


def _passes(slots: Iterable[datetime], zone: tzinfo) -> Iterator[tuple[datetime, datetime]]:
    """Yield the two instants that each slot may be: the same one but around a change of the clocks.

    The second is the later if the slot comes twice, and the earlier if it never comes (PEP 495).
    """
    return ((instant_of(slot, zone, fold=0), instant_of(slot, zone, fold=1)) for slot in slots)


def _start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return instant_of(_start(day), zone, fold=0)


def _is_odd(day: date, zone: tzinfo) -> bool:
    """Return whether the clocks may change on that day, or near either end of it."""
    times = (_start(day) + timedelta(hours=hours) for hours in range(-24, 49, 6))
    return len({time.replace(tzinfo=zone).utcoffset() for time in times}) > 1


def _wall_clock(instant: datetime, zone: tzinfo) -> datetime:
    """Return the naive minute of the wall clock before which no slot is still to come.

    That is the minute on the wall clock; a minute that comes twice is moved back by as much as the clocks go back.
    """
    wall = instant.astimezone(zone).replace(second=0, microsecond=0, tzinfo=None)
    repeats_after = instant_of(wall, zone, fold=1) - instant_of(wall, zone, fold=0)
    return wall - max(repeats_after, timedelta(0))


def _in_real_time(passes: Iterable[tuple[datetime, datetime]]) -> Iterator[datetime]:
    firsts, seconds = tee((first, second) for first, second in passes if first <= second)
    return merge((first for first, _ in firsts), (second for _, second in seconds))


def _once_a_slot(passes: Iterable[tuple[datetime, datetime]], zone: tzinfo) -> Iterator[datetime]:
    for first, second in passes:
        yield first if first <= second else end_of_gap(second, first, zone)


def _rising(instants: Iterable[datetime], after: datetime) -> Iterator[datetime]:
    """Yield the instants after ``after``, each once."""
    for instant in instants:
        if instant > after:
            after = instant
            yield instant
