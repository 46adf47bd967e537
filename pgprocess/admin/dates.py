"""Moments as our pages write them: the day as the reader's language has it, and 24 hours."""

from __future__ import annotations

from datetime import UTC, datetime

from django.utils import timezone
from django.utils.formats import date_format

from pgprocess.exceptions import ScheduleError
from pgprocess.models import Process
from pgprocess.schedule.zones import zone_named


def day_and_time(moment: datetime) -> str:
    """Return day and time of a moment, by the clocks of its own zone."""
    return f"{date_format(moment, 'SHORT_DATE_FORMAT')} {date_format(moment, 'H:i')}"


def site_time(moment: datetime | None) -> str:
    """Return day and time of a moment, by the clocks of the site; a dash for none."""
    return day_and_time(timezone.localtime(moment)) if moment else "-"


def weekday_and_time(moment: datetime) -> str:
    """Return weekday, day and time of a moment, by the clocks of its own zone."""
    return f"{date_format(moment, 'D')} {day_and_time(moment)}"


def next_run(process: Process) -> datetime | None:
    """Return when a process runs next, by the clocks of its zone, or in UTC if there is no such zone."""
    try:
        zone = zone_named(process.timezone)
    except ScheduleError:
        zone = UTC
    moment: datetime | None = process.next_run_at
    return moment and moment.astimezone(zone)
