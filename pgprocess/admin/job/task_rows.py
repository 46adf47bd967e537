"""The tasks of a job as its page shows them, a row each; all runs of a mapped task are one row."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import Count, Max, Min
from django.db.models.functions import Right
from django.utils import timezone

from pgprocess.diagram.notes import SEVERITY, note
from pgprocess.display.status import word
from pgprocess.models import Job, JobTask
from pgprocess.text import last_line

TIMES = "\N{MULTIPLICATION SIGN}"
TASK = ("task_id", "task__name", "version__kind", "task__level", "task__offset")
RUN = (*TASK, "pk", "status", "attempt", "run_at", "started_at", "finished_at", "exit_code", "version_id")
GROUP = (*TASK, "status")


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task of a run. ``id`` is the key of its job task, for a mapped task of the first in the worst status.

    ``runs`` counts the job tasks of a mapped task, and is 0 for any other; ``changed`` says that the task is now
    defined in another way than it ran; ``error`` is the last line of its error.
    """

    id: int
    task: int
    name: str
    kind: str
    status: str
    note: str
    attempt: int = 0
    started: datetime | None = None
    finished: datetime | None = None
    error: str = ""
    level: int | None = None
    offset: str = ""
    runs: int = 0
    changed: bool = False


def task_rows(job: Job) -> list[TaskRow]:
    """Return the tasks of a job in the order of its definition; two queries."""
    rows = JobTask.objects.filter(job_id=job.pk)
    single = rows.filter(map_index=None).annotate(end=Right("error", 300))
    found = [single_row(row) for row in single.values_list(*RUN, "end", "task__version_id", named=True)]
    mapped = rows.filter(map_index__isnull=False).order_by("task_id").values(*GROUP)
    counted = mapped.annotate(
        first=Min("pk"), runs=Count("pk"), began=Min("started_at"), ended=Max("finished_at")
    ).values_list(*GROUP, "first", "runs", "began", "ended", named=True)
    for _task, groups in groupby(counted, key=lambda group: group.task_id):
        found.append(mapped_row(list(groups)))
    return sorted(found, key=lambda row: row.task)


def single_row(row: Any) -> TaskRow:
    """Return the row of a task that ran, or will run, once."""
    return TaskRow(
        id=row.pk,
        task=row.task_id,
        name=row.task__name,
        kind=row.version__kind,
        status=row.status,
        note=note(row, timezone.now()),
        attempt=row.attempt,
        started=row.started_at,
        finished=row.finished_at,
        error=last_line(row.end),
        level=row.task__level,
        offset=row.task__offset,
        changed=row.version_id != row.task__version_id,
    )


def mapped_row(groups: list[Any]) -> TaskRow:
    """Return the row of a mapped task, from how many of its runs are in which status: the worst is the row's."""
    numbers = Counter({group.status: group.runs for group in groups})
    worst = min(groups, key=lambda group: SEVERITY.index(group.status))
    began = [group.began for group in groups if group.began]
    ended = [group.ended for group in groups]
    return TaskRow(
        id=worst.first,
        task=groups[0].task_id,
        name=f"{groups[0].task__name} {TIMES}{numbers.total()}",
        kind=groups[0].version__kind,
        status=worst.status,
        note=" · ".join(f"{numbers[status]} {word(status)}" for status in SEVERITY if numbers[status]),
        started=min(began, default=None),
        finished=max(ended) if all(ended) else None,
        level=groups[0].task__level,
        offset=groups[0].task__offset,
        runs=numbers.total(),
    )
