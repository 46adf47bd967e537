"""The five fields and the zone of a schedule are read here, and what is wrong with them is said in one sentence.

croniter reads the fields. A field that croniter reads otherwise than cron or people do is refused or set right here.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from croniter import croniter

from pgprocess.exceptions import ScheduleError
from pgprocess.text import nearest

TAKES = {
    "minute": "0 to 59",
    "hour": "0 to 23",
    "day of month": "1 to 31, or L for the last day",
    "month": "1 to 12, or jan to dec",
    "day of week": "0 to 7 (Sunday is both), sun to sat, 5#2 for the second Friday, or L5 for the last one",
}
RANGE = re.compile(r"(\w+)-(\w+)(?:/([1-9]\d*))?")
BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
NAMES = {
    3: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    4: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
}
ALIASES = {
    "@hourly": ("0", "*", "*", "*", "*"),
    "@daily": ("0", "0", "*", "*", "*"),
    "@midnight": ("0", "0", "*", "*", "*"),
    "@weekly": ("0", "0", "*", "*", "0"),
    "@monthly": ("0", "0", "1", "*", "*"),
    "@yearly": ("0", "0", "1", "1", "*"),
    "@annually": ("0", "0", "1", "1", "*"),
}


@lru_cache(maxsize=1024)
def crontab_lines(fields: tuple[str, ...]) -> tuple[tuple[str, ...], bool]:
    """Return the crontab lines whose union the schedule is, and whether the schedule names all 24 hours."""
    minute, hour, day, month, weekday = written_out(fields)
    days = [(day, weekday)]
    if day[0] not in "*?" and weekday[0] not in "*?":
        # Two lines, because croniter's own union forgets the day of month beside 5#2 or L5.
        days = [(day, "*"), ("*", weekday)]
    lines = tuple(f"{minute} {hour} {day} {month} {weekday}" for day, weekday in days)
    return lines, "*" in croniter.expand(lines[0])[0][1]


def written_out(fields: tuple[str, ...]) -> tuple[str, ...]:
    """Return the five fields as croniter shall read them: a word with @ as fields, * for an empty field."""
    if any(field.startswith("@") for field in fields):
        fields = _expand_alias(fields)
    named = enumerate(zip(TAKES, fields, strict=True))
    return tuple(_read_field(position, name, field or "*") for position, (name, field) in named)


def _expand_alias(fields: tuple[str, ...]) -> tuple[str, ...]:
    alias, *others = fields
    if any(others):
        raise ScheduleError("A word with @ says it all: put it into minute and leave the other fields empty.")
    if alias.lower() not in ALIASES:
        raise ScheduleError(f'There is no "{alias}": use {", ".join(ALIASES)}, or fill in the five fields.')
    return ALIASES[alias.lower()]


def _read_field(position: int, name: str, field: str) -> str:
    """Return the field as croniter shall read it. Raises ScheduleError for what croniter or cron can't read."""
    refused = f'The {name} can\'t be "{field}":'
    if len(field.split()) > 1:
        raise ScheduleError(f"{refused} a field has no spaces, and there is none for seconds or years.")
    if field[0] in "hrHR":
        raise ScheduleError(f"{refused} H and R leave the time to chance, so write the one you want.")
    parts = [_write_out_range(position, part) for part in field.split(",")]
    field = "*" if "*" in parts else ",".join(parts)
    line = ["*"] * len(TAKES)
    line[position] = field
    try:
        croniter.expand(" ".join(line))
    except ValueError as error:
        raise ScheduleError(f"{refused} it takes {TAKES[name]}, and * or , - / with these.") from error
    return field


def _write_out_range(position: int, part: str) -> str:
    """Return a range as croniter reads it right: one number for equal ends, numbers for a range beyond the last one.

    To croniter 5-5 is the whole cycle, and so is 05-5 or mon-1; to cron and to people it is 5. A step through the end
    of the cycle (22-6/3) begins anew there; to croniter it is every hour.
    """
    if not (match := RANGE.fullmatch(part)):
        return part
    low, high = BOUNDS[position]
    start, end = (_number(position, word) for word in match.group(1, 2))
    if start is None or end is None:
        return part
    if position == 4 and start == 7:
        start, end = 0, end % 7
    if start == end:
        return str(start)
    if not (low <= end < start <= high):
        return part
    size, step = high - low + 1, int(match[3] or 1)
    return ",".join(str(low + (start - low + way) % size) for way in range(0, (end - start) % size + 1, step))


def _number(position: int, word: str) -> int | None:
    names = NAMES.get(position, [])
    if word.lower() in names:
        return names.index(word.lower()) + BOUNDS[position][0]
    return int(word) if word.isdecimal() and len(word) < 5 else None


@cache
def _zones() -> frozenset[str]:
    """Return the names of all zones that there are: not posixrules, localtime and the like, which are no places."""
    return frozenset(available_timezones()) - {"Factory", "localtime"}


def zone_named(name: str) -> ZoneInfo:
    """Return the time zone of that name. Raises ScheduleError, with the nearest name if there is one."""
    try:
        zone = ZoneInfo(name)
        if name not in _zones() and name != "UTC":
            raise ZoneInfoNotFoundError(name)
        return zone
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        zones = {zone.lower(): zone for zone in _zones()}
        near = nearest(name.strip().lower().replace(" ", "_"), zones)
        advice = f"did you mean {zones[near]}?" if near else "use a name such as Europe/Berlin, or UTC."
        raise ScheduleError(f'There is no time zone "{name}": {advice}') from error
