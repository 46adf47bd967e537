"""When a process runs: five cron fields and a time zone become instants. No database, no settings, no clock.

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

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from functools import lru_cache
from heapq import merge
from itertools import islice, tee
from re import sub
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from croniter import croniter

from pgprocess.exceptions import ScheduleError

_TAKES = {
    "minute": "0 to 59",
    "hour": "0 to 23",
    "day of month": "1 to 31, or L for the last day",
    "month": "1 to 12, or jan to dec",
    "day of week": "0 to 7 (Sunday is both), sun to sat, 5#2 for the second Friday, or L5 for the last one",
}
_ALIASES = {
    "@hourly": ("0", "*", "*", "*", "*"),
    "@daily": ("0", "0", "*", "*", "*"),
    "@midnight": ("0", "0", "*", "*", "*"),
    "@weekly": ("0", "0", "*", "*", "0"),
    "@monthly": ("0", "0", "1", "*", "*"),
    "@yearly": ("0", "0", "1", "1", "*"),
    "@annually": ("0", "0", "1", "1", "*"),
}
# A weekday on 29 February is the rarest thing that the fields can say: 40 years lie between 1888 and 1928.
_YEARS = 50
_LAST_YEAR = 9999  # of datetime; people write its last day for "never"
_ANY_DAY = datetime(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Five cron fields and the name of a time zone; with all five empty it never runs by itself.

    An empty field beside filled ones is ``*``. ``@daily`` and its like stand alone in ``minute``.
    """

    minute: str = ""
    hour: str = ""
    day_of_month: str = ""
    month: str = ""
    day_of_week: str = ""
    timezone: str = "UTC"

    @property
    def is_empty(self) -> bool:
        """Whether all five fields are empty: on demand only."""
        return not any(self._fields())

    def check(self) -> None:
        """It can be read, its zone is known, and it runs some day or is empty; else ScheduleError."""
        _zone(self.timezone)
        if not self.is_empty:
            lines, _ = _read(self._fields())
            if next(_slots(lines, _ANY_DAY), None) is None:
                raise ScheduleError("This schedule never runs: none of its months has such a day.")

    def next_runs(self, after: datetime, count: int) -> list[datetime]:
        """The first ``count`` runs strictly after the aware ``after``, in the schedule's zone.

        ``[]`` where the schedule is empty or never runs. Raises ScheduleError if it can't be read, for an
        unknown zone and for a naive ``after``. Compare runs with other zones in UTC: in an hour that comes
        twice Python calls no two zones' times equal (PEP 495).
        """
        return list(islice(self.runs_after(after), count))

    def runs_after(self, after: datetime) -> Iterator[datetime]:
        """All runs strictly after the aware ``after``, in the schedule's zone, found as they are asked for.

        The cost is that of the runs taken, however long ago ``after`` is. ScheduleError comes at once, not
        with the first run.
        """
        if after.utcoffset() is None:
            raise ScheduleError(f"Give {after} a time zone: the runs after a naive datetime can't be told.")
        if self.is_empty or after.year == _LAST_YEAR:
            return iter(())
        zone = _zone(self.timezone)
        lines, every_hour = _read(self._fields())
        after = after.astimezone(UTC)
        passes = _passes(_slots(lines, _wall_clock(after, zone)), zone)
        instants = _in_real_time(passes) if every_hour else _once_a_slot(passes, zone)
        return (instant.astimezone(zone) for instant in _rising(instants, after))

    def _fields(self) -> tuple[str, ...]:
        fields = (self.minute, self.hour, self.day_of_month, self.month, self.day_of_week)
        return tuple(field.strip() for field in fields)


# From five fields to crontab lines


@lru_cache(maxsize=1024)
def _read(fields: tuple[str, ...]) -> tuple[tuple[str, ...], bool]:
    """The crontab lines whose union the schedule is, and whether it names all 24 hours."""
    if any(field.startswith("@") for field in fields):
        fields = _expand_alias(fields)
    minute, hour, day, month, weekday = (
        _read_field(position, name, field or "*")
        for position, (name, field) in enumerate(zip(_TAKES, fields, strict=True))
    )
    days = [(day, weekday)]
    if day[0] not in "*?" and weekday[0] not in "*?":
        # Two lines, for croniter's own union forgets the day of month beside 5#2 or L5.
        days = [(day, "*"), ("*", weekday)]
    lines = tuple(f"{minute} {hour} {day} {month} {weekday}" for day, weekday in days)
    return lines, "*" in croniter.expand(lines[0])[0][1]


