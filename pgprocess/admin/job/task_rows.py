"""The tasks of a job as its page shows them, a line each; all runs of a mapped task are one line."""

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
class Line:
    """One task of a run. ``id`` is its job task's, of a mapped one the first's in the worst status.

    ``runs`` counts a mapped one's job tasks, else it is 0; ``changed`` says that the task is now defined in another
    way than it ran; ``error`` is the last line of its error.
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


def lines(job: Job) -> list[Line]:
    """The lines of a job in the order of its definition; two queries."""
    rows = JobTask.objects.filter(job_id=job.pk)
    single = rows.filter(map_index=None).annotate(end=Right("error", 300))
    found = [single_line(row) for row in single.values_list(*RUN, "end", "task__version_id", named=True)]
    mapped = rows.filter(map_index__isnull=False).order_by("task_id").values(*GROUP)
    counted = mapped.annotate(
        first=Min("pk"), runs=Count("pk"), began=Min("started_at"), ended=Max("finished_at")
    ).values_list(*GROUP, "first", "runs", "began", "ended", named=True)
    for _task, groups in groupby(counted, key=lambda group: group.task_id):
        found.append(mapped_line(list(groups)))
    return sorted(found, key=lambda line: line.task)


def single_line(row: Any) -> Line:
    """A task that ran, or will run, once."""
    return Line(
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


def mapped_line(groups: list[Any]) -> Line:
    """A task that runs once per item, from how many of its runs are in which status: the worst is the line's."""
    numbers = Counter({group.status: group.runs for group in groups})
    worst = min(groups, key=lambda group: SEVERITY.index(group.status))
    began = [group.began for group in groups if group.began]
    ended = [group.ended for group in groups]
    return Line(
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
