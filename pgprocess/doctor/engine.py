"""Checks of workers and crons: who works, who ticks, and who has gone."""

from __future__ import annotations

from collections.abc import Iterator

from pgprocess.display.durations import rough_duration
from pgprocess.doctor.finding import Finding, Patient, Severity
from pgprocess.models import Process, Worker


def nobody_works(patient: Patient) -> Iterator[Finding]:
    """A worker is alive, and its loop turns."""
    if not Worker.objects.using(patient.alias).working().exists():
        sentence = "No worker is alive: start manage.py pgprocess_worker."
        yield Finding("nobody_works", Severity.ERROR, sentence)


def nobody_ticks(patient: Patient) -> Iterator[Finding]:
    """No slot of a schedule is late by more than a minute."""
    if overdue := Process.objects.using(patient.alias).overdue().order_by("next_run_at").first():
        due = overdue.next_run_at or overdue.scheduled_from
        sentence = f"No cron ticks: {overdue} waits since {due:%Y-%m-%d %H:%M %Z}; start manage.py pgprocess_cron."
        yield Finding("nobody_ticks", Severity.ERROR, sentence)


def paused(patient: Patient) -> Iterator[Finding]:
    """No schedule is paused for a reason that somebody should mend."""
    for process in Process.objects.using(patient.alias).filter(is_active=False).exclude(paused_reason=""):
        reason = process.paused_reason.rstrip(".")
        yield Finding("paused", Severity.WARNING, f"{process} is paused ({reason}): mend it and make it active.")


def stuck_workers(patient: Patient) -> Iterator[Finding]:
    """No worker's loop stands still while its heartbeat goes on."""
    for worker in Worker.objects.using(patient.alias).alive().exclude(stuck_since=None):
        since = f"{worker.stuck_since:%Y-%m-%d %H:%M %Z}"
        sentence = (
            f"Worker {worker} stands still since {since}: it ends by itself after a minute, and its log says where it "
            "stood; otherwise restart it."
        )
        yield Finding("stuck_workers", Severity.ERROR, sentence)


def dead_workers(patient: Patient) -> Iterator[Finding]:
    """No worker has fallen silent within the last day without saying that it stops."""
    for row in patient.ask("doctor/dead_workers"):
        sentence = (
            f"Worker {row['worker']} was not seen for {rough_duration(row['seconds'])}: restart it, or see why it died."
        )
        yield Finding("dead_workers", Severity.WARNING, sentence)


def lost_tasks(patient: Patient) -> Iterator[Finding]:
    """No task runs for a worker that is gone, for longer than it takes others to notice."""
    for row in patient.ask("doctor/lost_tasks"):
        sentence = (
            f"Worker {row['worker']} is gone and still has {row['tasks']:,} running (the first is job task "
            f"{row['first']}): other workers give them back, so start manage.py pgprocess_worker."
        )
        yield Finding("lost_tasks", Severity.ERROR, sentence)
