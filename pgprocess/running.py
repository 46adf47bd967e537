"""A task that a worker is running: from the claim to what a runner is given, and to words for the log."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pgprocess.claims import Claim, Ended, Report, Version
from pgprocess.logbook import Page
from pgprocess.outcome import Outcome
from pgprocess.runners.base import Run, Stop
from pgprocess.statuses import Status


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


def run_of(claim: Claim, version: Version, commit: Callable[[Outcome], bool]) -> Run:
    """What a runner is given."""
    parents = claim.parents or {}
    return Run(
        jobtask_id=claim.id,
        job_id=claim.job_id,
        process=claim.process_name,
        task=claim.task_name,
        kind=version.kind,
        code=version.code,
        target=version.target,
        interpreter=version.interpreter,
        arguments=version.arguments,
        timeout=version.timeout,
        attempt=claim.attempt,
        free_attempts=claim.free_attempts,
        max_attempts=version.max_attempts,
        retry_delay=version.retry_delay,
        backoff=version.backoff,
        retry_jitter=version.retry_jitter,
        max_retry_delay=version.max_retry_delay,
        logical_date=claim.logical_date,
        params=claim.params,
        parents=parents,
        map_index=claim.map_index,
        item=None if claim.map_index is None else parents[claim.map_over][claim.map_index],
        commit=commit,
    )


def ended_as(outcome: Outcome) -> str:
    """How a log line says it."""
    if outcome.status == Status.SCHEDULED:
        return f"failed, next try in {outcome.delay or 0:g} s,"
    if outcome.status == Status.READY:
        return "was given back"
    return str(outcome.status)
