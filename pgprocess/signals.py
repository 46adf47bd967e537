"""Django signals for what happened to job tasks and jobs, sent by the worker that did it, after the commit.

    from pgprocess.signals import job_finished

    @receiver(job_finished)
    def announce(sender, job_id, process, status, **kwargs): ...

A thread of the worker's own calls the receivers, one after the other. What they raise is logged and harms nothing. A
change that people make from psql or the admin sends no signal: where nothing may be missed, read the rows.

==================== ==================================================================================
job_finished         a job ended: ``job_id, process, status`` (succeeded, failed, cancelled)
jobtask_succeeded    a try of a job task ended: ``jobtask_id, job_id, process, task, attempt, status,
                     error, reason, worker_id``
jobtask_failed       the same; no other try follows
jobtask_retried      the same; it failed, and another try follows
jobtask_skipped      the same; the task's code skipped it
==================== ==================================================================================
"""

from __future__ import annotations

from django.dispatch import Signal

from pgprocess.statuses import Status

__all__ = ["alert", "job_finished", "jobtask_failed", "jobtask_retried", "jobtask_skipped", "jobtask_succeeded"]

job_finished = Signal()
jobtask_succeeded = Signal()
jobtask_failed = Signal()
jobtask_retried = Signal()
jobtask_skipped = Signal()

OF_STATUS: dict[str, Signal] = {
    Status.SUCCEEDED: jobtask_succeeded,
    Status.FAILED: jobtask_failed,
    Status.SCHEDULED: jobtask_retried,
    Status.SKIPPED: jobtask_skipped,
}
"""The signal for each status of an outcome; tasks that were given back or cancelled send none."""

alert = Signal()
"""Sent by a cron for each alert, with ``message``: see docs/alerts.md. If one receiver raises, all are called again."""