def _expand_alias(fields: tuple[str, ...]) -> tuple[str, ...]:
    alias, *others = fields
    if any(others):
        raise ScheduleError("A word with @ says it all: put it into minute and leave the other fields empty.")
    if alias.lower() not in _ALIASES:
        raise ScheduleError(f'There is no "{alias}": use {", ".join(_ALIASES)}, or fill in the five fields.')
    return _ALIASES[alias.lower()]


def _read_field(position: int, name: str, field: str) -> str:
    """The field as croniter shall read it; ScheduleError if it can't."""
    refused = f'The {name} can\'t be "{field}":'
    if len(field.split()) > 1:
        raise ScheduleError(f"{refused} a field has no spaces, and there is none for seconds or years.")
    if field[0] in "hrHR":
        raise ScheduleError(f"{refused} H and R leave the time to chance, so write the one you want.")
    # To croniter 5-5 is the whole cycle; to cron, and to people, it is 5.
    field = sub(r"(?i)(?<![\w-])(\w+)-\1(/[1-9]\d*)?(?![\w/-])", r"\1", field)
    line = ["*"] * len(_TAKES)
    line[position] = field
    try:
        croniter.expand(" ".join(line))
    except ValueError as error:
        raise ScheduleError(f"{refused} it takes {_TAKES[name]}, and * or , - / with these.") from error
    return field


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        zones = {zone.lower(): zone for zone in available_timezones()}
        near = get_close_matches(name.strip().lower().replace(" ", "_"), zones, n=1)
        advice = f"did you mean {zones[near[0]]}?" if near else "use a name such as Europe/Berlin, or UTC."
        raise ScheduleError(f'There is no time zone "{name}": {advice}') from error


# From crontab lines to instants


def _slots(lines: tuple[str, ...], after: datetime) -> Iterator[datetime]:
    """The slots of the wall clock in the minutes after ``after``, naive; a slot of two lines comes twice."""
    return merge(
        *(
            croniter(line, after, datetime, day_or=False, max_years_between_matches=_YEARS).all_next(datetime)
            for line in lines
        )
    )


def _passes(slots: Iterable[datetime], zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """The two instants that each slot may be: the same but around a change of the clocks.

    The second is the later if the slot comes twice, and the earlier if it never comes (PEP 495).
    """
    return ((_instant(slot, zone, fold=0), _instant(slot, zone, fold=1)) for slot in slots)


def _instant(slot: datetime, zone: ZoneInfo, *, fold: int) -> datetime:
    return slot.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def _wall_clock(instant: datetime, zone: ZoneInfo) -> datetime:
    """The naive minute before which nothing on the wall is still to come.

    It is the minute on the wall; if that minute comes twice, it is earlier by as much as the clocks go back.
    """
    wall = instant.astimezone(zone).replace(second=0, microsecond=0, tzinfo=None)
    repeats_after = _instant(wall, zone, fold=1) - _instant(wall, zone, fold=0)
    return wall - max(repeats_after, timedelta(0))


def _in_real_time(passes: Iterable[tuple[datetime, datetime]]) -> Iterator[datetime]:
    firsts, seconds = tee((first, second) for first, second in passes if first <= second)
    return merge((first for first, _ in firsts), (second for _, second in seconds))


def _once_a_slot(passes: Iterable[tuple[datetime, datetime]], zone: ZoneInfo) -> Iterator[datetime]:
    for first, second in passes:
        yield first if first <= second else _end_of_gap(second, first, zone)


def _end_of_gap(before: datetime, behind: datetime, zone: ZoneInfo) -> datetime:
    """The first instant with the new offset; exact to the second, as zones are."""
    offset = before.astimezone(zone).utcoffset()

    def has_jumped(seconds: int) -> bool:
        return (before + timedelta(seconds=seconds)).astimezone(zone).utcoffset() != offset

    span = range(int((behind - before).total_seconds()))
    return before + timedelta(seconds=bisect_left(span, True, key=has_jumped))


def _rising(instants: Iterable[datetime], after: datetime) -> Iterator[datetime]:
    """The instants after ``after``, each once."""
    for instant in instants:
        if instant > after:
            after = instant
            yield instant
