"""The five fields and the zone of a schedule are read here, and what is wrong with them is said in one sentence.

croniter reads the fields. A field that croniter reads otherwise than cron or people do is refused or set right here.
"""

from __future__ import annotations

from functools import lru_cache
from re import sub
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
    # To croniter 5-5 is the whole cycle; to cron and to people 5-5 is 5.
    field = sub(r"(?i)(?<![\w-])(\w+)-\1(/[1-9]\d*)?(?![\w/-])", r"\1", field)
    line = ["*"] * len(TAKES)
    line[position] = field
    try:
        croniter.expand(" ".join(line))
    except ValueError as error:
        raise ScheduleError(f"{refused} it takes {TAKES[name]}, and * or , - / with these.") from error
    return field


def zone_named(name: str) -> ZoneInfo:
    """Return the time zone of that name. Raises ScheduleError, with the nearest name if there is one."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        zones = {zone.lower(): zone for zone in available_timezones()}
        near = nearest(name.strip().lower().replace(" ", "_"), zones)
        advice = f"did you mean {zones[near]}?" if near else "use a name such as Europe/Berlin, or UTC."
        raise ScheduleError(f'There is no time zone "{name}": {advice}') from error
