"""Worker: an operating-system process that runs tasks."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from pgprocess.models.fields import choice, flag, long_text, number, text


class WorkerState(models.TextChoices):
    """The states of a worker."""

    RUNNING = "running", _("running")
    STOPPING = "stopping", _("stopping")
    STOPPED = "stopped", _("stopped")
    LOST = "lost", _("lost")


class WorkerQuerySet(models.QuerySet["Worker"]):
    """Workers by their signs of life."""

    def alive(self) -> WorkerQuerySet:
        """Return those that were seen within the last 30 seconds, by the database's clock."""
        seen = Now() - timedelta(seconds=30)
        return self.filter(state__in=[WorkerState.RUNNING, WorkerState.STOPPING], last_seen__gt=seen)


class Worker(models.Model):
    """One ``pgprocess_worker``. The worker refreshes its row while it lives; afterwards the row is history."""

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

    objects = WorkerQuerySet.as_manager()

    class Meta:
        verbose_name = _("worker")
        verbose_name_plural = _("workers")
        ordering = ("-id",)
        indexes = (
            models.Index(
                fields=["last_seen"],
                name="pgprocess_worker_alive",
                condition=models.Q(state__in=["running", "stopping"]),
            ),
        )

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"
