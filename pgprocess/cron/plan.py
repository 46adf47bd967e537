"""Plan one process: the slots that passed since the last look, and the time of the next slot.

The last slot that was looked at is kept apart from the time of the next look. Whoever looks, with old rules of the
zones or with new ones, goes on behind that slot: no slot is left out because it moved before the time of a look.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pgprocess.cron.agenda import Cursor, Due, Tick
from pgprocess.schedule.missed import MOMENT, Policy, judge_slots, spread
from pgprocess.schedule.wall_clock import first_instant, near_utc
from pgprocess.schedule.zones import zone_named

LONGEST_OUTAGE = timedelta(days=3653)
"""Slots that passed before are forgotten, so that a cursor in the year 2 costs no more than one of ten years ago."""


def plan(due: Due) -> tuple[list[Tick], Cursor | None]:
    """Return what the slots of a process until now become, and its cursor; None where no slot comes any more.

    Raises ScheduleError for a schedule that can't be read.
    """
    policy = Policy(due.catch_up, due.misfire_grace, due.catch_up_limit)
    slots, next_run = judge_slots(due.schedule, since(due), due.now, policy)
    later = spread(due.id, due.jitter)
    found = [
        Tick(due.id, slot.at, slot.at + later if slot.at + later > due.now else None, slot.reason, slot.lost)
        for slot in slots
    ]
    if next_run is None:
        return found, None
    last = slots[-1].at.astimezone(zone_named(due.timezone)) if slots else None
    offset = last.utcoffset() if last else None
    return found, Cursor(
        due.id,
        next_run.astimezone(UTC),
        last and last.astimezone(UTC),
        None if offset is None else int(offset.total_seconds()),
    )


def next_slot(due: Due) -> datetime | None:
    """Return the first slot of a process that nobody has looked at, which may have passed; None if there is none."""
    found = next(due.schedule.runs_after(since(due)), None)
    return found and found.astimezone(UTC)


def since(due: Due) -> datetime:
    """Return the moment after which slots were not looked at yet.

    A slot of fixed hours is a time of the wall clock: where the rules of its zone have changed since, the moment is
    when the clock shows that time by the rules of now, so that the same slot does not run twice. What lies ahead of now
    was written while the clock was wrong.
    """
    now = near_utc(due.now)
    if due.last_slot is None:
        moment = min(due.scheduled_from, due.next_run_at - MOMENT) if due.next_run_at else due.scheduled_from
    else:
        moment = due.last_slot
    moment = max(min(near_utc(moment), now), now - LONGEST_OUTAGE)
    if due.last_slot is None or due.last_offset is None or due.schedule.names_every_hour:
        return moment
    wall = (moment + timedelta(seconds=due.last_offset)).replace(tzinfo=None)
    return first_instant(wall, zone_named(due.timezone))
