"""Django signals for what happened to job tasks and jobs: sent by the worker that did it, after it was committed.

    from pgprocess.signals import job_finished

    @receiver(job_finished)
    def tell(sender, job_id, process, status, **kwargs): ...

Receivers are called in a thread of the worker's own, one after the other; what they raise is logged, and harms
nothing. A change that people make from psql or the admin sends none: where nothing may be missed, look at the rows.

==================== ==================================================================================
job_finished         a job ended: ``job_id, process, status`` (succeeded, failed, cancelled)
jobtask_succeeded    a job task's try ended so: ``jobtask_id, job_id, process, task, attempt, status,
jobtask_failed       error, reason, worker_id``; of a failure with another try to come it is
jobtask_retried      jobtask_retried
jobtask_skipped
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
"""Which signal an outcome sends; given back and cancelled ones send none."""

alert = Signal()
"""Sent by a cron for each alert, with ``message``: see docs/alerts.md. If a receiver raises, all are called again."""
