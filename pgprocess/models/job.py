"""Job: one run of a Process."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models, router, transaction
from django.db.models import Func
from django.db.models.functions import Now
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from pgprocess.exceptions import ParamsError, TransitionError
from pgprocess.models.backfill import Backfill
from pgprocess.models.fields import (
    ForeignKey,
    choice,
    created,
    flag,
    long_text,
    moment,
    number,
    one_of,
    text,
    within_calendar,
)
from pgprocess.models.json_field import JSONField
from pgprocess.models.primary import Rows
from pgprocess.models.process import Process
from pgprocess.sql import triggers
from pgprocess.statuses import JobStatus

if TYPE_CHECKING:
    from pgprocess.models.jobtask import JobTask


class Origin(models.TextChoices):
    """The ways in which a job is made."""

    DEMAND = "demand", _("on demand")
    SCHEDULE = "schedule", _("schedule")
    BACKFILL = "backfill", _("backfill")


ENDED_BADLY = [status for status in JobStatus if status not in (JobStatus.RUNNING, JobStatus.SUCCEEDED)]
UNSEEN = models.Q(status=JobStatus.FAILED) & (models.Q(seen_at=None) | models.Q(seen_at__lt=models.F("finished_at")))


class JobQuerySet(Rows["Job"]):
    """Jobs by their state, and the verbs for many at once."""

    def running(self) -> JobQuerySet:
        """Return those that are not over; one that waits for its turn is among them."""
        return self.filter(status=JobStatus.RUNNING)

    def unseen(self) -> JobQuerySet:
        """Return those that failed and that nobody has marked as looked at since."""
        return self.filter(UNSEEN)

    def see(self) -> int:
        """Mark failed jobs as looked at; return how many. A job that fails again is unseen again."""
        return self.unseen().update(seen_at=Now())

    def cancel(self, *, reason: str = "", actor: str = "") -> int:
        """Cancel those that are not over, with all their unsettled tasks; return how many."""
        return self.running().update(status=JobStatus.CANCELLED, reason=reason, actor=actor)

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete the jobs with all that belongs to them; those that run are cancelled first, so that they don't fail.

        Django deletes the tasks of a job by the hundred, and the rules see the first hundred gone before the last.
        """
        with transaction.atomic(using=router.db_for_write(self.model)):
            self.model._base_manager.filter(pk__in=list(self.running().values_list("pk", flat=True))).update(
                status=JobStatus.CANCELLED
            )
            return super().delete()

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]


