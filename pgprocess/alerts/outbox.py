"""Everything that the delivering thread of a cron asks of Postgres, one statement each.

A delivery is leased to one cron while that cron tries it, so that no two crons send a receiver the same message.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext, gettext_noop
from psycopg.rows import class_row

from pgprocess.postgres.connection import Connection, Database
from pgprocess.text import first_line, storable

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
    """How a delivery went; with an ``error`` it is tried again in ``wait`` seconds, or given up where that is None."""

    delivery: int
    error: str = ""
    wait: float | None = None


class Outbox(Connection):
    """A connection to the database that holds the alerts, and the requests that are sent over it."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, name="pgprocess alerts")

    def find_late_and_long(self, *, late_after: float, long_factor: float) -> None:
        """Write an alert for every job that is late or runs longer than usual, once for each."""
        self.rows("alerts/find_late_and_long", {"late_after": late_after, "long_factor": long_factor})

    def address(self, receivers: Sequence[str], kinds: Sequence[str]) -> None:
        """Make a delivery of each new alert of these kinds for each of these receivers."""
        self.rows("alerts/address", {"receivers": list(receivers), "kinds": list(kinds)})

    def lease(self, busy: Collection[str]) -> list[Message]:
        """Lease some deliveries that are due to this cron for five minutes; none to receivers that are busy."""
        return self.rows("alerts/lease", {"busy": list(busy)}, row=class_row(Message))

    def record(self, results: Sequence[DeliveryResult]) -> None:
        """Record how deliveries went."""
        params = {
            "deliveries": [result.delivery for result in results],
            "errors": [storable(result.error) for result in results],
            "waits": [result.wait for result in results],
        }
        self.rows("alerts/record", params)

    def prune(self, days: int) -> None:
        """Delete alerts of so many days ago, with their deliveries."""
        self.rows("alerts/prune", {"days": days})
