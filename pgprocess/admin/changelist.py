"""Lists of a million rows: counted no further than people page, filtered by what people look for."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db import connections
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from pgprocess.admin.base import read_number
from pgprocess.models import Job, Process, Task
from pgprocess.statuses import JobStatus

CAP = 10_000
MANY, MOST = 100, 2000
WHY = 120  # characters of a reason


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Pages of the first ``CAP`` rows. Older rows follow by the key of the last one, without counting."""

    @cached_property
    def found(self) -> int:
        """Return how many rows there are, or one more than the cap."""
        rows: Any = self.object_list
        return int(rows.order_by()[: CAP + 1].count())

    @cached_property
    def count(self) -> int:
        """Return how many rows can be paged through."""
        return min(self.found, CAP)

    @property
    def capped(self) -> bool:
        """Return whether there are more rows than can be paged through."""
        return self.found > CAP

    @cached_property
    def estimate(self) -> int:
        """Return about how many rows the whole table has, by Postgres's statistics.

        0 if a filter is set or they lack it.
        """
        rows: Any = self.object_list
        if rows.query.where or not self.capped:
            return 0
        with connections[rows.db].cursor() as cursor:
            cursor.execute(
                "SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [rows.model._meta.db_table]
            )
            return max(0, int(cursor.fetchone()[0]))


class ByStatus(admin.SimpleListFilter):
    """The statuses of jobs, and the failures that nobody has looked at."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the statuses, and before them the failures that nobody has looked at."""
        return [("unseen", _("failed, not looked at")), *JobStatus.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        """Return the jobs in the chosen status."""
        if self.value() == "unseen":
            return queryset & Job.objects.unseen()
        return queryset.filter(status=self.value()) if self.value() else queryset


class ByProcess(admin.SimpleListFilter):
    """The processes, as long as a list of them can be read; with more of them, people search by name."""

    title = _("process")
    parameter_name = "process__id__exact"
    path = "process"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the keys and names of the processes, of very many the chosen one only."""
        names = list(Process.objects.order_by("name").values_list("pk", "name")[: MANY + 1])
        chosen = [(str(pk), name) for pk, name in names] if len(names) <= MANY else []
        if self.value() and not chosen:
            chosen = [(str(pk), name) for pk, name in Process.objects.filter(pk=self.number).values_list("pk", "name")]
        return chosen

    def has_output(self) -> bool:
        """Return whether there is a process to choose; Django hides a filter with only one choice."""
        return bool(self.lookup_choices)

    @property
    def number(self) -> int:
        """Return the key of the chosen process, 0 for what is no number."""
        return read_number(self.value() or "")

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows of the chosen process."""
        return queryset.filter(**{f"{self.path}_id": self.number}) if self.value() else queryset


class ByTasksProcess(ByProcess):
    """The processes as a filter of job tasks: by the process of the task."""

    parameter_name = "task__process__id__exact"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the runs of the tasks of the chosen process."""
        return runs_of(queryset, Task.objects.filter(process_id=self.number)) if self.value() else queryset


def status_and_reason(mark: SafeString, why: str) -> SafeString:
    """Return the badge of a status, and under it the reason, if there is one."""
    return format_html('{}<span class="pgp-because">{}</span>', mark, str(why)[:WHY]) if why else mark


def runs_of(runs: QuerySet[Any], tasks: QuerySet[Task]) -> QuerySet[Any]:
    """Return the runs of these tasks.

    Their keys are written out, so that Postgres knows whether they are many or few.
    """
    return runs.filter(task_id__in=list(tasks.values_list("pk", flat=True)[:MOST]))


class ByQueue(admin.SimpleListFilter):
    """The queues that tasks name; the runs are not searched for more."""

    title = _("queue")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the names of the queues."""
        names = Task.objects.order_by("queue").values_list("queue", flat=True).distinct()
        return [(name, name) for name in names[:MANY]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows of the chosen queue."""
        return queryset.filter(queue=self.value()) if self.value() else queryset
