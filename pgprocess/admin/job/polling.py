"""Changes of a job since its page last asked. Most answers are: nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pgprocess.admin.fetch import fetch
from pgprocess.admin.job.task_rows import TaskRow
from pgprocess.display.status import glyph, word
from pgprocess.statuses import JobStatus, Status

SOON, LATER = 1000, 5000  # milliseconds until the next request: while something runs, and while all wait
COST = 20  # answers may take one part in so many of the time


@dataclass(frozen=True, slots=True)
class Seen:
    """The state of a job that a reader has seen: ``mark`` is its fingerprint, later writes begin at ``since``."""

    mark: str
    since: int
    over: bool


def seen_now(job: int) -> Seen | None:
    """Return the state of the job now, None if there is no such job. One query, which reads no text."""
    for mark, since, status in fetch("admin/job_cursor", job=job):
        return Seen(mark, since, status != JobStatus.RUNNING)
    return None


def changed_tasks(job: int, since: int) -> set[int]:
    """Return the tasks that may have changed since that place."""
    return {task for (task,) in fetch("admin/job_changes", job=job, since=since)}


def next_poll(now: Seen, spent: float, rows: Sequence[TaskRow] | None = None) -> int:
    """Return in how many milliseconds the page asks again, after an answer that took ``spent`` seconds; 0: no more."""
    if now.over:
        return 0
    lively = rows is None or any(may_change(row) for row in rows)
    return max(SOON if lively else LATER, int(spent * 1000 * COST))


def may_change(row: TaskRow) -> bool:
    """Return whether the task may change at any moment."""
    return row.status in (Status.RUNNING, Status.READY) or (row.runs > 0 and row.finished is None)


def as_message(row: TaskRow) -> dict[str, Any]:
    """Return a task for the page's script: texts and attributes, no markup."""
    return {
        "task": str(row.task),
        "status": row.status,
        "sign": glyph(row.status),
        "note": row.note,
        "label": f"{row.name}: " + ", ".join(filter(None, (word(row.status), row.note))),
        "since": running_since(row),
    }


def running_since(row: TaskRow) -> float | None:
    """Return since when a running task runs (seconds since 1970), None for any other."""
    return row.started.timestamp() if row.started and row.status == Status.RUNNING and not row.runs else None


def running_tasks(rows: Sequence[TaskRow]) -> str:
    """Return since when each running task runs, as JSON for the page's script."""
    return json.dumps({str(row.task): running_since(row) for row in rows if running_since(row)})
