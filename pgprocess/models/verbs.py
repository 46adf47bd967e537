"""The verbs: what people do to job tasks. Each is one UPDATE of ``status``; the database does the rest.

From psql it is the same UPDATE. Here the jobs are locked first, in the order in which everything locks
(see ``sql/functions/advance.sql``), so that a verb and a worker's completion never meet head-on.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Literal

from django.db import connections, models, transaction
from django.db.models import OuterRef, Subquery

from pgprocess.models.job import Job
from pgprocess.models.task import Task
from pgprocess.sql import query
from pgprocess.statuses import SETTLED, TRANSITIONS, Status

if TYPE_CHECKING:
    from pgprocess.models.jobtask import JobTask

if TYPE_CHECKING:
    pass

Verb = Literal["retry", "reopen", "force", "skip", "cancel"]


def _that_may_become(status: Status) -> list[str]:
    return [str(present) for present, following in TRANSITIONS.items() if status in following]


DOES: dict[Verb, Status] = {
    "retry": Status.READY,
    "reopen": Status.READY,
    "force": Status.FORCED,
    "skip": Status.SKIPPED,
    "cancel": Status.CANCELLED,
}
APPLIES_TO: dict[Verb, list[str]] = {
    "retry": [Status.FAILED],
    "reopen": sorted(SETTLED),
    "force": _that_may_become(Status.FORCED),
    "skip": [status for status in _that_may_become(Status.SKIPPED) if status != Status.RUNNING],
    "cancel": _that_may_become(Status.CANCELLED),
}


class JobTaskQuerySet(models.QuerySet["JobTask"]):
    """Job tasks, and what can be done to many of them at once.

    A verb leaves those out that it does not apply to, and returns how many it was applied to. ``reason`` and
    ``actor`` are kept: with the task, or with the attempt that it sends back.
    """

    def retry(self, *, reason: str = "", actor: str = "", latest: bool = False) -> int:
        """Failed ones run again, and what failed below because of them waits again.

        They run what the job began with; with ``latest``, what their task says now.
        """
        return self._apply("retry", reason, actor, latest)

    def reopen(self, *, reason: str = "", actor: str = "", latest: bool = False) -> int:
        """Settled ones run again, and everything below waits again; what runs there is cancelled."""
        return self._apply("reopen", reason, actor, latest)

    def force(self, *, reason: str = "", actor: str = "") -> int:
        """They count as done, and their children go on."""
        return self._apply("force", reason, actor)

    def skip(self, *, reason: str = "", actor: str = "") -> int:
        """They count as skipped, and their children go on by their rules."""
        return self._apply("skip", reason, actor)

    def cancel(self, *, reason: str = "", actor: str = "") -> int:
        """They stop, or never start; for their children that is a failure."""
        return self._apply("cancel", reason, actor)

    def changed_by(self, verb: Verb) -> dict[int, tuple[str, str]]:
        """What the verb would change in the jobs of these: status before and after, by job task; empty: it is gone.

        Found by doing it and taking it back, so it is the rules themselves that answer.
        """
        if verb not in APPLIES_TO:
            raise ValueError(f"There is no verb {verb!r}: use {', '.join(APPLIES_TO)}.")
        ids = list(self.order_by().values_list("pk", flat=True))
        jobs = list(self.order_by().values_list("job", flat=True).distinct())
        around = self._everything().filter(models.Q(pk__in=ids) | models.Q(job__in=jobs))
        changed: dict[int, tuple[str, str]] = {}
        with suppress(_TakenBack), transaction.atomic(using=self.db):
            earlier = dict(around.values_list("pk", "status"))
            touched = self.model.objects.using(self.db).filter(pk__in=ids, status__in=APPLIES_TO[verb])
            again = set(touched.values_list("pk", flat=True)) if DOES[verb] == Status.READY else set()
            getattr(touched, verb)()
            later = dict(around.values_list("pk", "status"))
            changed = {
                pk: (was, later.get(pk, "")) for pk, was in earlier.items() if later.get(pk) != was or pk in again
            }
            raise _TakenBack
        return changed

    def _everything(self) -> models.QuerySet[JobTask]:
        return self.model._base_manager.using(self.db)

    def _apply(self, verb: Verb, reason: str, actor: str, latest: bool = False) -> int:
        status = DOES[verb]
        with transaction.atomic(using=self.db):
            jobs = Job.objects.using(self.db).filter(pk__in=self.order_by().values("job"))
            list(jobs.order_by("pk").select_for_update(no_key=True).values_list("pk"))
            rows = self.filter(status__in=APPLIES_TO[verb]).order_by("pk").select_for_update(of=("self",), no_key=True)
            ids = list(rows.values_list("pk", flat=True))
            chosen = self._everything().filter(pk__in=ids)
            if verb == "reopen":
                # Straight to ready, a failed one would be retried: it goes where a reopen from above sends it first.
                chosen.filter(status=Status.FAILED).update(status=Status.AWAITING, reason=reason, actor=actor)
            chosen.exclude(status=status).update(status=status, reason=reason, actor=actor)
            if latest:
                self._take_latest_versions(ids)
            return len(ids)

    def _take_latest_versions(self, ids: list[int]) -> None:
        """They, and what waits below them, run what their tasks say now."""
        newest = Task.objects.filter(pk=OuterRef("task")).values("version")
        rows = self._everything().filter(pk__in=[*ids, *below(ids, self.db)])
        rows.filter(status__in=[Status.READY, Status.SCHEDULED, Status.AWAITING]).update(version=Subquery(newest))


def below(ids: list[int], using: str) -> list[int]:
    """Everything below these job tasks, each once."""
    with connections[using].cursor() as cursor:
        cursor.execute(query("models/descendants"), {"ids": ids})
        return [pk for (pk,) in cursor.fetchall()]


class _TakenBack(Exception):
    """What was done to see what it does is undone."""
