"""Moments as our pages write them: the day as the reader's language has it, and 24 hours."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone
from django.utils.formats import date_format

from pgprocess.models import Process


def clock(moment: datetime) -> str:
    """A moment by the clocks of its own zone: day and time."""
    return f"{date_format(moment, 'SHORT_DATE_FORMAT')} {date_format(moment, 'H:i')}"


def here(moment: datetime | None) -> str:
    """A moment by the clocks of the site; a dash for none."""
    return clock(timezone.localtime(moment)) if moment else "-"


def weekday(moment: datetime) -> str:
    """The same with the weekday, by the clocks of its own zone."""
    return f"{date_format(moment, 'D')} {clock(moment)}"


def next_run(process: Process) -> datetime | None:
    """When a process runs next, by the clocks of its zone, or in UTC if there is no such zone."""
    try:
        zone = ZoneInfo(process.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    moment: datetime | None = process.next_run_at
    return moment and moment.astimezone(zone)
