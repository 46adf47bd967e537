"""A task that a worker is running: from the claim to what a runner is given, and to words for the log."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pgprocess.attempt import Claim, Outcome
from pgprocess.logs.buffer import Page
from pgprocess.queue.claim import Ended, Report
from pgprocess.runners.base import Stop
from pgprocess.statuses import Status

logger = logging.getLogger("pgprocess")


@dataclass(slots=True)
class Running:
    """A task that this worker is running; ``jobs`` ended with it, where its end was committed with its own work."""

    claim: Claim
    page: Page
    stop: Stop = field(default_factory=Stop)
    since: float = field(default_factory=time.monotonic)
    jobs: list[Ended] = field(default_factory=list)

    def __str__(self) -> str:
        item = "" if self.claim.map_index is None else f"[{self.claim.map_index}]"
        return f"Task {self.claim.task_name}{item} of job {self.claim.job_id}"

    def report(self, outcome: Outcome) -> Report:
        """How it ended, for the database."""
        return Report(self.claim.id, self.claim.claim_token, outcome)

    def log_start(self, worker: int | None) -> None:
        """It began on this worker."""
        if logger.isEnabledFor(logging.INFO):
            facts = self.facts("started", worker)
            logger.info("%s started, attempt %s, on worker %s.", self, self.claim.attempt, worker, extra=facts)

    def log_end(self, worker: int | None, outcome: Outcome) -> None:
        """It ended so."""
        if logger.isEnabledFor(logging.INFO):
            took = time.monotonic() - self.since
            why = f": {outcome.error or outcome.reason}" if outcome.error or outcome.reason else "."
            facts = self.facts(str(outcome.status), worker, seconds=round(took, 3), exit_code=outcome.exit_code)
            logger.info("%s %s in %.1f s%s", self, _ended_as(outcome), took, why, extra=facts)

    def facts(self, event: str, worker: int | None, **more: Any) -> dict[str, Any]:
        """What a log line about it knows, for machines: ``extra`` of a record."""
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


class Ends:
    """Tasks that ended, in whatever thread, for the one that takes them; ``tell`` is called once for many."""

    def __init__(self, tell: Callable[[], object]) -> None:
        self._tell = tell
        self._told = False
        self._ends: deque[tuple[Running, Outcome]] = deque()

    def add(self, running: Running, outcome: Outcome) -> None:
        """It ended so."""
        self._ends.append((running, outcome))
        if not self._told:
            self._told = True
            self._tell()

    def take(self) -> Iterator[tuple[Running, Outcome]]:
        """Those that ended since; whoever ends from now on tells again."""
        self._told = False
        while self._ends:
            yield self._ends.popleft()


def _ended_as(outcome: Outcome) -> str:
    """How a log line says it."""
    if outcome.status == Status.SCHEDULED:
        return f"failed, next try in {outcome.delay or 0:g} s,"
    if outcome.status == Status.READY:
        return "was given back"
    return str(outcome.status)
