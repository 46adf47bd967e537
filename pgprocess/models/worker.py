"""Worker: an operating-system process that runs tasks."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from pgprocess.conf import LEASE
from pgprocess.models.fields import (
    LONGEST,
    MANY,
    choice,
    flag,
    long_text,
    number,
    seconds,
    text,
    within_calendar,
    within_range,
)
from pgprocess.models.primary import Rows
from pgprocess.sql import triggers


class WorkerState(models.TextChoices):
    """The state of a worker, by its own word or that of the rescue (lost)."""

    RUNNING = "running", _("running")
    STOPPING = "stopping", _("stopping")
    STOPPED = "stopped", _("stopped")
    LOST = "lost", _("lost")


UP = (WorkerState.RUNNING, WorkerState.STOPPING)
"""The states of a worker that has not ended, as far as its row knows."""
SILENT = models.Func("last_seen", "lease", function="pgprocess_silent", output_field=models.BooleanField())
"""Whether a worker was not seen for its lease, by the database's clock."""


class WorkerQuerySet(Rows["Worker"]):
    """Workers by their signs of life."""

    def alive(self) -> WorkerQuerySet:
        """Keep the workers that are up and were seen within their lease."""
        return self.filter(~models.Q(SILENT), state__in=UP)

    def working(self) -> WorkerQuerySet:
        """Keep the workers that are alive and whose loops turn."""
        return self.alive().filter(stuck_since=None)


class Worker(models.Model):
    """One ``pgprocess_worker``: its row is refreshed while the worker lives, and kept as history afterwards."""

    host = text(_("host"), 255)
    pid = number(_("process id"))
    queues = long_text(_("queues"), help_text=_("Comma-separated; empty: all."))
    excluded_queues = long_text(_("except"), help_text=_("Comma-separated."))
    slots = number(_("slots"), 1)
    state = choice(_("state"), WorkerState, WorkerState.RUNNING)
    started_at = models.DateTimeField(_("started"), db_default=Now())
    session = flag(
        _("holds a session"), False, help_text=_("Its death is noticed at once, since its session ends with it.")
    )
    last_seen = models.DateTimeField(_("last seen"), db_default=Now())
    stuck_since = models.DateTimeField(
        _("stands still since"), null=True, blank=True, help_text=_("Its heartbeat comes, but its loop does not turn.")
    )
    lease = seconds(_("lost after, seconds"), default=LEASE)

    objects = WorkerQuerySet.as_manager()

    class Meta:
        base_manager_name = "objects"
        verbose_name = _("worker")
        verbose_name_plural = _("workers")
        ordering = ("-id",)
        constraints = (
            within_calendar("worker", "started_at", "last_seen", "stuck_since"),
            within_range("worker", "lease", 0.0, LONGEST),
            within_range("worker", "slots", 0, MANY),
        )
        indexes = (
            models.Index(
                fields=["last_seen"],
                name="pgprocess_worker_alive",
                condition=models.Q(state__in=["running", "stopping"]),
            ),
        )
        triggers = triggers.WORKER

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"
