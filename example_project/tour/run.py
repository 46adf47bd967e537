"""The demo once Django is ready: one run of the process from beginning to end, then the site."""

from __future__ import annotations

import time
from pathlib import Path

from django.contrib.admin import site
from django.core.management import call_command
from django.db import connections
from django.urls import reverse
from rates import processes, shelf
from rates.accounts import ensure_administrator

from pgprocess.models import Job
from pgprocess.statuses import JobStatus
from tour.children import Children, children
from tour.explain import explain
from tour.failure import DemoError
from tour.progress import progress
from tour.site import choose_port, start_site
from tour.stopping import Stopped, Stopping

PAUSE = 0.2
LONGEST = 300.0
"""Seconds after which a job that is not over counts as stuck."""


def run(folder: Path, stopping: Stopping, *, serve: bool) -> int:
    """The process has run once, its site was served until somebody ended it; gives the exit code."""
    port = choose_port() if serve else 0
    call_command("migrate", verbosity=0)
    stopping.check()
    process = processes.define()
    login = ensure_administrator()
    with children(folder) as family:
        family.start("worker", "pgprocess_worker", "--shutdown-timeout", "5")
        family.start("cron", "pgprocess_cron")
        print(f"Process {process.name}: worker and cron run, their logs are in {folder}.", flush=True)
        job = follow(Job.create(process)[0], family, stopping)
        print(summary(job), flush=True)
        if serve:
            address = start_site(port, family, stopping)
            print(links(address, job, login), flush=True)
            connections.close_all()
            keep(family, stopping)
    return 0 if job.status == JobStatus.SUCCEEDED else 1


def follow(job: Job, family: Children, stopping: Stopping) -> Job:
    """The job is over, and was shown on its way. Raises DemoError if it can't go on; then it is cancelled."""
    try:
        return _watch(job, family, stopping)
    except (DemoError, Stopped):
        Job.objects.filter(pk=job.pk).cancel(reason="The demo ended before it was over.")
        raise


def _watch(job: Job, family: Children, stopping: Stopping) -> Job:
    """The job is over, and was shown on its way."""
    deadline = time.monotonic() + LONGEST
    with progress() as show:
        while True:
            job.refresh_from_db()  # before its tasks: when it is over, they are shown as they ended
            show(list(job.tasks.select_related("task").order_by("task_id", "id")))
            if job.is_over:
                return job
            family.check()
            if time.monotonic() > deadline:
                raise DemoError(f"The job is not over after {LONGEST:g} s: see worker.log and cron.log.")
            stopping.wait(PAUSE)


def summary(job: Job) -> str:
    """How the job ended and how long it took; where its report is, or what failed."""
    began = job.started_at or job.created_at
    seconds = ((job.finished_at or began) - began).total_seconds()
    said = f"{job}: {job.tasks_total} tasks, {job.get_status_display()} in {seconds:.1f} s."
    if job.status != JobStatus.SUCCEEDED:
        return f"{said}\n{explain(job)}"
    return f"{said}\n  Report  {shelf.path(shelf.names()[0])}"


def links(address: str, job: Job, login: str) -> str:
    """Where to look now."""
    pages = {"Report": reverse("rates:latest")}
    if site.is_registered(Job):
        pages["Job"] = reverse("admin:pgprocess_job_change", args=[job.pk])
        pages["Admin"] = reverse("admin:app_list", args=["pgprocess"])
    lines = [f"  {name:<6}  {address}{path}" for name, path in pages.items()]
    return "\n".join([*lines, f"          {login}", "Ctrl-C ends all of it."])


def keep(family: Children, stopping: Stopping) -> None:
    """Returns when somebody ends the demo. Raises DemoError if a child process ends before."""
    try:
        while True:
            family.check()
            stopping.wait(1)
    except Stopped:
        return
