"""The facts of a job on one strip: how far it is, since when, how long it will take, why it is blocked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median

from django.utils import timezone

from pgprocess.admin.dates import next_run
from pgprocess.admin.job.task_rows import Line
from pgprocess.admin.jobtask.last_words import last_words_of
from pgprocess.display.durations import duration
from pgprocess.models import Job
from pgprocess.statuses import FAILING, JobStatus, Status

HISTORY = 30


@dataclass(frozen=True, slots=True)
class Strip:
    """What the strip says; ``expected`` is the usual duration, ``blocked`` the failure that came first,
    ``next`` when its process runs next."""

    job: Job
    settled: int
    failed: int
    elapsed: timedelta | None
    took: str
    expected: str
    runs: int
    late: bool
    blocked: Line | None
    changed: int
    previous: int | None
    following: int | None
    next: datetime | None


def strip(job: Job, lines: Sequence[Line], now: datetime, *, told: bool = False) -> Strip:
    """The facts of a job; four queries. What its log says of a failure only if ``told``."""
    usual = history(job)
    expected = median(usual) if usual else None
    elapsed = max(timedelta(), (job.finished_at or now) - job.started_at) if job.started_at else None
    siblings = Job.objects.filter(process_id=job.process_id)
    return Strip(
        job=job,
        settled=job.tasks_total - job.tasks_left,
        failed=job.tasks_failed,
        elapsed=elapsed,
        took=duration(elapsed) if elapsed is not None else "",
        expected=duration(timedelta(seconds=expected)) if expected is not None else "",
        runs=len(usual),
        late=not job.is_over and bool(elapsed and expected and elapsed.total_seconds() > 1.5 * expected + 5),
        blocked=blocked_because(lines, told=told),
        changed=sum(line.changed for line in lines),
        previous=siblings.filter(pk__lt=job.pk).order_by("-pk").values_list("pk", flat=True).first(),
        following=siblings.filter(pk__gt=job.pk).order_by("pk").values_list("pk", flat=True).first(),
        next=next_run(job.process) if job.process.is_active else None,
    )


def history(job: Job) -> list[float]:
    """How many seconds the last runs took that succeeded."""
    done = Job.objects.filter(process_id=job.process_id, status=JobStatus.SUCCEEDED).exclude(pk=job.pk)
    times = done.order_by("-pk").values_list("started_at", "finished_at")[:HISTORY]
    return [(end - begin).total_seconds() for begin, end in times if begin and end]


def blocked_by(lines: Sequence[Line]) -> Line | None:
    """The task that failed first."""
    last = timezone.now()
    failed = [line for line in lines if line.status == Status.FAILED]
    failed = failed or [line for line in lines if line.status in FAILING and line.error]
    return min(failed, key=lambda line: (line.finished or last, line.id), default=None)


def blocked_because(lines: Sequence[Line], *, told: bool) -> Line | None:
    """The same, with what it said last where its error is no more than a code."""
    line = blocked_by(lines)
    said = last_words_of({line.id: line.error}) if line and told else {}
    return replace(line, error=said[line.id]) if line and said else line


def at_hand(lines: Sequence[Line]) -> Line | None:
    """The task whose log is shown unless another is asked for: what failed first, else what runs, what ended last."""
    running = [line for line in lines if line.status == Status.RUNNING]
    ended = [line for line in lines if line.finished]
    last = max(ended, key=lambda line: line.finished or timezone.now(), default=None)
    first = lines[0] if lines else None
    return blocked_by(lines) or (running[0] if running else None) or last or first
