"""What a cron says to Postgres: one statement of ``sql/queries`` each.

Not thread-safe: one Agenda belongs to one thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg
from psycopg.rows import class_row, scalar_row

from pgprocess.postgres.connection import Connection, Database
from pgprocess.schedule.schedule import Schedule

Refused = psycopg.DatabaseError


@dataclass(frozen=True, slots=True)
class Due:
    """A process whose schedule wants a look; ``now`` is the database's."""

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
    now: datetime

    @property
    def schedule(self) -> Schedule:
        """The schedule in the row."""
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

    @property
    def since(self) -> datetime:
        """After which moment slots have not been looked at."""
        return self.next_run_at - timedelta(microseconds=1) if self.next_run_at else self.scheduled_from


@dataclass(frozen=True, slots=True)
class Tick:
    """A slot that becomes a job: ``run_at`` where it begins later than its slot, ``reason`` why it was missed.

    ``lost``: there is an alert of it, for no later slot runs in its place.
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
    """The time, and in how many seconds the next slot and the next scheduled task will be due."""

    now: datetime
    next_slot: float | None
    next_task: float | None

    @property
    def is_due(self) -> bool:
        """Whether the slot of a process is due, or a schedule was never looked at."""
        return self.next_slot is not None and self.next_slot <= 0

    @property
    def has_due_task(self) -> bool:
        """Whether a scheduled task is due, and so should be ready."""
        return self.next_task is not None and self.next_task <= 0


class Agenda(Connection):
    """A connection to the database that holds the schedules, and the sentences to say on it."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, name="pgprocess cron")

    def outlook(self) -> Outlook:
        """Return when the next slot and the next scheduled task are due; changes nothing."""
        [outlook] = self.rows("cron/outlook", row=class_row(Outlook))
        return outlook  # type: ignore[no-any-return]

    def promote(self) -> float | None:
        """Make scheduled tasks that are due ready; return in how many seconds the next one is due, None without one."""
        _, next_in = self.row("queue/promote")
        return next_in  # type: ignore[no-any-return]

    def due(self) -> list[Due]:
        """Processes that want a look, locked until the transaction around it ends."""
        return self.rows("cron/lock_due", row=class_row(Due))

    def tick(self, ticks: Sequence[Tick]) -> list[Made]:
        """These slots are jobs; those that were not before."""
        params = {
            "processes": [tick.process for tick in ticks],
            "slots": [tick.slot for tick in ticks],
            "run_ats": [tick.run_at for tick in ticks],
            "reasons": [tick.reason for tick in ticks],
            "lost": [tick.lost for tick in ticks],
        }
        return self.rows("cron/tick", params, row=class_row(Made))

    def move(self, cursors: Sequence[tuple[int, datetime]]) -> None:
        """The next slots of these processes are these."""
        params = {"processes": [process for process, _ in cursors], "next_runs": [slot for _, slot in cursors]}
        self.rows("cron/move_cursors", params)

    def pause(self, process: int, reason: str) -> None:
        """The process is not scheduled any more, and says why."""
        self.rows("cron/pause", {"process": process, "reason": reason})

    def overtake(self) -> list[int]:
        """Where the newest slot shall run at once, what ran is cancelled; these jobs."""
        return self.rows("cron/cancel_overtaken", row=scalar_row)

    def release(self) -> None:
        """Nothing waits in a line whose turn has come."""
        self.rows("cron/release_stragglers")

    def rewind(self) -> list[str]:
        """No cursor is where only a wrong clock put it; the processes that had one there."""
        return self.rows("cron/rewind_cursors", row=scalar_row)


def is_lost(error: psycopg.Error) -> bool:
    """Whether the statement is not to blame: the connection is gone, or another transaction was in the way."""
    return isinstance(error, psycopg.OperationalError)
