"""The pages of workers: which are alive, what they serve and run; and the page of their queues."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pgprocess.admin.base import ReadOnly, may, read_number
from pgprocess.admin.dates import site_time
from pgprocess.admin.worker.queues import queues, serves, workers
from pgprocess.display.durations import duration
from pgprocess.models import JobTask, Worker
from pgprocess.models.worker import SILENT, UP, WorkerState
from pgprocess.statuses import Status


@admin.register(Worker)
class WorkerAdmin(ReadOnly):
    """The pages of a worker: whether it is alive, and what it runs now."""

    list_display = ("__str__", "life", "busy", "serves", "begun", "seen_last")
    list_filter = ("state",)
    search_fields = ("host",)
    ordering = ("-id",)
    sortable_by = ()
    change_list_template = "admin/pgprocess/worker/change_list.html"

    def own_urls(self) -> list[URLPattern]:
        """Return the address of the page of queues, beside those of workers."""
        return [self.url("queues/", self.queues_view, "queues")]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Worker]:
        """Return the workers, each with how many tasks it runs now and whether it is silent."""
        rows: QuerySet[Worker] = super().get_queryset(request)
        running = JobTask.objects.filter(worker=OuterRef("pk"), status=Status.RUNNING).order_by().values("worker")
        number = Subquery(running.annotate(number=Count("pk")).values("number"))
        return rows.annotate(running=Coalesce(number, 0), silent=SILENT)

    def reason_to_keep(self, rows: list[Worker]) -> str:
        """Return why these workers can't be deleted now: one of them is alive, and would write its row anew."""
        worker = Worker.objects.filter(~Q(SILENT), state__in=UP, pk__in=[row.pk for row in rows]).first()
        return _("Worker %(worker)s is alive: stop it, then it can be deleted.") % {"worker": worker} if worker else ""

    @admin.display(description=gettext_lazy("state"))
    def life(self, worker: Any) -> SafeString:
        """Return the worker's state as a badge; of a silent one for how long it has been so."""
        label = str(worker.get_state_display())
        if worker.state not in UP:
            mark = "failed" if worker.state == WorkerState.LOST else "skipped"
        elif worker.silent:
            mark, label = "failed", _("silent for %s") % duration(timezone.now() - worker.last_seen)
        else:
            mark = "running"
        return format_html(
            '<span class="pgp pgp-status" data-status="{}"><span class="pgp-word">{}</span></span>', mark, label
        )

    @admin.display(description=gettext_lazy("busy"))
    def busy(self, worker: Any) -> str:
        """Return how many slots of the worker are taken."""
        return f"{worker.running} / {worker.slots}"

    @admin.display(description=gettext_lazy("queues"))
    def serves(self, worker: Worker) -> str:
        """Return the queues that the worker takes from."""
        return serves(worker)

    @admin.display(description=gettext_lazy("started"))
    def begun(self, worker: Worker) -> str:
        """Return when the worker began, in short."""
        return site_time(worker.started_at)

    @admin.display(description=gettext_lazy("last seen"))
    def seen_last(self, worker: Worker) -> str:
        """Return how long ago the worker was last seen."""
        return _("%s ago") % duration(timezone.now() - worker.last_seen)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the row of a worker, and what the worker runs now."""
        now = JobTask.objects.filter(status=Status.RUNNING, worker_id=read_number(unquote(object_id)))
        tasks = now.select_related("task", "job__process").defer("result").order_by("pk")[:200]
        running = [(task, duration(timezone.now() - task.started_at) if task.started_at else "") for task in tasks]
        extra = {**(extra_context or {}), "running": running if may(request, "view_jobtask") else None}
        return super().change_view(request, object_id, form_url, extra)

    def queues_view(self, request: HttpRequest) -> HttpResponse:
        """Show the queues that have something to do, and the workers that are alive."""
        self.require(request, "view_worker")
        context = {"queues": queues(), "workers": workers()}
        return self.page(request, "admin/pgprocess/worker/queues.html", _("Queues"), **context)
