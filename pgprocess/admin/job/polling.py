"""What has changed in a job since somebody last looked: nothing, in most of the looks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pgprocess.admin.fetch import fetch
from pgprocess.admin.job.task_rows import Line
from pgprocess.display.status import glyph, word
from pgprocess.statuses import JobStatus, Status

SOON, LATER = 1000, 5000  # milliseconds until the next look: while something runs, and while all wait
COST = 20  # a look is not worth more than one part in so many of the time


@dataclass(frozen=True, slots=True)
class Cursor:
    """The state that a reader has seen: ``mark`` is its fingerprint, ``since`` where later writes begin."""

    mark: str
    since: int
    over: bool


def cursor(job: int) -> Cursor | None:
    """Where the job is now, in one query that reads only indexes and rows; None if there is no such job."""
    for mark, since, status in fetch("admin/job_cursor", job=job):
        return Cursor(mark, since, status != JobStatus.RUNNING)
    return None


def changed(job: int, since: int) -> set[int]:
    """The tasks that may have changed since."""
    return {task for (task,) in fetch("admin/job_changes", job=job, since=since)}


def pause(now: Cursor, spent: float, lines: Sequence[Line] | None = None) -> int:
    """In how many milliseconds to look again after a look that took so many seconds; 0: no more."""
    if now.over:
        return 0
    lively = lines is None or any(lives(line) for line in lines)
    return max(SOON if lively else LATER, int(spent * 1000 * COST))


def lives(line: Line) -> bool:
    """Whether it may change at any moment."""
    return line.status in (Status.RUNNING, Status.READY) or (line.runs > 0 and line.finished is None)


def told(line: Line) -> dict[str, Any]:
    """A line for the page's script: texts and attributes, no markup."""
    return {
        "task": str(line.task),
        "status": line.status,
        "sign": glyph(line.status),
        "note": line.note,
        "label": f"{line.name}: " + ", ".join(filter(None, (word(line.status), line.note))),
        "since": begun(line),
    }


def begun(line: Line) -> float | None:
    """Since when a task runs that runs now."""
    return line.started.timestamp() if line.started and line.status == Status.RUNNING and not line.runs else None


def running(lines: Sequence[Line]) -> str:
    """Since when the tasks run that run now, for the page's script."""
    return json.dumps({str(line.task): begun(line) for line in lines if begun(line)})
