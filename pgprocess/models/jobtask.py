"""JobTask: one task of one run. JobTaskDependency: the run's own copy of the edges."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from pgprocess.choices import TriggerRule
from pgprocess.exceptions import TransitionError
from pgprocess.models.fields import (
    COUNTABLE,
    MANY,
    ForeignKey,
    a_queue,
    choice,
    flag,
    long_text,
    matches,
    moment,
    number,
    one_of,
    text,
    within_calendar,
    within_ranges,
)
from pgprocess.models.job import Job
from pgprocess.models.json_field import JSONField
from pgprocess.models.primary import Primary
from pgprocess.models.task import Task, TaskVersion
from pgprocess.models.verbs import APPLIES_TO, DOES, JobTaskQuerySet, Verb
from pgprocess.models.worker import Worker
from pgprocess.sql import triggers
from pgprocess.statuses import OK, SETTLED, Status

ENDED_BADLY = [*(status for status in Status if status in SETTLED - OK), Status.FORCED]


COUNTS = ("attempt", "free_attempts", "crashes", "map_index")


class JobTask(models.Model):
    """One Task within one Job. The row is the latest try; earlier ones are :class:`Attempt` rows.

    The database keeps the counters of parents: how many there are, are open, failed, and were skipped.

    Task and version have one foreign key for both, which Django can't declare (``sql/keys.sql``): the version is one of
    that task. A key for each would look up both for every row, which is a tenth of what it costs to insert one.
    """

    job = ForeignKey(
        Job,
        on_delete=models.CASCADE,
        related_name="tasks",
        null=True,
        db_index=False,
        verbose_name=_("job"),
    )
    task = ForeignKey(Task, on_delete=models.RESTRICT, related_name="runs", db_constraint=False, verbose_name=_("task"))
    version = ForeignKey(
        TaskVersion,
        on_delete=models.RESTRICT,
        related_name="+",
        db_index=False,
        db_constraint=False,
        verbose_name=_("version"),
    )
    map_over = text(_("map over"), 200)
    map_index = models.IntegerField(_("item"), null=True, blank=True)
    item = JSONField(_("item's value"), null=True, blank=True, editable=False)
    status = choice(_("status"), Status, Status.AWAITING)
    queue = text(_("queue"), 100, "default")
    priority = number(_("priority"))
    trigger_rule = choice(_("trigger rule"), TriggerRule, TriggerRule.ALL_SUCCEEDED)
    allow_failure = flag(_("allowed to fail"), False)

    parents_total = number(_("parents"))
    parents_left = number(_("parents left"))
    parents_failed = number(_("parents failed"))
    parents_skipped = number(_("parents skipped"))
    ready_seq = models.BigIntegerField(_("place in the queue"), null=True, editable=False)
    run_at = moment(_("not before"))

    attempt = number(_("attempt"))
    free_attempts = number(
        _("attempts that do not count"), help_text=_("Given back, lost, or made before a retry by a person.")
    )
    crashes = number(_("lost workers"))
    worker = ForeignKey(
        Worker,
        on_delete=models.SET_NULL,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="jobtasks",
        verbose_name=_("worker"),
    )
    claim_token = models.UUIDField(_("claim"), null=True, editable=False)
    started_at = moment(_("started"))
    finished_at = moment(_("finished"))
    exit_code = models.IntegerField(_("exit code"), null=True, blank=True)
    error = long_text(_("error"))
    result = JSONField(_("result"), null=True, blank=True)
    reason = long_text(_("reason"))
    actor = text(_("by"), 200)

    objects = JobTaskQuerySet.as_manager()

    class Meta:
        base_manager_name = "objects"
        verbose_name = _("job task")
        verbose_name_plural = _("job tasks")
        ordering = ("job", "id")
        permissions = (
            ("reopen_jobtask", _("Can retry and reopen")),
            ("force_jobtask", _("Can force and skip")),
            ("view_log", _("Can see what tasks write")),
        )
        constraints = (
            models.UniqueConstraint(fields=["job", "task", "map_index"], name="pgprocess_jobtask_unique"),
            one_of("status", Status.values, "jobtask"),
            one_of("trigger_rule", TriggerRule.values, "jobtask"),
            within_calendar("jobtask", "run_at", "started_at", "finished_at"),
            within_ranges(
                "jobtask",
                {"priority": (-MANY, MANY)} | dict.fromkeys(COUNTS, (0, COUNTABLE)),
            ),
            matches("jobtask", "queue", a_queue),
            models.CheckConstraint(
                name="pgprocess_jobtask_counts",
                condition=models.Q(
                    parents_left__gte=0,
                    parents_failed__gte=0,
                    parents_skipped__gte=0,
                    parents_total__gte=models.F("parents_left")
                    + models.F("parents_failed")
                    + models.F("parents_skipped"),
                ),
            ),
        )
        indexes = (
            models.Index(
                fields=["queue", "priority", "ready_seq"],
                name="pgprocess_jobtask_ready",
                condition=models.Q(status=Status.READY),
            ),
            models.Index(
                fields=["worker"], name="pgprocess_jobtask_running", condition=models.Q(status=Status.RUNNING)
            ),
            models.Index(fields=["run_at"], name="pgprocess_jobtask_due", condition=models.Q(status=Status.SCHEDULED)),
            models.Index(
                fields=["status", "finished_at", "id"],
                name="pgprocess_jobtask_alone",
                condition=models.Q(job__isnull=True),
            ),
            models.Index(
                fields=["status", "-id"],
                name="pgprocess_jobtask_ended_badly",
                condition=models.Q(status__in=ENDED_BADLY),
            ),
        )
        triggers = triggers.JOB_TASK

    def __str__(self) -> str:
        item = "" if self.map_index is None else f"[{self.map_index}]"
        return f"{self.task}{item}"

    # The verbs. Each raises TransitionError where it does not apply. ``reason`` and ``actor`` are kept: with the task,
    # or with the attempt that the verb sends back.

    def retry(self, *, reason: str = "", actor: str = "", latest: bool = False) -> None:
        """Run a failed task again; the tasks below that failed because of it wait again.

        They run what the job began with; with ``latest``, what their tasks say now.
        """
        self._do("retry", reason=reason, actor=actor, latest=latest)

    def reopen(self, main: bool = True, *, reason: str = "", actor: str = "", latest: bool = False) -> None:
        """Run a settled task again; everything below waits again, and what runs there is cancelled.

        ``latest`` as for :meth:`retry`. ``main`` exists for scripts of django-process and changes nothing: the database
        does the cascade.
        """
        self._do("reopen", reason=reason, actor=actor, latest=latest)

    def force(self, *, reason: str = "", actor: str = "") -> None:
        """Count the task as done, so that its children go on."""
        self._do("force", reason=reason, actor=actor)

    def skip(self, *, reason: str = "", actor: str = "") -> None:
        """Count the task as skipped; its children go on by their rules."""
        self._do("skip", reason=reason, actor=actor)

    def cancel(self, *, reason: str = "", actor: str = "") -> None:
        """Stop the task, or never start it; for its children that is a failure."""
        self._do("cancel", reason=reason, actor=actor)

    def affected_by(self, verb: Verb) -> models.QuerySet[JobTask]:
        """Return the other job tasks whose status the verb would change.

        Found as :meth:`JobTaskQuerySet.changed_by` finds it. Raises :class:`TransitionError` where the verb does not
        apply.
        """
        changed = JobTask.objects.using(self._state.db).filter(pk=self.pk).changed_by(verb)
        if self.pk not in changed:
            self._refuse(verb)
        return JobTask._base_manager.filter(pk__in=changed.keys() - {self.pk}).order_by("pk")

    def _do(self, verb: Verb, **options: Any) -> None:
        applied = getattr(JobTask.objects.filter(pk=self.pk), verb)(**options)
        self.refresh_from_db()
        if not applied:
            self._refuse(verb)

    def _refuse(self, verb: Verb) -> None:
        raise TransitionError(
            f"{self} of job {self.job_id} is {self.status}: {verb} applies to {', '.join(APPLIES_TO[verb])} only.",
            status=self.status,
            wanted=DOES[verb],
        )


class JobTaskDependency(models.Model):
    """One edge of a run, copied when the job unfolds; editing the process does not change it.

    The database has no foreign keys here: one rule writes both ends and the edge, and the checks would double the
    cost of an unfold.
    """

    pk = models.CompositePrimaryKey("parent_id", "child_id")
    parent = ForeignKey(
        JobTask, on_delete=models.CASCADE, related_name="edges_down", db_constraint=False, db_index=False
    )
    child = ForeignKey(JobTask, on_delete=models.CASCADE, related_name="edges_up", db_constraint=False)

    objects = Primary()

    class Meta:
        base_manager_name = "objects"
        verbose_name = _("edge of a run")
        verbose_name_plural = _("edges of a run")

    def __str__(self) -> str:
        return f"{self.parent_id} → {self.child_id}"
