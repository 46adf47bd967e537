"""Alert: something about a run that people want to know; Delivery: the same for one receiver.

Together they are an outbox: an alert is written in the transaction of the event, so it exists exactly if the event
happened. Crons deliver it afterwards.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from pgprocess.choices import AlertKind
from pgprocess.models.fields import (
    ForeignKey,
    choice,
    created,
    long_text,
    moment,
    number,
    one_of,
    text,
    within_calendar,
    within_range,
)
from pgprocess.models.job import Job
from pgprocess.models.primary import Primary
from pgprocess.models.process import Process


class Alert(models.Model):
    """A job failed, recovered, is late, was missed, or runs longer than usual; or a monitor waits for its ping.

    The rules write alerts for ends of jobs, crons for slots that they missed. Crons also look for jobs that are late
    or long, and find each once. The database has no foreign keys here: an alert must not keep a process or job from
    being deleted.
    """

    process = ForeignKey(
        Process, on_delete=models.CASCADE, related_name="alerts", db_constraint=False, verbose_name=_("process")
    )
    job = ForeignKey(Job, on_delete=models.CASCADE, related_name="alerts", db_constraint=False, verbose_name=_("job"))
    kind = choice(_("what"), AlertKind, AlertKind.FAILED)
    created_at = created(_("created"))
    dispatched_at = moment(_("addressed"), editable=False)

    objects = Primary()

    class Meta:
        base_manager_name = "objects"
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        ordering = ("-id",)
        constraints = (
            one_of("kind", AlertKind.values, "alert"),
            within_calendar("alert", "created_at", "dispatched_at"),
            models.UniqueConstraint(
                fields=["job", "kind"],
                name="pgprocess_alert_once",
                condition=models.Q(kind__in=[AlertKind.LATE, AlertKind.LONG]),
            ),
        )
        indexes = (
            models.Index(fields=["id"], name="pgprocess_alert_new", condition=models.Q(dispatched_at__isnull=True)),
        )

    def __str__(self) -> str:
        return f"{self.process} #{self.job_id}: {self.kind}"


class Delivery(models.Model):
    """One alert for one receiver: delivered, to be tried again at ``next_at``, or given up (both columns empty)."""

    alert = ForeignKey(Alert, on_delete=models.CASCADE, related_name="deliveries", verbose_name=_("alert"))
    receiver = text(_("receiver"), 600, help_text=_("As email:ops@example.com, webhook:https://… or signal."))
    attempts = number(_("attempts"))
    next_at = moment(_("next attempt"))
    delivered_at = moment(_("delivered"))
    error = long_text(_("error"))

    objects = Primary()

    class Meta:
        base_manager_name = "objects"
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=["alert", "receiver"], name="pgprocess_delivery_once"),
            within_calendar("delivery", "next_at", "delivered_at"),
            within_range("delivery", "attempts", 0, 1000),
        )
        indexes = (
            models.Index(fields=["next_at"], name="pgprocess_delivery_due", condition=models.Q(next_at__isnull=False)),
        )

    def __str__(self) -> str:
        return f"{self.alert_id} → {self.receiver}"
