"""LogChunk: what a task wrote, appended while it runs; and the one reader of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _

from pgprocess.models.fields import ForeignKey, created, within_calendar
from pgprocess.models.jobtask import JobTask
from pgprocess.models.primary import Rows
from pgprocess.sql import query

LAST = 2**31 - 1  # the last attempt and the last place that there can be


class Stream(models.TextChoices):
    """The stream that a chunk was written to."""

    STDOUT = "stdout", _("output")
    STDERR = "stderr", _("errors")


class LogQuerySet(Rows["LogChunk"]):
    """Output as readers ask for it: the end, what comes after a place, all. A place is an attempt and a ``seq``."""

    def end_of(self, jobtask: JobTask, attempt: int, *, size: int, most: int) -> tuple[list[LogChunk], bool]:
        """Return the last chunks of an attempt, in order, and whether there is more before them.

        They are at most ``most``, and as many as hold ``size`` characters; of one that is longer the end is kept.
        """
        kept: list[LogChunk] = []
        length = 0
        for chunk in self.filter(jobtask=jobtask, attempt=attempt).order_by("-seq")[: most + 1]:
            if len(kept) == most or length > size:
                return kept[::-1], True
            length += len(chunk.text)
            chunk.text = chunk.text[-size:]
            kept.append(chunk)
        return kept[::-1], length > size

    def after(
        self, places: Mapping[int, tuple[int, int]], *, last_attempt: int = LAST, most: int = 500
    ) -> list[LogChunk]:
        """Return the next chunks of these job tasks, each after its place, none of attempts after ``last_attempt``.

        Fewer than ``most`` mean that there were no more. One statement, and one index probe for each job task.
        """
        params = {
            "jobtasks": list(places),
            "attempts": [min(attempt, LAST) for attempt, _ in places.values()],
            "seqs": [min(seq, LAST) for _, seq in places.values()],
            "last_attempt": min(last_attempt, LAST),
            "most": most,
        }
        return list(self.raw(query("models/log_after"), params))

    def whole(self, jobtask: JobTask, attempt: int, stream: str = "") -> Iterator[str]:
        """Read all that an attempt wrote, of one stream if one is named, 100 chunks at a time.

        Returns the texts, as the task wrote them.
        """
        chunks = self.filter(jobtask=jobtask, attempt=attempt).order_by("seq")
        if stream:
            chunks = chunks.filter(stream=stream)
        last = -1
        while found := list(chunks.filter(seq__gt=last).values_list("seq", "text")[:100]):
            yield "".join(text for _seq, text in found)
            last = found[-1][0]


class LogChunk(models.Model):
    """A piece of one attempt's output; ``seq`` orders both streams together."""

    jobtask = ForeignKey(
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
        base_manager_name = "objects"
        verbose_name = _("piece of log")
        verbose_name_plural = _("log")
        ordering = ("jobtask", "attempt", "seq")
        constraints = (
            models.UniqueConstraint(fields=["jobtask", "attempt", "seq"], name="pgprocess_logchunk_unique"),
            within_calendar("logchunk", "created_at"),
        )

    def __str__(self) -> str:
        return self.text
