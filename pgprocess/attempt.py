"""One attempt of a task as it passes between the queue and a runner: claim and version go in, an outcome comes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from pgprocess.statuses import Status


class Claim(NamedTuple):
    """A job task that belongs to this worker: its row, and what its run must know of its job and its parents.

    The fields are the columns of ``queue/claim.sql``, in the order of that statement. Params, parents and item are
    JSON text, the logical date is ISO 8601: they are read where the task runs, so one that Python can't read fails
    that task alone.
    """

    id: int
    job_id: int | None
    task_id: int
    version_id: int
    map_index: int | None
    queue: str
    priority: int
    ready_seq: int
    attempt: int
    free_attempts: int
    claim_token: UUID
    process_name: str
    task_name: str
    params: str
    logical_date: str | None
    parents: str | None
    item: str | None
    crashes: int = 0


@dataclass(frozen=True, slots=True)
class Version:
    """What a task runs; a version never changes. Delays and timeouts are seconds."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one attempt ended.

    ``status`` is succeeded, failed, skipped, cancelled, scheduled (run again in ``delay`` seconds, an attempt is used
    up) or ready (given back, no attempt is used up). ``error`` is for people, empty when all went well; ``exit_code``
    is the process's, negative for a signal as in :mod:`subprocess`; ``result`` is JSON text. ``committed``: the
    database has the outcome already, together with the task's own work. ``lost``: what the task ran in has died, and
    nobody knows of what; counted as the loss of a worker.
    """

    status: Status
    exit_code: int | None = None
    error: str = ""
    reason: str = ""
    result: str | None = None
    delay: float | None = None
    committed: bool = False
    lost: bool = False
