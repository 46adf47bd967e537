"""Jobs: the list of what ran, and the page of one run with everything that people ask of it."""

from __future__ import annotations

import time
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.template.loader import render_to_string
from django.urls import URLPattern
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy

from pgprocess.admin import home
from pgprocess.admin.base import may, query_number, read_number
from pgprocess.admin.changelist import ByProcess, ByStatus, CappedPaginator, status_and_reason
from pgprocess.admin.dates import site_time
from pgprocess.admin.diagram_downloads import DiagramDownloads
from pgprocess.admin.job import polling
from pgprocess.admin.job.actions import JobActions, shown_params
from pgprocess.admin.job.diagram import edges_of, job_diagram, parents_of
from pgprocess.admin.job.run_grid import run_grid
from pgprocess.admin.job.summary import at_hand, summary
from pgprocess.admin.job.task_rows import task_rows
from pgprocess.admin.job.timeline import timeline
from pgprocess.admin.jobtask.panel import panel
from pgprocess.display.durations import duration
from pgprocess.display.status import badge
from pgprocess.graph import depths
from pgprocess.models import Job, JobTask
from pgprocess.statuses import JobStatus


@admin.register(Job)
class JobAdmin(DiagramDownloads, JobActions):
    """The pages of a job: how far it is, what its tasks do and wrote, how it compares, what can be done."""

    list_display = ("number", "state", "progress", "took", "begun", "how")
    list_display_links = ("number",)
    list_filter = (ByStatus, ByProcess, "origin", ("created_at", admin.DateFieldListFilter))
    list_select_related = ("process",)
    search_fields = ("pk", "process__name")
    search_help_text = gettext_lazy("The number of a job, or part of the name of its process.")
    sortable_by = ()
    paginator = CappedPaginator

    class Media:
        js = ("pgprocess/diagram.js", "pgprocess/live.js", "pgprocess/log.js", "pgprocess/job.js")

    def own_urls(self) -> list[URLPattern]:
        """Return what is beside the page of a job."""
        return [
            self.url("home/", self.home_view, "home"),
            self.url("<int:pk>/live/", self.live_view, "live"),
            self.url("<int:pk>/timeline/", self.timeline_view, "timeline"),
            *super().own_urls(),
        ]

    def reason_to_keep(self, rows: list[Job]) -> str:
        """Return why these jobs can't be deleted now: one of them runs."""
        job = Job.objects.filter(pk__in=[row.pk for row in rows]).filter(status=JobStatus.RUNNING).first()
        return gettext("Job %(job)s runs: cancel it, then it can be deleted.") % {"job": job} if job else ""

    # the list

    @admin.display(description=gettext_lazy("job"))
    def number(self, job: Job) -> str:
        """Return the process of a job and its number."""
        return str(job)

    @admin.display(description=gettext_lazy("status"))
    def state(self, job: Job) -> SafeString:
        """Return the status, in colour, and the reason why the job ended or did not run, where there is one."""
        return status_and_reason(badge(job.status, str(job.get_status_display())), job.reason)

    @admin.display(description=gettext_lazy("settled"))
    def progress(self, job: Job) -> SafeString:
        """Return how many tasks of the job have settled."""
        return format_html(
            '<span class="pgp-number">{}\N{NO-BREAK SPACE}/\N{NO-BREAK SPACE}{}</span>',
            job.tasks_total - job.tasks_left,
            job.tasks_total,
        )

    @admin.display(description=gettext_lazy("took"))
    def took(self, job: Job) -> str:
        """Return how long the job ran, or has been running."""
        if not job.started_at or job.started_at > timezone.now():
            return "-"
        return duration((job.finished_at or timezone.now()) - job.started_at) + ("" if job.is_over else "…")

    @admin.display(description=gettext_lazy("for, or started"))
    def begun(self, job: Job) -> str:
        """Return the moment of the schedule that the job stands for, else its start."""
        return site_time(job.logical_date or job.started_at)

    @admin.display(description=gettext_lazy("started by"))
    def how(self, job: Job) -> str:
        """Return what started the job, and who."""
        return " · ".join(filter(None, (job.get_origin_display(), job.actor)))

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[Any, bool]:
        """Find the job of a number; look for any other term in the names of processes."""
        term = search_term.strip().lstrip("#")
        if not term:
            return queryset, False
        if key := read_number(term):
            return queryset.filter(pk=key), False
        return queryset.filter(process__name__icontains=term), False

    # the page

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the page of a job. Jobs are changed by verbs only, so there is no form to send."""
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        job = self.visible_row(request, read_number(unquote(object_id)), self.jobs())
        now, since = timezone.now(), polling.seen_now(job.pk)
        rows, edges, whole = task_rows(job), edges_of(job), "whole" in request.GET
        task = task_of(job, query_number(request, "task"))
        if task is None and (hand := at_hand(rows)):
            task = task_of(job, hand.id)
        own = self.address("change", job.pk)
        context = {
            "job": job,
            "summary": summary(job, rows, now, with_log=may(request, "view_log")),
            "diagram": job_diagram(job, rows, edges, whole=whole),
            "timeline": timeline(job, rows, edges, now, whole=whole),
            "grid": run_grid(job.process_id, job, order=depths(parents_of(edges))),
            "panel": panel(request, task, query_number(request, "attempt"), here=own) if task else None,
            "cursor": since,
            "running": polling.running_tasks(rows),
            "params": shown_params(job),
            "may": {name: may(request, name) for name in ("cancel_job", "reopen_jobtask", "run_process", "change_job")},
            "unseen": Job.objects.unseen().filter(pk=job.pk).exists() if job.status == "failed" else False,
        }
        return self.page(request, "admin/pgprocess/job/page.html", str(job), **context)

    def jobs(self) -> QuerySet[Job]:
        """Return jobs with what their page needs of their processes."""
        return Job.objects.select_related("process")

    def live_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Answer what has changed since ``?since=``.

        304, and no body, while the mark in If-None-Match is the present one.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        begin = time.perf_counter()
        now = polling.seen_now(pk)
        if now is None:
            raise Http404
        if request.headers.get("If-None-Match") == f'"{now.mark}"':
            response: HttpResponse = HttpResponse(status=304)
            response["X-Next"] = str(polling.next_poll(now, time.perf_counter() - begin))
            return response
        job = self.jobs().get(pk=pk)
        rows = task_rows(job)
        since = query_number(request, "since")
        fresh = polling.changed_tasks(pk, since) if since else {row.task for row in rows}
        context = {"summary": summary(job, rows, timezone.now(), with_log=may(request, "view_log")), "job": job}
        body = {
            "since": now.since,
            "strip": render_to_string("admin/pgprocess/job/summary.html", context, request),
            "tasks": [polling.as_message(row) for row in rows if row.task in fresh],
            "status": job.status,
        }
        answer = JsonResponse(body)
        answer["ETag"] = f'"{now.mark}"'
        answer["X-Next"] = str(polling.next_poll(now, time.perf_counter() - begin, rows))
        answer["Cache-Control"] = "no-store"
        return answer

    def timeline_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Answer the timeline alone, as it is now."""
        job = self.visible_row(request, pk, self.jobs())
        return HttpResponse(timeline(job, task_rows(job), edges_of(job), timezone.now(), whole="whole" in request.GET))

    def home_view(self, request: HttpRequest) -> HttpResponse:
        """Answer the body of the home page; 304 while the reader has the same."""
        return home.fragment(request)


def task_of(job: Job, pk: int) -> JobTask | None:
    """Return the job task with that key, None if the job has no such one."""
    return job.tasks.filter(pk=pk).select_related("task", "version", "worker", "job").first() if pk else None
