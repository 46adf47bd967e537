"""Job tasks: the list, the page of one with its log, and the verbs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pgprocess.admin.base import Pages, ReadOnly, may, query_number, read_number
from pgprocess.admin.changelist import ByQueue, ByTasksProcess, CappedPaginator, runs_of, status_and_reason
from pgprocess.admin.confirm import hidden_fields
from pgprocess.admin.dates import site_time
from pgprocess.admin.jobtask.actions import LABEL, PERMISSION, VERBS, confirm_verb
from pgprocess.admin.jobtask.panel import CHUNKS, panel
from pgprocess.display import links
from pgprocess.display.durations import duration
from pgprocess.display.status import badge
from pgprocess.display.terminal import without_codes
from pgprocess.models import JobTask, LogChunk, Task
from pgprocess.models.verbs import Verb
from pgprocess.statuses import SETTLED
from pgprocess.text import last_line


def list_action(verb: Verb) -> Callable[..., HttpResponse]:
    """Return the verb as an action of the list."""

    @admin.action(description=LABEL[verb], permissions=[PERMISSION[verb].partition("_")[0]])
    def act(of: Pages, request: HttpRequest, queryset: QuerySet[JobTask]) -> HttpResponse:
        rows = JobTask.objects.filter(pk__in=queryset.values("pk"))
        return confirm_verb(of, request, verb, rows, request.get_full_path(), hidden_fields(verb, rows.only("pk")))

    act.__name__ = verb
    return act


@admin.register(JobTask)
class JobTaskAdmin(ReadOnly):
    """The pages of a job task: its status and why, what it wrote, earlier tries, what can be done."""

    list_display = ("__str__", "state", "of", "took", "begun", "queue")
    list_filter = ("status", ByQueue, ByTasksProcess)
    list_select_related = ("task", "job__process")
    search_fields = ("pk", "task__name")
    search_help_text = _("Part of the name of a task.")
    ordering = ("-id",)
    sortable_by = ()
    paginator = CappedPaginator
    actions = tuple(list_action(verb) for verb in VERBS)

    class Media:
        js = ("pgprocess/live.js", "pgprocess/log.js")

    def own_urls(self) -> list[URLPattern]:
        """Return what is beside the page of a job task: a page for each verb, and the log."""
        verbs = [self.url(f"<int:pk>/{verb}/", partial(self.verb_view, verb=verb), verb) for verb in VERBS]
        return [
            *verbs,
            self.url("<int:pk>/panel/", self.panel_view, "panel"),
            self.url("<int:pk>/log/", self.log_view, "log"),
            self.url("<int:pk>/log.txt", self.file_view, "file"),
        ]

    def reason_to_keep(self, rows: list[JobTask]) -> str:
        """Return why these job tasks can't be deleted now: one of them has not settled."""
        task = JobTask.objects.filter(pk__in=[row.pk for row in rows]).exclude(status__in=SETTLED).first()
        return gettext("%(task)s has not settled: cancel it, then it can be deleted.") % {"task": task} if task else ""

    # the list

    @admin.display(description=_("job"))
    def of(self, jobtask: JobTask) -> str:
        """Return the job that the job task is a part of."""
        return str(jobtask.job or "-")

    @admin.display(description=_("status"))
    def state(self, jobtask: JobTask) -> SafeString:
        """Return the status, in colour, with the last line of the error, where tracebacks say what happened.

        Else the reason.
        """
        return status_and_reason(badge(jobtask.status), last_line(jobtask.error) or jobtask.reason)

    @admin.display(description=_("took"))
    def took(self, jobtask: JobTask) -> str:
        """Return how long the latest try ran, or has been running, and its number unless it is the first."""
        if not jobtask.started_at:
            return "-"
        time = duration((jobtask.finished_at or timezone.now()) - jobtask.started_at)
        return f"{time} · {gettext('try %d') % jobtask.attempt}" if jobtask.attempt > 1 else time

    @admin.display(description=_("started"))
    def begun(self, jobtask: JobTask) -> str:
        """Return when the latest try began."""
        return site_time(jobtask.started_at)

    def get_queryset(self, request: HttpRequest) -> QuerySet[JobTask]:
        """Return the rows without results, which may be large."""
        rows: QuerySet[JobTask] = super().get_queryset(request).defer("result")
        return rows

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[Any, bool]:
        """Search the names of tasks, which are few, rather than their many runs."""
        term = search_term.strip()
        if not term:
            return queryset, False
        return runs_of(queryset, Task.objects.filter(name__icontains=term)), False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Return whether the list may be filtered so: by job and task too, as diagrams lead to runs of mapped tasks."""
        named = lookup in ("job__id__exact", "task__id__exact", "worker__id__exact", ByTasksProcess.parameter_name)
        return named or super().lookup_allowed(lookup, value, request)

    def has_reopen_permission(self, request: HttpRequest) -> bool:
        """Return whether this person may retry and reopen."""
        return may(request, "reopen_jobtask")

    def has_force_permission(self, request: HttpRequest) -> bool:
        """Return whether this person may mark as done, and skip."""
        return may(request, "force_jobtask")

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        """Return whether this person may cancel."""
        return may(request, "cancel_job")

    # the page

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the page of a job task. Job tasks are changed by verbs only, so there is no form to send."""
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        jobtask = self.whole_row(request, read_number(unquote(object_id)))
        own = self.address("change", jobtask.pk)
        shown = panel(request, jobtask, query_number(request, "attempt"), here=own, alone=True)
        context = {
            "panel": shown,
            "job": jobtask.job,
            "job_url": jobtask.job_id and links.change("job", jobtask.job_id),
        }
        return self.page(request, "admin/pgprocess/jobtask/page.html", str(jobtask), **context)

    def whole_row(self, request: HttpRequest, pk: int) -> JobTask:
        """Return the job task with all that its page shows."""
        rows = JobTask.objects.select_related("task", "version", "worker", "job__process")
        row: JobTask = self.visible_row(request, pk, rows)
        return row

    def panel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Answer the panel alone, for a page that shows another task."""
        jobtask = self.whole_row(request, pk)
        alone = "alone" in request.GET
        page = self.address("change", pk) if alone or not jobtask.job_id else links.change("job", jobtask.job_id)
        shown = panel(request, jobtask, query_number(request, "attempt"), here=page, alone=alone)
        return HttpResponse(render_to_string("admin/pgprocess/job/panel.html", {"panel": shown}, request))

    def log_view(self, request: HttpRequest, pk: int) -> JsonResponse:
        """Answer what an attempt wrote after ``?after=``; ``next`` is 0 once nothing more will come."""
        self.require(request, "view_log")
        jobtask = self.visible_row(request, pk)
        attempt = query_number(request, "attempt")
        place = attempt, query_number(request, "after")
        chunks = LogChunk.objects.after({jobtask.pk: place}, last_attempt=attempt, most=CHUNKS)
        goes_on = len(chunks) == CHUNKS or (jobtask.status not in SETTLED and jobtask.attempt <= attempt)
        body = {
            "pieces": [[chunk.seq, chunk.stream, without_codes(chunk.text)] for chunk in chunks],
            "next": (100 if len(chunks) == CHUNKS else 1000) if goes_on else 0,
            "status": jobtask.status,
        }
        return JsonResponse(body, headers={"Cache-Control": "no-store"})

    def file_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Answer all that an attempt wrote, as a text file."""
        self.require(request, "view_log")
        jobtask = self.visible_row(request, pk)
        attempt = query_number(request, "attempt") or jobtask.attempt
        stream = request.GET.get("stream", "")
        name = f"job-{jobtask.job_id or 0}-task-{pk}-attempt-{attempt}.txt"
        texts = LogChunk.objects.whole(jobtask, attempt, stream)
        response = StreamingHttpResponse(texts, content_type="text/plain; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    def verb_view(self, request: HttpRequest, pk: int, verb: Verb) -> HttpResponse:
        """Apply the verb to this job task, once confirmed; then go back to the page before."""
        jobtask = self.visible_row(request, pk)
        back = self.address("change", pk)
        if jobtask.job_id and "job" in request.GET:
            back = f"{links.change('job', jobtask.job_id)}?task={pk}#task"
        return confirm_verb(self, request, verb, JobTask.objects.filter(pk=pk), back)
