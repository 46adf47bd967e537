"""What the queue hands to a worker, and what the worker hands back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from pgprocess.outcome import Outcome
from pgprocess.text import storable


class Wish(NamedTuple):
    """Up to so many tasks for this worker; ``busy`` counts by queue those that it runs, where that counts."""

    worker: int
    slots: int
    busy: Mapping[str, int] = {}


class Claim(NamedTuple):
    """A job task that is ours: the row, and what its run must know of its job and parents."""

    id: int
    job_id: int | None
    task_id: int
    version_id: int
    map_over: str
    map_index: int | None
    queue: str
    priority: int
    ready_seq: int
    attempt: int
    free_attempts: int
    claim_token: UUID
    parents_total: int
    process_name: str
    task_name: str
    params: dict[str, Any]
    logical_date: datetime | None
    parents: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Version:
    """What a task runs; never changes."""

    id: int
    kind: str
    code: str
    target: str
    interpreter: str
    arguments: str
    timeout: float | None
    max_attempts: int
    retry_delay: float
    backoff: str
    retry_jitter: float
    max_retry_delay: float | None


class Report(NamedTuple):
    """How a claim ended."""

    id: int
    token: UUID
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Ended:
    """A job that came to its end."""

    id: int
    process: str
    status: str


def completion(reports: Sequence[Report]) -> dict[str, Any]:
    """The parameters of ``complete.sql``. What none of them has is an empty list."""
    outcomes = [report.outcome for report in reports]

    def said(values: list[Any]) -> list[Any]:
        return values if any(value is not None for value in values) else []

    return {
        "ids": [report.id for report in reports],
        "tokens": [report.token for report in reports],
        "statuses": [outcome.status.value for outcome in outcomes],
        "exit_codes": said([outcome.exit_code for outcome in outcomes]),
        "errors": said([storable(outcome.error) or None for outcome in outcomes]),
        "reasons": said([storable(outcome.reason) or None for outcome in outcomes]),
        "results": said([outcome.result for outcome in outcomes]),
        "delays": said([outcome.delay for outcome in outcomes]),
    }
