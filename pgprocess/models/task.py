"""Task, its edges and its versions: the nodes of a Process."""

from __future__ import annotations

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from pgprocess.choices import Backoff, Kind, TriggerRule
from pgprocess.conf import get_settings
from pgprocess.graph import find_cycle
from pgprocess.models.fields import (
    COUNTABLE,
    LONGEST,
    MANY,
    ForeignKey,
    a_name,
    a_queue,
    choice,
    created,
    flag,
    long_text,
    matches,
    number,
    one_of,
    optional_seconds,
    seconds,
    text,
    within_calendar,
    within_range,
)
from pgprocess.models.primary import Primary
from pgprocess.models.process import Process
from pgprocess.models.syntax import syntax_error
from pgprocess.sql import triggers

CODED = (Kind.PYTHON, Kind.SHELL, Kind.PERL, Kind.SQL)
"""The kinds whose code stands in the database."""
FORBIDDEN = _(
    'Code in the database is forbidden here (PGPROCESS["ALLOW_DB_CODE"] is False): '
    "name a script file, a callable or a command instead."
)

percentage = RegexValidator(r"\A(-?[0-9]{1,3}%?)?\Z", _("Give a percentage from the middle, like 25%% or -25%%."))


def work_is_sound(model: str) -> tuple[models.CheckConstraint, ...]:
    """Let the database refuse numbers of a :class:`Work` that no worker could reckon with."""
    spans = (within_range(model, field, 0.0, LONGEST) for field in ("timeout", "retry_delay", "max_retry_delay"))
    return (*spans, within_range(model, "max_attempts", 1, MANY), within_range(model, "retry_jitter", 0.0, 1.0))


class Work(models.Model):
    """The work of a task and how often to try it: the part of a Task that each TaskVersion freezes."""

    kind = choice(_("kind"), Kind, Kind.PYTHON)
    code = long_text(_("code"), help_text=_("The script, or the SQL."))
    target = text(_("target"), 500, help_text=_("The name of a callable or command, or a script's path."))
    interpreter = text(_("interpreter"), 500)
    arguments = long_text(_("arguments"), help_text=_("As on a command line."))
    timeout = optional_seconds(_("timeout, seconds"), validators=[MinValueValidator(0)])
    max_attempts = number(_("attempts"), 1, validators=[MinValueValidator(1)])
    retry_delay = seconds(_("retry delay, seconds"), validators=[MinValueValidator(0)])
    backoff = choice(_("backoff"), Backoff, Backoff.NONE)
    retry_jitter = seconds(
        _("retry jitter"),
        help_text=_("Share of the delay that chance may add or take: 0 to 1."),
    )
    max_retry_delay = optional_seconds(_("longest retry delay, seconds"))

    class Meta:
        abstract = True


