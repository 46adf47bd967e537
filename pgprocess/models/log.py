"""LogChunk: what a task wrote, appended while it runs."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _

from pgprocess.models.fields import created
from pgprocess.models.jobtask import JobTask
from pgprocess.sql import query

NO_LAST = 2**31 - 1


class Stream(models.TextChoices):
    """Where a chunk was written."""

    STDOUT = "stdout", _("output")
    STDERR = "stderr", _("errors")


class LogQuerySet(models.QuerySet["LogChunk"]):
    """Pieces for those who read along."""

    def beyond(
        self, places: Mapping[int, tuple[int, int]], *, last: int = NO_LAST, pieces: int = 500
    ) -> list[LogChunk]:
        """The next pieces of these job tasks, each beyond its place (attempt, seq); none of attempts after ``last``.

        Fewer than ``pieces`` means that there were no more.
        """
        params = {
            "jobtasks": list(places),
            "attempts": [attempt for attempt, _ in places.values()],
            "seqs": [seq for _, seq in places.values()],
            "last": last,
            "pieces": pieces,
        }
        return list(self.raw(query("models/log_after"), params))


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

    objects = LogQuerySet.as_manager()

    class Meta:
        verbose_name = _("piece of log")
        verbose_name_plural = _("log")
        ordering = ("jobtask", "attempt", "seq")
        constraints = (models.UniqueConstraint(fields=["jobtask", "attempt", "seq"], name="pgprocess_logchunk_unique"),)

    def __str__(self) -> str:
        return self.text
