"""A failed job, told to people: which task, why, and the end of what it wrote."""

from __future__ import annotations

from pgprocess.models import Job, JobTask, LogChunk
from pgprocess.statuses import Status
from tour.failure import last_lines


def explain(job: Job) -> str:
    """Each task that failed by itself, with its error and the end of its log."""
    failed = job.tasks.filter(status=Status.FAILED).select_related("task").order_by("id")
    return "\n".join(_explain(jobtask) for jobtask in failed) or f"  {job.reason or 'No task failed.'}"


def _explain(jobtask: JobTask) -> str:
    log = LogChunk.objects.filter(jobtask=jobtask, attempt=jobtask.attempt).order_by("seq")
    written = "".join(log.values_list("text", flat=True))
    return f"✗ {jobtask.task.name}: {jobtask.error or jobtask.reason}\n{last_lines(written)}"
