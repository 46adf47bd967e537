"""A task that this worker is running, and its words for the log."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from typing import Any

from pgprocess.attempt import Claim, Outcome
from pgprocess.logs.buffer import TaskLog
from pgprocess.queue.claim import Ended, Report
from pgprocess.runners.base import Stop
from pgprocess.statuses import Status

logger = logging.getLogger("pgprocess")


@dataclass(slots=True)
class Running:
    """A task that this worker is running, since ``since`` (of :func:`time.monotonic`).

    ``jobs`` ended with the task, where its end was committed with its own work.
    """

    claim: Claim
    log: TaskLog
    stop: Stop = field(default_factory=Stop)
    since: float = field(default_factory=time.monotonic)
    jobs: list[Ended] = field(default_factory=list)

    def __str__(self) -> str:
        item = "" if self.claim.map_index is None else f"[{self.claim.map_index}]"
        return f"Task {self.claim.task_name}{item} of job {self.claim.job_id}"

    def report(self, outcome: Outcome) -> Report:
        """Return how the task ended, for the database."""
        return Report(self.claim.id, self.claim.claim_token, outcome)

    def log_start(self, worker: int | None) -> None:
        """Log that the task began on this worker."""
        if logger.isEnabledFor(logging.INFO):
            facts = self.facts("started", worker)
            logger.info("%s started, attempt %s, on worker %s.", self, self.claim.attempt, worker, extra=facts)

    def log_end(self, worker: int | None, outcome: Outcome) -> None:
        """Log the end of the task with its outcome and duration."""
        if logger.isEnabledFor(logging.INFO):
            took = time.monotonic() - self.since
            why = f": {outcome.error or outcome.reason}" if outcome.error or outcome.reason else "."
            facts = self.facts(str(outcome.status), worker, seconds=round(took, 3), exit_code=outcome.exit_code)
            logger.info("%s %s in %.1f s%s", self, format_ending(outcome), took, why, extra=facts)

    def facts(self, event: str, worker: int | None, **more: Any) -> dict[str, Any]:
        """Return what machines read in a log line about the task: ``extra`` of a record."""
        claim = self.claim
        known = {
            "event": event,
            "job": claim.job_id,
            "jobtask": claim.id,
            "process": claim.process_name,
            "task": claim.task_name,
            "item": claim.map_index,
            "attempt": claim.attempt,
            "worker": worker,
            **more,
        }
        return {"pgprocess": known}


def format_ending(outcome: Outcome) -> str:
    """Return the outcome's status as a log line says it."""
    if outcome.status == Status.SCHEDULED:
        return f"failed, next try in {outcome.delay or 0:g} s,"
    if outcome.status == Status.READY:
        return "was given back"
    return str(outcome.status)
