"""Attempt: an earlier try of a JobTask."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from pgprocess.models.fields import ForeignKey, created, long_text, moment, text, within_calendar
from pgprocess.models.jobtask import JobTask
from pgprocess.models.primary import Primary
from pgprocess.models.worker import Worker


class Attempt(models.Model):
    """A try that was not the last. The database keeps it when a task is retried, given back or reopened."""

    jobtask = ForeignKey(
        JobTask, on_delete=models.CASCADE, related_name="attempts", db_index=False, verbose_name=_("job task")
    )
    number = models.IntegerField(_("number"))
    status = models.CharField(
        _("status"), max_length=40, help_text=_("How it ended; released: given back, or its worker was lost.")
    )
    worker = ForeignKey(
        Worker,
        on_delete=models.SET_NULL,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("worker"),
    )
    started_at = moment(_("started"))
    finished_at = moment(_("finished"))
    exit_code = models.IntegerField(_("exit code"), null=True)
    error = long_text(_("error"))
    reason = long_text(_("sent back because"))
    actor = text(_("sent back by"), 200)
    created_at = created(_("created"))

    objects = Primary()

    class Meta:
        base_manager_name = "objects"
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ("jobtask", "number")
        constraints = (
            models.UniqueConstraint(fields=["jobtask", "number"], name="pgprocess_attempt_unique"),
            within_calendar("attempt", "started_at", "finished_at", "created_at"),
        )

    def __str__(self) -> str:
        return f"{self.jobtask} attempt {self.number}"
