"""The queues: what lies in each, since when, and whether a worker takes from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from pgprocess.admin.fetch import fetch
from pgprocess.display.durations import duration
from pgprocess.models import JobTask, Worker
from pgprocess.statuses import Status

COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Lane:
    """One queue; ``oldest`` is the job task that has been ready for longest, since ``since``."""

    queue: str
    ready: int
    running: int
    scheduled: int
    served: bool
    oldest: int | None
    since: datetime | None

    @property
    def many(self) -> bool:
        """Return whether more tasks are ready than were counted."""
        return self.ready > COUNTED

    @property
    def age(self) -> str:
        """Return for how long the oldest task has been ready."""
        return duration(timezone.now() - self.since) if self.since else ""


def queues() -> list[Lane]:
    """Return the queues that have something to do; one query."""
    return [Lane(*row) for row in fetch("admin/queues")]


def serves(worker: Worker) -> str:
    """Return the queues that a worker takes from."""
    return worker.queues.replace(",", ", ") or _("all")


def workers() -> list[tuple[Any, int]]:
    """Return the workers that are alive, each with how many tasks it runs now; two queries."""
    alive = list(Worker.objects.alive().order_by("host", "pid")[:100])
    busy = JobTask.objects.filter(status=Status.RUNNING, worker__in=[worker.pk for worker in alive])
    numbers = dict(busy.order_by().values_list("worker").annotate(number=Count("pk")))
    return [(worker, numbers.get(worker.pk, 0)) for worker in alive]
