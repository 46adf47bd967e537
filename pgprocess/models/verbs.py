"""The verbs: what people do to job tasks. Each is one UPDATE of ``status``; the database does the rest.

From psql it is the same UPDATE. Here the jobs are locked first, in the order in which everything locks
(see ``sql/functions/advance.sql``), so that a verb and a worker's completion never deadlock.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Literal

from django.db import connections, models, transaction
from django.db.models import OuterRef, Subquery

from pgprocess.models.job import Job
from pgprocess.models.primary import Rows
from pgprocess.models.task import Task
from pgprocess.sql import query
from pgprocess.statuses import SETTLED, TRANSITIONS, Status

if TYPE_CHECKING:
    from pgprocess.models.jobtask import JobTask

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
"""The status that each verb sets."""
APPLIES_TO: dict[Verb, list[str]] = {
    "retry": [Status.FAILED],
    "reopen": sorted(SETTLED),
    "force": _that_may_become(Status.FORCED),
    "skip": [status for status in _that_may_become(Status.SKIPPED) if status != Status.RUNNING],
    "cancel": _that_may_become(Status.CANCELLED),
}
"""The statuses that each verb can be applied to."""


class JobTaskQuerySet(Rows["JobTask"]):
    """Job tasks, and the verbs for many at once.

    A verb does to each what the verb of that name does to one :class:`~pgprocess.models.JobTask`, leaves out those that
    it does not apply to, and returns how many it was applied to.
    """

    def retry(self, *, reason: str = "", actor: str = "", latest: bool = False) -> int:
        return self._apply("retry", reason, actor, latest)

    def reopen(self, *, reason: str = "", actor: str = "", latest: bool = False) -> int:
        return self._apply("reopen", reason, actor, latest)

    def force(self, *, reason: str = "", actor: str = "") -> int:
        return self._apply("force", reason, actor)

    def skip(self, *, reason: str = "", actor: str = "") -> int:
        return self._apply("skip", reason, actor)

    def cancel(self, *, reason: str = "", actor: str = "") -> int:
        return self._apply("cancel", reason, actor)

    def changed_by(self, verb: Verb) -> dict[int, tuple[str, str]]:
        """Return what the verb would change in the jobs of these: status before and after, by job task's id.

        An empty status afterwards means that the job task would be gone. The verb is done in a transaction that is
        rolled back, so that the rules themselves answer. Meanwhile it holds the locks of the jobs, as the verb does.
        """
        if verb not in APPLIES_TO:
            raise ValueError(f"There is no verb {verb!r}: use {', '.join(APPLIES_TO)}.")
        ids = list(self.order_by().values_list("pk", flat=True))
        jobs = list(self.order_by().values_list("job", flat=True).distinct())
        around = self._everything().filter(models.Q(pk__in=ids) | models.Q(job__in=jobs))
        changed: dict[int, tuple[str, str]] = {}
        with suppress(_RollBack), transaction.atomic(using=self.db):
            earlier = dict(around.values_list("pk", "status"))
            touched = self.model.objects.using(self.db).filter(pk__in=ids, status__in=APPLIES_TO[verb])
            again = set(touched.values_list("pk", flat=True)) if DOES[verb] == Status.READY else set()
            getattr(touched, verb)()
            later = dict(around.values_list("pk", "status"))
            changed = {
                pk: (was, later.get(pk, "")) for pk, was in earlier.items() if later.get(pk) != was or pk in again
            }
            raise _RollBack
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
                # From failed straight to ready is a retry: go first to awaiting, where a reopen above would send it.
                chosen.filter(status=Status.FAILED).update(status=Status.AWAITING, reason=reason, actor=actor)
            chosen.exclude(status=status).update(status=status, reason=reason, actor=actor)
            if latest:
                self._take_latest_versions(ids)
            return len(ids)

    def _take_latest_versions(self, ids: list[int]) -> None:
        """Give these job tasks, and those that wait below them, the versions that their tasks have now."""
        newest = Task.objects.filter(pk=OuterRef("task")).values("version")
        rows = self._everything().filter(pk__in=[*ids, *descendants(ids, self.db)])
        rows.filter(status__in=[Status.READY, Status.SCHEDULED, Status.AWAITING]).update(version=Subquery(newest))


def descendants(ids: list[int], using: str) -> list[int]:
    """Return the ids of everything below these job tasks, each once."""
    with connections[using].cursor() as cursor:
        cursor.execute(query("models/descendants"), {"ids": ids})
        return [pk for (pk,) in cursor.fetchall()]


class _RollBack(Exception):
    """Raised to undo what was done only to see its effect."""
