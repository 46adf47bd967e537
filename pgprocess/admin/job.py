"""Jobs: the list of what ran, and the page of one run with everything that people ask of it."""

from __future__ import annotations

import json
import time
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.urls import URLPattern
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from pgprocess.admin.base import ReadOnly, may
from pgprocess.admin.confirm import Done, Question, Reason, ask, chosen
from pgprocess.admin.lists import ByProcess, ByStatus, CappedPaginator
from pgprocess.admin.pages import home, live
from pgprocess.admin.pages.drawing import drawing, edges_of
from pgprocess.admin.pages.grid import grid
from pgprocess.admin.pages.lines import lines
from pgprocess.admin.pages.panel import panel
from pgprocess.admin.pages.strip import at_hand, strip
from pgprocess.admin.pages.timeline import depths, timeline
from pgprocess.admin.verbs import confirm
from pgprocess.conf import get_settings
from pgprocess.diagram.badge import badge
from pgprocess.diagram.notes import duration
from pgprocess.masking import masked
from pgprocess.models import Job, JobTask
from pgprocess.statuses import Status


@admin.register(Job)
class JobAdmin(ReadOnly):
    """A run: how far it is, what its tasks do and wrote, how it compares, what can be done about it."""

    list_display = ("number", "state", "progress", "took", "begun", "origin", "actor", "because")
    list_display_links = ("number",)
    list_filter = (ByStatus, ByProcess, "origin", ("created_at", admin.DateFieldListFilter))
    list_select_related = ("process",)
    search_fields = ("pk", "process__name")
    search_help_text = gettext_lazy("The number of a job, or part of the name of its process.")
    sortable_by = ()
    paginator = CappedPaginator
    actions = ("cancel", "see")

    class Media:
        js = ("pgprocess/diagram.js", "pgprocess/live.js", "pgprocess/log.js", "pgprocess/job.js")

    def own_urls(self) -> list[URLPattern]:
        """What is beside the page of a job."""
        return [
            self.url("home/", self.home_view, "home"),
            self.url("<int:pk>/live/", self.live_view, "live"),
            self.url("<int:pk>/timeline/", self.timeline_view, "timeline"),
            self.url("<int:pk>/cancel/", self.cancel_view, "cancel"),
            self.url("<int:pk>/retry/", self.retry_view, "retry"),
            self.url("<int:pk>/again/", self.again_view, "again"),
            self.url("<int:pk>/see/", self.see_view, "see"),
        ]

    # the list

    @admin.display(description=gettext_lazy("job"))
    def number(self, job: Job) -> str:
        """Its process and its number."""
        return str(job)

    @admin.display(description=gettext_lazy("status"))
    def state(self, job: Job) -> SafeString:
        """Its status, in colour."""
        return badge(job.status, str(job.get_status_display()))

    @admin.display(description=gettext_lazy("settled"))
    def progress(self, job: Job) -> SafeString:
        """How many of its tasks have settled."""
        return format_html(
            '<span class="pgp-number">{}\N{NO-BREAK SPACE}/\N{NO-BREAK SPACE}{}</span>',
            job.tasks_total - job.tasks_left,
            job.tasks_total,
        )

    @admin.display(description=gettext_lazy("took"))
    def took(self, job: Job) -> str:
        """How long it ran, or runs."""
        if not job.started_at or job.started_at > timezone.now():
            return "-"
        return duration((job.finished_at or timezone.now()) - job.started_at) + ("" if job.is_over else "…")

    @admin.display(description=gettext_lazy("for, or started"))
    def begun(self, job: Job) -> str:
        """The moment of its schedule that it stands for, else when it started, in short."""
        moment = job.logical_date or job.started_at
        return date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT") if moment else "-"

    @admin.display(description=gettext_lazy("because"))
    def because(self, job: Job) -> str:
        """Why it ended so, or did not run, as far as it is said."""
        return str(job.reason)[:120]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[Any, bool]:
        """A number is a job's own; anything else is looked for in the names of processes."""
        term = search_term.strip().lstrip("#")
        if not term:
            return queryset, False
        if term.isdecimal() and len(term) < 18:
            return queryset.filter(pk=int(term)), False
        return queryset.filter(process__name__icontains=term), False

    # what can be done

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        """Whether this person may cancel jobs."""
        return may(request, "cancel_job")

    def has_see_permission(self, request: HttpRequest) -> bool:
        """Whether this person may say that failures were looked at."""
        return may(request, "change_job")

    @admin.action(description=gettext_lazy("Cancel"), permissions=["cancel"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Job]) -> HttpResponse:
        """The chosen jobs that still run are cancelled, once confirmed."""
        running = list(Job.objects.running().filter(pk__in=queryset.values("pk")).select_related("process"))
        return self.ask_to_cancel(request, running, request.get_full_path(), chosen("cancel", running))

    @admin.action(description=gettext_lazy("Mark as looked at"), permissions=["see"])
    def see(self, request: HttpRequest, queryset: QuerySet[Job]) -> HttpResponse:
        """The chosen failures were looked at, once confirmed."""
        failed = list(Job.objects.unseen().filter(pk__in=queryset.values("pk")).select_related("process"))

        def act(answers: dict[str, Any]) -> Done | None:
            seen = Job.objects.filter(pk__in=[job.pk for job in failed]).see()
            text = ngettext("%d failure was looked at.", "%d failures were looked at.", seen) % seen
            return Done(text, failed, "Looked at.") if seen else None

        question = Question(
            title=_("Mark as looked at?"),
            button=_("Mark as looked at"),
            back=request.get_full_path(),
            effects=[
                _("%(job)s leaves the list of failures that nobody has looked at.") % {"job": job} for job in failed
            ],
            hidden=chosen("see", failed),
        )
        return ask(self, request, question, act)

    def ask_to_cancel(self, request: HttpRequest, jobs: list[Job], back: str, hidden: Any = ()) -> HttpResponse:
        """These running jobs are cancelled, once confirmed."""

        def act(answers: dict[str, Any]) -> Done | None:
            rows = Job.objects.filter(pk__in=[job.pk for job in jobs])
            cancelled = rows.cancel(actor=request.user.get_username(), reason=answers["reason"])
            text = ngettext("%d job was cancelled.", "%d jobs were cancelled.", cancelled) % cancelled
            return Done(text, jobs, "Cancelled.") if cancelled else None

        running = JobTask.objects.filter(job__in=jobs, status=Status.RUNNING).select_related("task")[:50]
        effects = [
            ngettext(
                "%(job)s: %(left)d task stops, or never starts.",
                "%(job)s: %(left)d tasks stop, or never start.",
                job.tasks_left,
            )
            % {"job": job, "left": job.tasks_left}
            for job in jobs
        ]
        if stopped := ", ".join(map(str, running)):
            effects.append(_("Running now, and told to stop: %s.") % stopped)
        question = Question(
            title=_("Cancel?"),
            button=_("Cancel the job") if len(jobs) == 1 else _("Cancel the jobs"),
            back=back,
            effects=effects or [_("None of them runs.")],
            danger=True,
            form=Reason,
            hidden=hidden,
        )
        return ask(self, request, question, act)

    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Cancel this job, once confirmed."""
        job = self.seen(request, pk)
        self.require(request, "cancel_job")
        return self.ask_to_cancel(request, [] if job.is_over else [job], self.address("change", pk))

    def retry_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Run what failed in this job again, once confirmed."""
        job = self.seen(request, pk)
        return confirm(self, request, "retry", job.tasks.filter(status=Status.FAILED), self.address("change", pk))

    def again_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Another job with the same params, once confirmed."""
        job = self.seen(request, pk)
        self.require(request, "run_process")

        def act(answers: dict[str, Any]) -> Done:
            new, _tasks = Job.create(job.process, job.params, actor=request.user.get_username())
            text = _("Started: %(jobs)s.") % {"jobs": new}
            return Done(text, [new], f"Run again, as job {pk}.", self.address("change", new.pk))

        effects = [_("%(process)s runs once more, now, as it is defined now.") % {"process": job.process}]
        if job.params:
            effects.append(_("With the same params: %s") % shown_params(job))
        question = Question(_("Run again?"), _("Run again"), self.address("change", pk), effects)
        return ask(self, request, question, act)

    def see_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """This failure was looked at: by a button, without a question, for it changes nothing that runs."""
        job = self.seen(request, pk)
        self.require(request, "change_job")
        if request.method == "POST" and Job.objects.filter(pk=pk).see():
            self.log_change(request, job, "Looked at.")
        return HttpResponseRedirect(self.address("change", pk))

    # the page

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page of a job. Jobs are changed by verbs only, so there is no form to send."""
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        job = self.seen(request, number(unquote(object_id)), self.jobs())
        now, since = timezone.now(), live.cursor(job.pk)
        rows, edges, whole = lines(job), edges_of(job), "whole" in request.GET
        task = task_of(job, number(request.GET.get("task", "")))
        if task is None and (hand := at_hand(rows)):
            task = task_of(job, hand.id)
        here = self.address("change", job.pk)
        context = {
            "job": job,
            "strip": strip(job, rows, now),
            "drawing": drawing(job, rows, edges, whole=whole),
            "timeline": timeline(job, rows, edges, now, whole=whole),
            "grid": grid(job.process_id, job, order=depths(edges)),
            "panel": panel(request, task, request.GET.get("attempt", ""), here=here) if task else None,
            "cursor": since,
            "running": live.running(rows),
            "params": shown_params(job),
            "may": {name: may(request, name) for name in ("cancel_job", "reopen_jobtask", "run_process", "change_job")},
            "unseen": Job.objects.unseen().filter(pk=job.pk).exists() if job.status == "failed" else False,
        }
        return self.page(request, "admin/pgprocess/job/page.html", str(job), **context)

    def jobs(self) -> QuerySet[Job]:
        """Jobs with what their page needs of their processes."""
        return Job.objects.select_related("process")

    def live_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """What has changed since ``?since=``; 304, and no body, while the mark in If-None-Match is the present one."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        begin = time.perf_counter()
        now = live.cursor(pk)
        if now is None:
            raise Http404
        if request.headers.get("If-None-Match") == f'"{now.mark}"':
            response: HttpResponse = HttpResponse(status=304)
            response["X-Next"] = str(live.pause(now, time.perf_counter() - begin))
            return response
        job = self.jobs().get(pk=pk)
        rows = lines(job)
        since = request.GET.get("since", "")
        fresh = live.changed(pk, int(since)) if since.isdecimal() else {row.task for row in rows}
        context = {"strip": strip(job, rows, timezone.now()), "job": job}
        body = {
            "since": now.since,
            "strip": render_to_string("admin/pgprocess/job/strip.html", context, request),
            "tasks": [live.told(row) for row in rows if row.task in fresh],
            "status": job.status,
        }
        answer = JsonResponse(body)
        answer["ETag"] = f'"{now.mark}"'
        answer["X-Next"] = str(live.pause(now, time.perf_counter() - begin, rows))
        answer["Cache-Control"] = "no-store"
        return answer

    def timeline_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The timeline alone, as it is now."""
        job = self.seen(request, pk, self.jobs())
        return HttpResponse(timeline(job, lines(job), edges_of(job), timezone.now(), whole="whole" in request.GET))

    def home_view(self, request: HttpRequest) -> HttpResponse:
        """What goes on, as a fragment of the home page; 304 while it is what the reader has."""
        return home.fragment(request)


def task_of(job: Job, pk: int) -> JobTask | None:
    """The job task with that key, if it is one of this job."""
    return job.tasks.filter(pk=pk).select_related("task", "version", "worker", "job").first() if pk else None


def number(text: str) -> int:
    """The key of a row in an address; 0, which no row has, if it is none."""
    return int(text) if text.isdecimal() and len(text) < 18 else 0


def shown_params(job: Job) -> str:
    """The params for people, without what is marked as secret."""
    return (
        json.dumps(masked(job.params, get_settings().SECRET_PARAMS), indent=2, ensure_ascii=False) if job.params else ""
    )
