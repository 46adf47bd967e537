"""The alerts on their way: what a cron's delivering thread says to Postgres, one statement each.

A delivery is leased to one cron while that tries it, so that no two tell a receiver the same.
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
    """One alert for one receiver: what happened, to which job, and as far as is known why."""

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
        """What people read, in the active language."""
        said = first_line(self.error) or self.reason
        because = ": ".join(each for each in (self.first_failed, said) if each)
        return gettext(WORDS[self.kind]) % {
            "job": self.job,
            "process": self.process,
            "slot": f" ({self.logical_date:%Y-%m-%d %H:%M %Z})" if self.logical_date else "",
            "why": f": {because}" if because else "",
            "started": f"{self.started_at:%Y-%m-%d %H:%M %Z}" if self.started_at else "?",
        }

    def as_json(self) -> dict[str, Any]:
        """What a webhook gets."""
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
class Told:
    """How a delivery went: no ``error`` is success; with one it is tried again in ``wait`` seconds, or given up."""

    delivery: int
    error: str = ""
    wait: float | None = None


class Outbox(Connection):
    """A connection to the database that holds the alerts, and the sentences to say on it."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, name="pgprocess alerts")

    def watch(self, *, late_after: float, long_factor: float) -> None:
        """There is an alert for every job that is late or runs longer than usual, once each."""
        self.rows("alerts/find_late_and_long", {"late_after": late_after, "long_factor": long_factor})

    def address(self, receivers: Sequence[str], kinds: Sequence[str]) -> None:
        """Alerts that nobody has looked at yet are deliveries to these receivers, those of these kinds."""
        self.rows("alerts/address", {"receivers": list(receivers), "kinds": list(kinds)})

    def claim(self, busy: Collection[str]) -> list[Message]:
        """Some deliveries that are due are this cron's for five minutes; none to those who are busy."""
        return self.rows("alerts/lease", {"busy": list(busy)}, row=class_row(Message))

    def record(self, told: Sequence[Told]) -> None:
        """These deliveries went so."""
        params = {
            "deliveries": [each.delivery for each in told],
            "errors": [storable(each.error) for each in told],
            "waits": [each.wait for each in told],
        }
        self.rows("alerts/record", params)

    def forget(self, days: int) -> None:
        """Alerts that old are gone."""
        self.rows("alerts/prune", {"days": days})
