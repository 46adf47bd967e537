"""Lists of a million rows: counted no further than people page, filtered by what they look for."""

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
    """Pages of the first ``CAP`` rows; whoever wants older ones goes on from there, by the key and not by counting."""

    @cached_property
    def found(self) -> int:
        """How many rows there are, or one more than the cap."""
        rows: Any = self.object_list
        return int(rows.order_by()[: CAP + 1].count())

    @cached_property
    def count(self) -> int:
        """How many rows can be paged through."""
        return min(self.found, CAP)

    @property
    def capped(self) -> bool:
        """Whether there are more than that."""
        return self.found > CAP

    @cached_property
    def estimate(self) -> int:
        """About how many rows the whole table has, by Postgres's statistics; 0 if a filter is set or it can't say."""
        rows: Any = self.object_list
        if rows.query.where or not self.capped:
            return 0
        with connections[rows.db].cursor() as cursor:
            cursor.execute(
                "SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [rows.model._meta.db_table]
            )
            return max(0, int(cursor.fetchone()[0]))


class ByStatus(admin.SimpleListFilter):
    """The statuses of jobs, and those failures that nobody has looked at."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """First what wants a look."""
        return [("unseen", _("failed, not looked at")), *JobStatus.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        """Those in the chosen status."""
        if self.value() == "unseen":
            return queryset & Job.objects.unseen()
        return queryset.filter(status=self.value()) if self.value() else queryset


class ByProcess(admin.SimpleListFilter):
    """The processes, as long as a list of them can be read; beyond that one searches by name."""

    title = _("process")
    parameter_name = "process__id__exact"
    path = "process"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Their names."""
        names = list(Process.objects.order_by("name").values_list("pk", "name")[: MANY + 1])
        chosen = [(str(pk), name) for pk, name in names] if len(names) <= MANY else []
        if self.value() and not chosen:
            chosen = [(str(pk), name) for pk, name in Process.objects.filter(pk=self.number).values_list("pk", "name")]
        return chosen

    def has_output(self) -> bool:
        """Also where there is only one to choose."""
        return bool(self.lookup_choices)

    @property
    def number(self) -> int:
        """The chosen one, 0 for what is no number."""
        return read_number(self.value() or "")

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those of the chosen process."""
        return queryset.filter(**{f"{self.path}_id": self.number}) if self.value() else queryset


class ByTasksProcess(ByProcess):
    """As above, for job tasks: by their task's process."""

    parameter_name = "task__process__id__exact"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those whose tasks are the process's."""
        return of_tasks(queryset, Task.objects.filter(process_id=self.number)) if self.value() else queryset


def because(mark: SafeString, why: str) -> SafeString:
    """The badge of a status, and under it why, if that is said."""
    return format_html('{}<span class="pgp-because">{}</span>', mark, str(why)[:WHY]) if why else mark


def of_tasks(runs: QuerySet[Any], tasks: QuerySet[Task]) -> QuerySet[Any]:
    """The runs of these tasks. They are written out, so that Postgres knows whether they are many or few."""
    return runs.filter(task_id__in=list(tasks.values_list("pk", flat=True)[:MOST]))


class ByQueue(admin.SimpleListFilter):
    """The queues that tasks name; their runs are not searched for more."""

    title = _("queue")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Their names."""
        names = Task.objects.order_by("queue").values_list("queue", flat=True).distinct()
        return [(name, name) for name in names[:MANY]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those of the chosen queue."""
        return queryset.filter(queue=self.value()) if self.value() else queryset
