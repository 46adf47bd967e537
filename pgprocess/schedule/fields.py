"""The five fields of a schedule are read here, into numbers; what is wrong with a field is said in one sentence.

Nobody else reads a field: croniter walks over numbers, and words are told from numbers, so that a range through the end
of its cycle or a name means the same to all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from pgprocess.exceptions import ScheduleError

FIELDS = ("minute", "hour", "day of month", "month", "day of week")
MINUTE, HOUR, DAY, MONTH, WEEKDAY = range(5)
TAKES = (
    "0 to 59",
    "0 to 23",
    "1 to 31, or L for the last day",
    "1 to 12, or jan to dec",
    "0 to 7 (Sunday is both), sun to sat, 5#2 for the second Friday, or L5 for the last one",
)
BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
SIZES = (60, 24, 31, 12, 7)
NAMES = {
    MONTH: (
        *("january", "february", "march", "april", "may", "june"),
        *("july", "august", "september", "october", "november", "december"),
    ),
    WEEKDAY: ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"),
}
"""People write the first three letters of these."""
BLANKS = " \t\n\r\f\v"
LAST = -1
"""As a place among the weekdays of a month: the last one."""
ALIASES = {
    "@hourly": ("0", "*", "*", "*", "*"),
    "@daily": ("0", "0", "*", "*", "*"),
    "@midnight": ("0", "0", "*", "*", "*"),
    "@weekly": ("0", "0", "*", "*", "0"),
    "@monthly": ("0", "0", "1", "*", "*"),
    "@yearly": ("0", "0", "1", "1", "*"),
    "@annually": ("0", "0", "1", "1", "*"),
}
RANGE = re.compile(r"(?:([*?])|([a-z0-9]+)(?:-([a-z0-9]+))?)(?:/(\d{1,9}))?", re.ASCII)
NEAREST = re.compile(r"(\d{1,4})w|w(\d{1,4})", re.ASCII)
NTH = re.compile(r"([a-z0-9]+(?:-[a-z0-9]+)?)#([1-5])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Field:
    """The values that one field names: ``numbers``, sorted, and days that depend on the month.

    ``last_day``: L. ``nearest``: the days of 15W. ``places``: pairs of weekday and place, (5, 2) for 5#2 and (5, LAST)
    for L5. ``starred``: the field begins with a star; of two such day fields none restricts the other.
    """

    position: int
    numbers: tuple[int, ...]
    starred: bool = False
    last_day: bool = False
    nearest: tuple[int, ...] = ()
    places: tuple[tuple[int, int], ...] = ()

    @property
    def is_any(self) -> bool:
        """Return whether the field names every number that there is."""
        return len(self.numbers) == SIZES[self.position]

    @property
    def crontab(self) -> list[str]:
        """Return what croniter shall read, several texts where it can't read these in one: any of them is meant."""
        if self.is_any:
            return ["*"]
        plain = [*map(str, self.numbers), *(["l"] if self.last_day else [])]
        places = [f"l{day}" if place == LAST else f"{day}#{place}" for day, place in self.places]
        return [",".join(part) for part in (plain, places) if part] + [f"{day}w" for day in self.nearest]


@lru_cache(maxsize=1024)
def read_fields(fields: tuple[str, ...]) -> tuple[Field, ...]:
    """Return the five fields as numbers: a word with @ written out, * for an empty field. Raises ScheduleError."""
    fields = tuple(field.strip(BLANKS) for field in fields)
    if any(field.startswith("@") for field in fields):
        fields = _expand_alias(fields)
    return tuple(_read_field(position, field or "*") for position, field in enumerate(fields))


@lru_cache(maxsize=1024)
def crontab_lines(fields: tuple[str, ...]) -> tuple[str, ...]:
    """Return the crontab lines whose union the schedule is."""
    minute, hour, day, month, weekday = read_fields(fields)
    if day.starred or weekday.starred:
        days = [(one, other) for one in day.crontab for other in weekday.crontab]
    else:
        days = [(one, "*") for one in day.crontab] + [("*", other) for other in weekday.crontab]
    [minutes], [hours], [months] = minute.crontab, hour.crontab, month.crontab
    return tuple(f"{minutes} {hours} {one} {months} {other}" for one, other in days)


def _expand_alias(fields: tuple[str, ...]) -> tuple[str, ...]:
    alias, *others = fields
    if any(others):
        raise ScheduleError("A word with @ says it all: put it into minute and leave the other fields empty.")
    if alias.lower() not in ALIASES:
        raise ScheduleError(f'There is no "{alias}": use {", ".join(ALIASES)}, or fill in the five fields.')
    return ALIASES[alias.lower()]


