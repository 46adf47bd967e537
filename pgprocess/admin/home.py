"""The home page: what runs, what failed and nobody has looked at, what runs next, which workers live, what waits."""

from __future__ import annotations

import hashlib
import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone

from pgprocess.admin.base import may
from pgprocess.admin.dates import next_run
from pgprocess.admin.jobtask.last_words import last_words_of
from pgprocess.admin.worker.queues import queues, workers
from pgprocess.display.durations import duration
from pgprocess.models import Job, JobTask, Process
from pgprocess.statuses import Status
from pgprocess.text import last_line

TOKEN = re.compile(r"<input[^>]+csrfmiddlewaretoken[^>]+>")  # differs each time it is written
ROWS, COUNTED = 10, 1000
WHY = 140  # characters of an error
PAUSE = 5000


def home_facts(request: HttpRequest) -> dict[str, Any]:
    """Return what this person may see of the home page; about ten queries, whatever the number of rows."""
    now = timezone.now()
    sees = {name: may(request, f"view_{name}") for name in ("job", "process", "worker")}
    facts: dict[str, Any] = {
        "sees": sees,
        "now": now,
        "acts": {name: may(request, name) for name in ("reopen_jobtask", "change_job")},
    }
    if sees["process"]:
        due = Process.objects.filter(is_active=True, next_run_at__isnull=False).order_by("next_run_at")[:ROWS]
        facts["next"] = [(process, next_run(process), time_until(process, now)) for process in due]
        facts["late"] = Process.objects.overdue()[:ROWS]
        facts["empty"] = not Process.objects.exists()
    if sees["job"]:
        running = Job.objects.running()
        facts["running"] = [
            (job, elapsed(job, now)) for job in running.select_related("process").order_by("-pk")[:ROWS]
        ]
        facts["running_count"] = running.order_by()[: COUNTED + 1].count()
        unseen = Job.objects.unseen()
        failed = list(unseen.select_related("process").order_by("-pk")[:ROWS])
        facts["failed"] = first_failures(failed, with_log=may(request, "view_log"))
        facts["failed_count"] = unseen.order_by()[: COUNTED + 1].count()
        facts["queues"] = queues()
        facts["oldest"] = min(
            (lane for lane in facts["queues"] if lane.since), key=lambda lane: lane.since, default=None
        )
        facts["ready_count"] = sum(lane.ready for lane in facts["queues"])
    if sees["worker"]:
        facts["workers"] = workers()
        facts["slots"] = sum(worker.slots for worker, _busy in facts["workers"])
        facts["busy"] = sum(busy for _worker, busy in facts["workers"])
    return facts


def first_failures(jobs: list[Job], *, with_log: bool) -> list[tuple[Job, JobTask | None, str]]:
    """Return the jobs, each with the task that failed first and its error; ``with_log`` adds the log. Two queries."""
    rows = JobTask.objects.filter(job__in=jobs, status=Status.FAILED).select_related("task").defer("result")
    first = {row.job_id: row for row in rows.order_by("job_id", "finished_at", "pk").distinct("job_id")}
    errors = {row.pk: row.error for row in first.values()}
    whys = {pk: last_line(error)[:WHY] for pk, error in errors.items()} | (last_words_of(errors) if with_log else {})
    found = [(job, first.get(job.pk)) for job in jobs]
    return [(job, task, whys[task.pk] if task else "") for job, task in found]


def elapsed(job: Job, now: Any) -> str:
    """Return how long a job has been running."""
    return duration(now - job.started_at) if job.started_at and job.started_at <= now else ""


def time_until(process: Process, now: Any) -> str:
    """Return in how long a process runs next."""
    assert process.next_run_at is not None
    return duration(process.next_run_at - now)


def fragment(request: HttpRequest) -> HttpResponse:
    """Answer the body of the home page; 304, and no body, while the reader has the same."""
    html = render_to_string("admin/pgprocess/home.html", {"home": home_facts(request)}, request)
    stable = TOKEN.sub("", html)
    mark = f'"{hashlib.blake2b(stable.encode(), digest_size=12).hexdigest()}"'
    if request.headers.get("If-None-Match") == mark:
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(html, headers={"ETag": mark, "Cache-Control": "no-store"})
    response["X-Next"] = str(PAUSE)
    return response
