"""The summary of a job, on one strip: how far it is, since when, how long it will take, why it is blocked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median

from django.utils import timezone

from pgprocess.admin.dates import next_run
from pgprocess.admin.job.task_rows import TaskRow
from pgprocess.admin.jobtask.last_words import last_words_of
from pgprocess.display.durations import duration
from pgprocess.models import Job
from pgprocess.statuses import FAILING, JobStatus, Status

HISTORY = 30


@dataclass(frozen=True, slots=True)
class Summary:
    """The facts of a job: ``expected`` is the usual duration, ``blocked`` the first failure, ``next`` the next run."""

    job: Job
    settled: int
    failed: int
    elapsed: timedelta | None
    took: str
    expected: str
    runs: int
    late: bool
    blocked: TaskRow | None
    changed: int
    previous: int | None
    following: int | None
    next: datetime | None


def summary(job: Job, rows: Sequence[TaskRow], now: datetime, *, with_log: bool = False) -> Summary:
    """Return the facts of a job; four queries. ``with_log`` adds what the log says of a failure."""
    usual = history(job)
    expected = median(usual) if usual else None
    elapsed = max(timedelta(), (job.finished_at or now) - job.started_at) if job.started_at else None
    siblings = Job.objects.filter(process_id=job.process_id)
    return Summary(
        job=job,
        settled=job.tasks_total - job.tasks_left,
        failed=job.tasks_failed,
        elapsed=elapsed,
        took=duration(elapsed) if elapsed is not None else "",
        expected=duration(timedelta(seconds=expected)) if expected is not None else "",
        runs=len(usual),
        late=not job.is_over and bool(elapsed and expected and elapsed.total_seconds() > 1.5 * expected + 5),
        blocked=blocked_because(rows, with_log=with_log),
        changed=sum(row.changed for row in rows),
        previous=siblings.filter(pk__lt=job.pk).order_by("-pk").values_list("pk", flat=True).first(),
        following=siblings.filter(pk__gt=job.pk).order_by("pk").values_list("pk", flat=True).first(),
        next=next_run(job.process) if job.process.is_active else None,
    )


def history(job: Job) -> list[float]:
    """Return how many seconds each of the last successful runs took."""
    done = Job.objects.filter(process_id=job.process_id, status=JobStatus.SUCCEEDED).exclude(pk=job.pk)
    times = done.order_by("-pk").values_list("started_at", "finished_at")[:HISTORY]
    return [(end - begin).total_seconds() for begin, end in times if begin and end]


def blocked_by(rows: Sequence[TaskRow]) -> TaskRow | None:
    """Return the task that failed first, None if none did."""
    last = timezone.now()
    failed = [row for row in rows if row.status == Status.FAILED]
    failed = failed or [row for row in rows if row.status in FAILING and row.error]
    return min(failed, key=lambda row: (row.finished or last, row.id), default=None)


def blocked_because(rows: Sequence[TaskRow], *, with_log: bool) -> TaskRow | None:
    """Return the task that failed first, with the last line of its log where its error is no more than a code."""
    row = blocked_by(rows)
    said = last_words_of({row.id: row.error}) if row and with_log else {}
    return replace(row, error=said[row.id]) if row and said else row


def at_hand(rows: Sequence[TaskRow]) -> TaskRow | None:
    """Return the task whose log is shown unless another is chosen: what failed first, else what runs or ended last."""
    running = [row for row in rows if row.status == Status.RUNNING]
    ended = [row for row in rows if row.finished]
    last = max(ended, key=lambda row: row.finished or timezone.now(), default=None)
    first = rows[0] if rows else None
    return blocked_by(rows) or (running[0] if running else None) or last or first
