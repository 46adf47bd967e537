"""Everything that a cron asks of Postgres, one statement of ``sql/queries`` each.

Thread: one Agenda belongs to one thread.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row, scalar_row

from pgprocess.postgres.connection import INDEXES_ONLY, Connection, Database
from pgprocess.schedule.schedule import Schedule

Refused = psycopg.DatabaseError


@dataclass(frozen=True, slots=True)
class Due:
    """A process whose slot is due, or whose schedule no cron has looked at yet; ``now`` is the database's time."""

    id: int
    name: str
    minute: str
    hour: str
    day_of_month: str
    month: str
    day_of_week: str
    timezone: str
    start_at: datetime | None
    end_at: datetime | None
    jitter: float
    overlap: str
    catch_up: str
    misfire_grace: float | None
    catch_up_limit: int
    next_run_at: datetime | None
    scheduled_from: datetime
    looked_at: datetime | None
    last_slot: datetime | None
    last_offset: int | None
    now: datetime

    @property
    def schedule(self) -> Schedule:
        """Return the schedule of the row as a value."""
        return Schedule(
            self.minute,
            self.hour,
            self.day_of_month,
            self.month,
            self.day_of_week,
            self.timezone,
            self.start_at,
            self.end_at,
        )


@dataclass(frozen=True, slots=True)
class Cursor:
    """When a process is looked at again, and the last slot of this look, with its clock's seconds ahead of UTC."""

    process: int
    next_run: datetime
    last_slot: datetime | None = None
    last_offset: int | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """A slot that becomes a job: ``run_at`` where the job begins later than its slot, ``reason`` why it was missed.

    ``lost``: an alert is due, because no later slot runs in the place of this one.
    """

    process: int
    slot: datetime
    run_at: datetime | None = None
    reason: str = ""
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """The job that a tick made."""

    id: int
    process_id: int
    logical_date: datetime
    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """The database's time, and in how many seconds the next slot and the next scheduled task are due; None: never."""

    now: datetime
    next_slot: float | None
    next_task: float | None

    @property
    def is_due(self) -> bool:
        """Return whether the slot of a process is due, or no cron has looked at a schedule yet."""
        return self.next_slot is not None and self.next_slot <= 0

    @property
    def has_due_task(self) -> bool:
        """Return whether a scheduled task is due, and so should be ready."""
        return self.next_task is not None and self.next_task <= 0


class Agenda(Connection):
    """A connection to the database that holds the schedules, and the requests that a cron sends over it."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, name="pgprocess cron", settings=INDEXES_ONLY | {"lock_timeout": "1s"})

    def outlook(self, passed_over: Collection[int] = ()) -> Outlook:
        """Return when the next slot and the next scheduled task are due; changes nothing."""
        [outlook] = self.rows("cron/outlook", {"passed_over": [*passed_over]}, row=class_row(Outlook))
        return outlook  # type: ignore[no-any-return]

    def promote(self) -> float | None:
        """Make scheduled tasks that are due ready; return in how many seconds the next one is due, None without one."""
        _, next_in = self.row("queue/promote")
        return next_in  # type: ignore[no-any-return]

    def lock_due(self, passed_over: Collection[int] = ()) -> list[Due]:
        """Return up to a hundred processes that are due, locked until the surrounding transaction ends."""
        if not passed_over:
            return self.rows("cron/lock_due", row=class_row(Due))
        return self.rows("cron/lock_others", {"passed_over": [*passed_over]}, row=class_row(Due))

    def tick(self, ticks: Sequence[Tick]) -> list[Made]:
        """Turn slots into jobs; return the jobs that were not there before."""
        params = {
            "processes": [tick.process for tick in ticks],
            "slots": [tick.slot for tick in ticks],
            "run_ats": [tick.run_at for tick in ticks],
            "reasons": [tick.reason for tick in ticks],
            "lost": [tick.lost for tick in ticks],
        }
        return self.rows("cron/tick", params, row=class_row(Made))

    def move_cursors(self, cursors: Sequence[Cursor]) -> None:
        """Set when processes are looked at again."""
        params = {
            "processes": [cursor.process for cursor in cursors],
            "next_runs": [cursor.next_run for cursor in cursors],
            "last_slots": [cursor.last_slot for cursor in cursors],
            "last_offsets": [cursor.last_offset for cursor in cursors],
        }
        self.rows("cron/move_cursors", params)

    def followed(self, behind: int) -> list[Due]:
        """Return up to a hundred processes whose ids come behind that one, and whose next slots were told by a zone."""
        return self.rows("cron/followed", {"behind": behind}, row=class_row(Due))

    def correct_cursors(self, cursors: Sequence[tuple[Due, datetime]]) -> None:
        """Set the next slots of processes that nobody else has looked at meanwhile."""
        params = {
            "processes": [due.id for due, _ in cursors],
            "told": [due.next_run_at for due, _ in cursors],
            "next_runs": [slot for _, slot in cursors],
        }
        self.rows("cron/correct_cursors", params)

    def pause(self, process: int, reason: str) -> None:
        """Switch the schedule of a process off, with the reason in its row."""
        self.rows("cron/pause", {"process": process, "reason": reason})

    def cancel_overtaken(self) -> list[int]:
        """Cancel the jobs that a newer slot shall replace (overlap ``cancel_running``); return their ids."""
        return self.rows("cron/cancel_overtaken", row=scalar_row)

    def release_stragglers(self) -> None:
        """Start buffered jobs whose turn has come, but that were locked by others at that moment."""
        self.rows("cron/release_stragglers")

    def rewind_cursors(self) -> list[str]:
        """Reset the cursors that a clock which was ahead has moved; return the names of their processes."""
        return self.rows("cron/rewind_cursors", row=scalar_row)
