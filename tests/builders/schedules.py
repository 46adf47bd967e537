"""Schedules of what people write in one line."""

from __future__ import annotations

from collections.abc import Sequence

from pgprocess.schedule.schedule import Schedule


def a_schedule(fields: Sequence[str], zone: str = "UTC") -> Schedule:
    """Return the schedule of up to five fields of cron: ``a_schedule("30 2 * * *".split())``."""
    minute, hour, day_of_month, month, day_of_week = [*fields, *[""] * (5 - len(fields))]
    return Schedule(minute, hour, day_of_month, month, day_of_week, zone)