class Job(models.Model):
    """One run of a Process. Inserting a row, by whatever means, starts the run: the database unfolds its tasks.

    ``tasks_left`` counts the tasks that are not settled; with none left the job is over and has ``finished_at``.
    """

    process = ForeignKey(
        Process, on_delete=models.CASCADE, related_name="jobs", db_index=False, verbose_name=_("process")
    )
    status = choice(_("status"), JobStatus, JobStatus.RUNNING)
    params = JSONField(_("params"), default=dict, db_default={}, blank=True)
    logical_date = moment(_("logical date"), help_text=_("The moment of the schedule that this run stands for."))
    run_at = moment(_("not before"))
    buffered = flag(
        _("waits for its turn"), False, help_text=_("Its tasks wait until the jobs before it in its line have ended.")
    )
    backfill = ForeignKey(
        Backfill,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="jobs",
        db_index=False,
        verbose_name=_("backfill"),
    )
    origin = choice(_("started by"), Origin, Origin.DEMAND)
    actor = text(_("by"), 200)
    reason = long_text(_("reason"))
    created_at = created(_("created"))
    started_at = moment(_("started"))
    finished_at = moment(_("finished"))
    cancelled_at = moment(_("cancelled"), editable=False)
    seen_at = moment(_("looked at"), editable=False)
    tasks_total = number(_("tasks"), 0)
    tasks_left = number(_("tasks left"), 0)
    tasks_failed = number(_("tasks failed"), 0)

    objects = JobQuerySet.as_manager()

    class Meta:
        base_manager_name = "objects"
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ("-id",)
        permissions = (("cancel_job", _("Can cancel a job")),)
        constraints = (
            models.UniqueConstraint(fields=["process", "logical_date"], name="pgprocess_job_slot_unique"),
            one_of("status", JobStatus.values, "job"),
            models.CheckConstraint(
                name="pgprocess_job_counts", condition=models.Q(tasks_left__gte=0, tasks_failed__gte=0)
            ),
            within_calendar(
                "job",
                *("logical_date", "run_at", "created_at", "started_at", "finished_at", "cancelled_at", "seen_at"),
            ),
            models.CheckConstraint(
                name="pgprocess_job_params_are_an_object",
                condition=Exact(Func("params", function="jsonb_typeof", output_field=models.TextField()), "object"),
                violation_error_message=_("Params are a JSON object: write them in braces."),
            ),
        )
        indexes = (
            models.Index(fields=["process", "-id"], name="pgprocess_job_of_process"),
            models.Index(
                fields=["process"], name="pgprocess_job_running", condition=models.Q(status=JobStatus.RUNNING)
            ),
            models.Index(
                fields=["status", "finished_at", "id"],
                name="pgprocess_job_over",
                condition=~models.Q(status=JobStatus.RUNNING),
            ),
            models.Index(
                fields=["process", "backfill", "logical_date"],
                name="pgprocess_job_in_line",
                condition=models.Q(buffered=True),
            ),
            models.Index(
                fields=["backfill"], name="pgprocess_job_of_backfill", condition=models.Q(backfill__isnull=False)
            ),
            models.Index(
                fields=["status", "-id"],
                name="pgprocess_job_ended_badly",
                condition=models.Q(status__in=ENDED_BADLY),
            ),
            models.Index(fields=["-id"], name="pgprocess_job_unseen", condition=UNSEEN),
        )
        triggers = triggers.JOB

    def __str__(self) -> str:
        return f"{self.process} #{self.pk}"

    @classmethod
    def create(
        cls,
        process: Process,
        params: dict[str, Any] | None = None,
        *,
        logical_date: datetime | None = None,
        run_at: datetime | None = None,
        actor: str = "",
        reason: str = "",
    ) -> tuple[Job, list[JobTask]]:
        """Start a run of ``process`` now, or at ``run_at``; return the job and its tasks.

        ``params`` is a JSON object that every task can read. Raises :class:`ParamsError` if it is anything else.
        """
        if params is not None and not isinstance(params, dict):
            raise ParamsError(f"The params of a job are a dict, not {type(params).__name__}.")
        if process.pk is None:
            raise ValueError("The process is not saved yet: save it, then create its jobs.")
        with transaction.atomic(using=router.db_for_write(cls)):
            job = cls.objects.create(
                process_id=process.pk,
                params=params or {},
                logical_date=logical_date,
                run_at=run_at,
                actor=actor,
                reason=reason,
            )
            job.refresh_from_db()
            job._state.fields_cache["process"] = process  # noqa: SLF001  an assignment refuses what a replica gave
            return job, list(job.tasks.select_related("task").order_by("id"))

    def delete(self, using: str | None = None, keep_parents: bool = False) -> tuple[int, dict[str, int]]:
        """Delete the job with all that belongs to it; one that runs is cancelled first."""
        with transaction.atomic(using=using or router.db_for_write(type(self), instance=self)):
            type(self)._base_manager.using(using).filter(pk=self.pk, status=JobStatus.RUNNING).update(
                status=JobStatus.CANCELLED
            )
            return super().delete(using, keep_parents)

    @property
    def is_over(self) -> bool:
        """Whether nothing in the job happens by itself any more."""
        return self.status != JobStatus.RUNNING

    def cancel(self, *, reason: str = "", actor: str = "") -> None:
        """Cancel everything unsettled; workers stop the tasks that run.

        Raises :class:`TransitionError` if the job is over already.
        """
        if not Job.objects.filter(pk=self.pk).cancel(reason=reason, actor=actor):
            self.refresh_from_db()
            raise TransitionError(
                f"Job {self.pk} is {self.status} already, so it can't be cancelled.",
                status=self.status,
                wanted=JobStatus.CANCELLED,
            )
        self.refresh_from_db()
