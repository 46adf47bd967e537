"""Everything that the delivering thread of a cron asks of Postgres, one statement each.

A delivery is leased to one cron while that cron tries it, so that no two crons send a receiver the same message.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from django.utils.translation import gettext, gettext_noop
from psycopg.rows import class_row, scalar_row

from pgprocess.postgres.connection import INDEXES_ONLY, Connection, Database, DatabaseTrouble
from pgprocess.text import first_line, storable

logger = logging.getLogger("pgprocess")

PASSING = (
    psycopg.errors.LockNotAvailable,
    psycopg.errors.QueryCanceled,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
)
"""The errors of a row that says nothing of the row: the next look may go well."""

WORDS = {
    "failed": gettext_noop("Job %(job)s of %(process)s%(slot)s failed%(why)s."),
    "recovered": gettext_noop("%(process)s has recovered: job %(job)s%(slot)s succeeded."),
    "late": gettext_noop("Job %(job)s of %(process)s%(slot)s is late: it has not begun yet."),
    "missed": gettext_noop("%(process)s%(slot)s did not run%(why)s."),
    "long": gettext_noop("Job %(job)s of %(process)s%(slot)s runs longer than usual: since %(started)s."),
    "ping": gettext_noop("Job %(job)s of %(process)s%(slot)s succeeded."),
}


@dataclass(frozen=True, slots=True)
class Message:
    """One alert for one receiver: what happened, to which job, and why as far as that is known."""

    delivery: int
    receiver: str
    attempts: int
    kind: str
    process_id: int
    process: str
    job: int
    status: str
    logical_date: datetime | None
    started_at: datetime | None
    reason: str
    first_failed: str
    error: str
    at: datetime

    @property
    def text(self) -> str:
        """Return the sentence for people, in the active language."""
        why = first_line(self.error) or self.reason
        because = ": ".join(each for each in (self.first_failed, why) if each)
        return gettext(WORDS[self.kind]) % {
            "job": self.job,
            "process": self.process,
            "slot": f" ({self.logical_date:%Y-%m-%d %H:%M %Z})" if self.logical_date else "",
            "why": f": {because}" if because else "",
            "started": f"{self.started_at:%Y-%m-%d %H:%M %Z}" if self.started_at else "?",
        }

    def as_json(self) -> dict[str, Any]:
        """Return the JSON object that a webhook gets."""
        return {
            "event": self.kind,
            "process": self.process,
            "process_id": self.process_id,
            "job": self.job,
            "status": self.status,
            "logical_date": self.logical_date and self.logical_date.isoformat(),
            "reason": self.reason,
            "first_failed": self.first_failed,
            "error": self.error,
            "at": self.at.isoformat(),
            "text": self.text,
        }


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """How a delivery went; with an ``error`` it is tried again in ``wait`` seconds, or given up where that is None.

    Not ``tried``: it waits since others of its receiver failed, which uses up none of its attempts.
    """

    delivery: int
    error: str = ""
    wait: float | None = None
    tried: bool = True


def close_connections() -> None:
    """Close what a receiver of the signal has opened by the ORM. Thread: the one that called the receiver."""
    from django.db import connections

    connections.close_all()


class Outbox(Connection):
    """A connection to the database that holds the alerts, and the requests that are sent over it.

    What can't be done with many rows together is done with each by itself; a row that even so is refused is left out
    from then on (``refused``), and one that somebody has locked is tried again.
    """

    def __init__(self, database: Database) -> None:
        super().__init__(database, name="pgprocess alerts", settings=INDEXES_ONLY | {"lock_timeout": "1 s"})
        self.refused: dict[str, set[int]] = {}

    def find_late_and_long(self, *, late_after: float, long_factor: float) -> None:
        """Write an alert for every job that is late or runs longer than usual, once for each."""
        params = {"late_after": late_after, "long_factor": long_factor}
        self.each("process", self.all_processes, lambda ids: self.rows("alerts/find_late_and_long", params | ids))

    def address(self, receivers: Sequence[str], kinds: Sequence[str]) -> None:
        """Make a delivery of each new alert of these kinds for each of these receivers."""
        params = {"receivers": list(receivers), "kinds": list(kinds)}
        self.each("alert", self.new_alerts, lambda ids: self.rows("alerts/address", params | ids))

    def lease(self, busy: Collection[str]) -> list[Message]:
        """Lease some deliveries that are due to this cron for five minutes; none to receivers that are busy.

        Those that were never tried come first, so that what fails again and again delays nothing new.
        """
        params = {"busy": list(busy)}

        def lease(ids: dict[str, Any]) -> list[Message]:
            with self.transaction():  # where a row can't be read, none is leased
                return self.rows("alerts/lease", params | ids, row=class_row(Message))

        return self.each("delivery", lambda: self.due_deliveries(busy), lease)

    def record(self, results: Sequence[DeliveryResult]) -> list[DeliveryResult]:
        """Record how deliveries went; return the results that could not be, since somebody has locked their rows."""
        locked: list[DeliveryResult] = []
        by_id = {result.delivery: result for result in results}

        def write(ids: dict[str, Any]) -> list[Any]:
            chosen = [by_id[each] for each in ids["only"] or by_id]
            return self.rows("alerts/record", _columns(chosen))

        self.each("delivery", lambda: list(by_id), write, locked=lambda each: locked.append(by_id[each]))
        return locked

    def prune(self, days: int) -> None:
        """Delete alerts of so many days ago, with their deliveries."""
        self.rows("alerts/prune", {"days": days})

    def forget_refused(self) -> None:
        """Try again what was left out: somebody may have mended it."""
        self.refused.clear()

    def all_processes(self) -> list[int]:
        """Return the ids of all processes."""
        return self.rows("alerts/processes", row=scalar_row)

    def new_alerts(self) -> list[int]:
        """Return the ids of alerts that were not addressed yet."""
        return self.rows("alerts/new_alerts", row=scalar_row)

    def due_deliveries(self, busy: Collection[str]) -> list[int]:
        """Return the ids of deliveries that are due, to receivers that are not busy."""
        return self.rows("alerts/due_deliveries", {"busy": list(busy)}, row=scalar_row)

    def each(
        self,
        what: str,
        find: Callable[[], list[int]],
        do: Callable[[dict[str, Any]], list[Any]],
        *,
        locked: Callable[[int], None] = lambda each: None,
    ) -> list[Any]:
        """Do something with all rows together or, where the database refuses that, with each that ``find`` finds.

        Raises the error only where the connection is lost.
        """
        refused = self.refused.setdefault(what, set())
        try:
            return do({"only": None, "refused": list(refused)})
        except DatabaseTrouble as error:
            if self.is_lost:
                raise
            logger.info("Alerts can't be looked after together (%s); each by itself.", first_line(error))
        done: list[Any] = []
        for each in [each for each in find() if each not in refused]:
            try:
                done += do({"only": [each], "refused": []})
            except DatabaseTrouble as error:
                if self.is_lost:
                    raise
                if isinstance(error, PASSING):
                    locked(each)
                else:
                    refused.add(each)
                    logger.error("Alerts leave out %s %s, which is refused: %s", what, each, first_line(error))
        return done


def _columns(results: Sequence[DeliveryResult]) -> dict[str, Any]:
    return {
        "deliveries": [result.delivery for result in results],
        "errors": [storable(result.error) for result in results],
        "waits": [result.wait for result in results],
        "tried": [result.tried for result in results],
    }