class Task(Work):
    """One node of a Process: what to run, and what must have become of its parents first."""

    process = ForeignKey(Process, on_delete=models.CASCADE, related_name="tasks", verbose_name=_("process"))
    name = models.CharField(_("name"), max_length=200, validators=[a_name])
    description = long_text(_("description"))
    queue = text(_("queue"), 100, "default", blank=False, validators=[a_queue])
    priority = number(_("priority"), 0, help_text=_("Higher goes first."))
    trigger_rule = choice(_("trigger rule"), TriggerRule, TriggerRule.ALL_SUCCEEDED)
    allow_failure = flag(_("allowed to fail"), False, help_text=_("Its failure does not fail the job."))
    map_over = text(_("map over"), 200, help_text=_("A parent's name: run once per item of its result."))
    level = models.IntegerField(
        _("level"), null=True, blank=True, help_text=_("Row in the diagram, from 0; empty: automatic.")
    )
    offset = text(_("offset"), 6, validators=[percentage], help_text=_("0% is the middle; empty: automatic."))
    is_active = flag(_("active"), True)
    version = ForeignKey(
        "TaskVersion",
        on_delete=models.RESTRICT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("current version"),
    )
    parents: models.ManyToManyField[Task, TaskDependency] = models.ManyToManyField(
        "self",
        through="TaskDependency",
        through_fields=("task", "parent"),
        symmetrical=False,
        related_name="children",
    )

    objects = Primary()

    class Meta:
        base_manager_name = "objects"
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering = ("process", "id")
        permissions = (("edit_code", _("Can edit what tasks run")),)
        constraints = (
            models.UniqueConstraint(fields=["process", "name"], name="pgprocess_task_name_unique"),
            one_of("kind", Kind.values, "task"),
            one_of("trigger_rule", TriggerRule.values, "task"),
            one_of("backoff", Backoff.values, "task"),
            matches("task", "name", a_name),
            matches("task", "queue", a_queue),
            within_range("task", "priority", -MANY, MANY),
            within_range("task", "level", 0, 10_000),
            *work_is_sound("task"),
        )
        triggers = triggers.TASK

    def __str__(self) -> str:
        return self.name

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Refuse what no column takes, and what can't be run; a form that leaves out the code does not judge it."""
        super().clean_fields(exclude)
        left_out = exclude or ()
        if "kind" not in left_out and not get_settings().ALLOW_DB_CODE:
            self._check_that_there_is_no_code()
        if "code" not in left_out:
            self._check_work()

    def _check_work(self) -> None:
        if not (self.code or self.target):
            raise ValidationError({"code": _("Say what to run: code, or the target's name.")})
        if self.kind == Kind.PYTHON and not self.interpreter:
            message, line = syntax_error(self.code)
            if message and line:
                raise ValidationError({"code": _("Line %(line)d: %(message)s") % {"line": line, "message": message}})
            if message:
                raise ValidationError({"code": _("This is no Python: %s") % message})

    def _check_that_there_is_no_code(self) -> None:
        """Refuse code in the database. An interpreter's options can hold code too: only its name may be given."""
        if self.code or self.kind in CODED:
            raise ValidationError({"kind": FORBIDDEN})
        if len(self.interpreter.split()) > 1:
            raise ValidationError({"interpreter": FORBIDDEN})


class TaskDependency(models.Model):
    """One edge: ``task`` waits for ``parent``. Both belong to one process, and edges never make a circle."""

    parent = ForeignKey(Task, on_delete=models.CASCADE, related_name="dependents", verbose_name=_("parent"))
    task = ForeignKey(Task, on_delete=models.CASCADE, related_name="dependencies", verbose_name=_("task"))

    objects = Primary()

    class Meta:
        base_manager_name = "objects"
        verbose_name = _("dependency")
        verbose_name_plural = _("dependencies")
        constraints = (models.UniqueConstraint(fields=["parent", "task"], name="pgprocess_taskdependency_unique"),)
        triggers = triggers.TASK_DEPENDENCY

    def __str__(self) -> str:
        return f"{self.parent} → {self.task}"

    def clean(self) -> None:
        """Refuse an edge between processes, and one that closes a circle; the database does so too."""
        super().clean()
        if not (self.parent_id and self.task_id):
            return
        if self.parent.process_id != self.task.process_id:
            raise ValidationError(_("Both tasks of a dependency belong to one process."))
        edges = TaskDependency.objects.filter(task__process_id=self.task.process_id).exclude(pk=self.pk)
        names = edges.values_list("parent__name", "task__name")
        circle = find_cycle([*names, (self.parent.name, self.task.name)])
        if circle:
            raise ValidationError(_("This would close a circle: %s.") % " → ".join(circle))


class TaskVersion(Work):
    """The work of a Task from some moment on. A version never changes: the database makes a new one instead."""

    task = ForeignKey(Task, on_delete=models.CASCADE, related_name="versions", verbose_name=_("task"))
    number = models.IntegerField(_("number"))
    digest = models.CharField(_("digest"), max_length=32)
    created_at = created(_("created"))

    objects = Primary()

    class Meta:
        base_manager_name = "objects"
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        ordering = ("task", "-number")
        constraints = (
            models.UniqueConstraint(fields=["task", "number"], name="pgprocess_taskversion_unique"),
            models.UniqueConstraint(fields=["task", "id"], name="pgprocess_taskversion_of_task"),  # for JobTask's key
            within_range("taskversion", "number", 1, COUNTABLE),
            within_calendar("taskversion", "created_at"),
            *work_is_sound("taskversion"),
        )
        triggers = triggers.TASK_VERSION

    def __str__(self) -> str:
        return f"{self.task} v{self.number}"
