"""How one attempt ended: the one thing that flows from a runner back to the queue."""

from __future__ import annotations

from dataclasses import dataclass

from pgprocess.statuses import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one attempt of a JobTask ended.

    ``status`` is succeeded, failed, skipped, cancelled, scheduled (run again in ``delay`` seconds, an
    attempt is used up) or ready (given back, none is). ``error`` is for people, empty when all went well;
    ``exit_code`` is the process's, negative for a signal as in :mod:`subprocess`; ``result`` is JSON text.
    ``committed``: the database has it already, together with the task's own work.
    """

    status: Status
    exit_code: int | None = None
    error: str = ""
    reason: str = ""
    result: str | None = None
    delay: float | None = None
    committed: bool = False
