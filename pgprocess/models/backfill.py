"""Backfill: the slots of a past range as jobs, a few at once."""

from __future__ import annotations

from datetime import datetime

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from pgprocess.choices import Reprocess
from pgprocess.models.backfill_plan import Plan
from pgprocess.models.fields import (
    MANY,
    ForeignKey,
    choice,
    created,
    number,
    one_of,
    text,
    within_calendar,
    within_range,
)
from pgprocess.models.primary import Primary
from pgprocess.models.process import Process
from pgprocess.sql import triggers
from pgprocess.statuses import JobStatus


class BackfillManager(Primary["Backfill"]):
    """Backfills, and plans for new ones."""

    def plan(self, process: Process, start: datetime, end: datetime, reprocess: str = Reprocess.NONE) -> Plan:
        """Return what a backfill of ``process`` from ``start`` to ``end``, both included, would do. Raises as Plan."""
        return Plan(process, start, end, reprocess)


class Backfill(models.Model):
    """One line of jobs of a process, of which ``concurrency`` run at once, oldest slot first.

    The database starts the next job whenever one ends, so no program has to stay for it. Raise ``concurrency`` and
    more jobs begin at once; with 0 the line stands still.
    """

    process = ForeignKey(Process, on_delete=models.CASCADE, related_name="backfills", verbose_name=_("process"))
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))
    concurrency = number(_("jobs at once"), 1, validators=[MinValueValidator(0)])
    reprocess = choice(_("run again"), Reprocess, Reprocess.NONE)
    actor = text(_("by"), 200)
    created_at = created(_("created"))

    objects = BackfillManager()

    class Meta:
        base_manager_name = "objects"
        verbose_name = _("backfill")
        verbose_name_plural = _("backfills")
        ordering = ("-id",)
        constraints = (
            one_of("reprocess", Reprocess.values, "backfill"),
            within_calendar("backfill", "starts_at", "ends_at", "created_at"),
            within_range("backfill", "concurrency", 0, MANY),
        )
        triggers = triggers.BACKFILL

    def __str__(self) -> str:
        return f"{self.process}: {self.starts_at:%Y-%m-%d %H:%M} to {self.ends_at:%Y-%m-%d %H:%M}"

    def cancel(self, *, reason: str = "", actor: str = "") -> int:
        """Cancel the jobs that run, and let those that wait never run; return how many were cancelled."""
        self.jobs.filter(buffered=True).exclude(status=JobStatus.RUNNING).update(buffered=False, backfill=None)
        return self.jobs.running().cancel(reason=reason, actor=actor)
