"""What the queue hands to a worker, and what the worker hands back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from pgprocess.outcome import Outcome


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