def _read_field(position: int, field: str) -> Field:
    """Return what a field names. Raises ScheduleError for what can't be read, with what to write instead if known."""
    if found := parse(position, field):
        return found
    refused = f'The {FIELDS[position]} can\'t be "{field}":'
    better = instead(position, field)
    if len(field.split()) > 1:
        advice = better or "and there is none for seconds or years."
        raise ScheduleError(f"{refused} a field has no spaces, {advice[0].lower()}{advice[1:]}")
    if field[0] in "hrHR":
        raise ScheduleError(f"{refused} H and R leave the time to chance, so write the one you want.")
    raise ScheduleError(f"{refused} it takes {TAKES[position]}, and * or , - / with these. {better}".rstrip())


def parse(position: int, field: str) -> Field | None:
    """Return what a field names, None if it can't be read."""
    numbers: set[int] = set()
    nearest: set[int] = set()
    places: set[tuple[int, int]] = set()
    parts = field.lower().split(",")
    for part in parts:
        if position == DAY and part == "l":
            continue
        if position == DAY and (match := NEAREST.fullmatch(part)):
            day = int(match[1] or match[2])
            found, nearest = 1 <= day <= 31, nearest | {day}
        elif position == WEEKDAY and (named := _places(part)) is not None:
            found, places = True, places | named
        else:
            more = _range(position, part)
            found, numbers = more is not None, numbers | set(more or ())
        if not found:
            return None
    return Field(
        position, tuple(sorted(numbers)), field[0] in "*?", "l" in parts, tuple(sorted(nearest)), tuple(sorted(places))
    )


def _places(part: str) -> set[tuple[int, int]] | None:
    """Return the weekdays that 5#2, mon-fri#1 or L5 name, with their places; None for what is none of these."""
    if match := NTH.fullmatch(part):
        days, place = _range(WEEKDAY, match[1]), int(match[2])
        return None if days is None else {(day, place) for day in days}
    day = _number(WEEKDAY, part[1:]) if part.startswith("l") else None
    return None if day is None else {(day % 7, LAST)}


def _range(position: int, part: str) -> list[int] | None:
    """Return the numbers of ``*/2``, ``5``, ``9-17/2`` or ``22-6/3``, which goes on behind the end of the cycle."""
    match = RANGE.fullmatch(part)
    if not match or (match[1] == "?" and position not in (DAY, WEEKDAY)):
        return None
    low, size, step = BOUNDS[position][0], SIZES[position], int(match[4] or 1)
    start = low if match[1] else _number(position, match[2])
    last = "31" if position == DAY and match[3] == "l" else match[3]
    end = _number(position, last) if last else start
    if start is None or end is None or step == 0:
        return None
    if position == WEEKDAY and start == 7:
        start, end = 0, end % 7
    if match[1] or (match[4] and not last):
        end = low + size - 1
    ways = range(0, end - start + 1, step) if start <= end else range(0, (end - start) % size + 1, step)
    return [low + (start - low + way) % size for way in ways]


def _number(position: int, word: str) -> int | None:
    """Return the number of a word within the bounds of its field, None for any other word."""
    low, high = BOUNDS[position]
    names = [name[:3] for name in NAMES.get(position, ())]
    if word in names:
        return names.index(word) + low
    number = int(word) if word.isascii() and word.isdecimal() and len(word) < 5 else -1
    return number if low <= number <= high else None


# What to write instead


def instead(position: int, field: str) -> str:
    """Return a sentence with the spelling that can be read here, empty if none is known."""
    better = re.sub(r"\s*([,/#-])\s*", r"\1", field.lower())
    better = re.sub(r"[a-z]{4,}", lambda word: _shortened(position, word[0]), better)
    if position == DAY:
        better = re.sub(r"\b(lw|wl)\b", "31w", better)
    if position == WEEKDAY:
        better = re.sub(r"\b([a-z]{3}|[0-7])l\b", r"l\1", better)
    if better != field.lower() and parse(position, better):
        return f"Write {re.sub(r'(?<![a-z])[lw](?=[0-9,]|$|[a-z]{3})', lambda mark: mark[0].upper(), better)}."
    if position == DAY and re.search(r"\bl-\d", better):
        return "No day is counted from the end of a month: write a day that each month has, such as 28, or L."
    if position == WEEKDAY and "l" in better.split(","):
        return "L stands before a weekday: write L5 for the last Friday of the month."
    return ""


def _shortened(position: int, word: str) -> str:
    """Return the three letters that stand for a longer name: mon for monday, mondays and mond."""
    names = [name for name in NAMES.get(position, ()) if name.startswith(word.removesuffix("s"))]
    return names[0][:3] if names else word
