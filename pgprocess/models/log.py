"""LogChunk: what a task wrote, appended while it runs."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from pgprocess.models.base import created
from pgprocess.models.jobtask import JobTask


class Stream(models.TextChoices):
    """Where a chunk was written."""

    STDOUT = "stdout", _("output")
    STDERR = "stderr", _("errors")


class LogChunk(models.Model):
    """A piece of one attempt's output; ``seq`` orders both streams together."""

    jobtask = models.ForeignKey(
        JobTask,
        on_delete=models.CASCADE,
        related_name="log",
        db_index=False,
        db_constraint=False,
        verbose_name=_("job task"),
    )
    attempt = models.IntegerField(_("attempt"))
    seq = models.IntegerField(_("place"))
    stream = models.CharField(_("stream"), max_length=10, choices=Stream.choices)
    text = models.TextField(_("text"))
    created_at = created(_("written"))

    class Meta:
        verbose_name = _("piece of log")
        verbose_name_plural = _("log")
        ordering = ("jobtask", "attempt", "seq")
        constraints = (models.UniqueConstraint(fields=["jobtask", "attempt", "seq"], name="pgprocess_logchunk_unique"),)

    def __str__(self) -> str:
        return self.text
