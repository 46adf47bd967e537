"""Processes: where people say what runs and when, look at it, and run it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pgprocess.admin.base import DEFINITION_STYLES, FIELDS, may
from pgprocess.admin.confirm import Done, Question, ask, hidden_fields
from pgprocess.admin.dates import next_run, weekday_and_time
from pgprocess.admin.process.actions import ProcessActions
from pgprocess.admin.process.layout_editor import LayoutEditor
from pgprocess.admin.process.overview import overview
from pgprocess.admin.process.schedule_words import CRONTAB, crontab, schedule_facts
from pgprocess.admin.process.task_inline import TaskInline, can_be_rows
from pgprocess.admin.refusals import ShowsRefusals
from pgprocess.display.status import badge
from pgprocess.models import Job, Process
from pgprocess.statuses import JobStatus

SCHEDULE = (CRONTAB, "timezone")
POLICIES = (
    ("overlap", "catch_up"),
    ("misfire_grace", "catch_up_limit"),
    "run_if_failed",
    "pause_after_failures",
    ("start_at", "end_at"),
    ("jitter", "late_after"),
    "ping_url",
)


@admin.register(Process)
class ProcessAdmin(ShowsRefusals, ProcessActions, LayoutEditor):
    """The pages of a process: when it runs, and its tasks."""

    list_display = ("name", "last_run", "next_run", "when", "timezone", "active")
    list_filter = ("is_active",)
    show_full_result_count = False
    search_fields = ("name", "description")
    actions = ("run_now",)
    formfield_overrides = FIELDS
    fieldsets = (
        (None, {"fields": ("name", "description", "is_active")}),
        (_("Schedule"), {"fields": SCHEDULE, "classes": ("pgp-schedule",)}),
        (_("When a slot can't run as planned"), {"fields": POLICIES}),
    )

    class Media:
        css = {"all": DEFINITION_STYLES}
        js = ("pgprocess/diagram.js", "pgprocess/arrange.js", "pgprocess/schedule.js")

    def own_urls(self) -> list[URLPattern]:
        """Return the pages beside Django's, with the one that reads a schedule while somebody writes it."""
        return [*super().own_urls(), self.url("schedule/", self.schedule_preview, "schedule")]

    def reason_to_keep(self, rows: list[Process]) -> str:
        """Return why these processes can't be deleted now: one of them has a job that runs."""
        job = Job.objects.filter(process__in=rows, status=JobStatus.RUNNING).select_related("process").first()
        return gettext("Job %(job)s runs: cancel it, then its process can be deleted.") % {"job": job} if job else ""

    def get_inlines(self, request: HttpRequest, obj: Process | None = None) -> Any:
        """Return the tasks as rows, where they can be edited here."""
        return (TaskInline,) if obj is not None and can_be_rows(request, obj) else ()

    @admin.display(description=_("schedule"))
    def when(self, process: Process) -> str:
        """Return the five fields as in a crontab."""
        return crontab(process) or str(_("on demand"))

    @admin.display(description=_("next run"), ordering="next_run_at")
    def next_run(self, process: Process) -> str:
        """Return when the process runs next, by the clocks of its zone."""
        moment = next_run(process)
        return weekday_and_time(moment) if moment else "-"

    @admin.display(description=_("active"), boolean=True, ordering="is_active")
    def active(self, process: Process) -> bool:
        """Return whether the schedule counts."""
        return bool(process.is_active)

    @admin.display(description=_("last run"))
    def last_run(self, process: Any) -> SafeString | str:
        """Return the status of the last run as a link to it."""
        if process.last_job is None:
            return "-"
        page = reverse("admin:pgprocess_job_change", args=[process.last_job])
        return format_html('<a href="{}">{}</a>', page, badge(process.last_status))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Process]:
        """Return the processes, each with its last run."""
        processes: QuerySet[Process] = super().get_queryset(request)
        jobs = Job.objects.filter(process=OuterRef("pk")).order_by("-pk")
        last = {"last_job": Subquery(jobs.values("pk")[:1]), "last_status": Subquery(jobs.values("status")[:1])}
        return processes.annotate(**last)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **options: Any) -> HttpResponse:  # type: ignore[override]
        """Show the form, below what there is to see before one edits."""
        process: Process | None = options.get("obj")
        if process is not None:
            table = not context["inline_admin_formsets"]
            context |= overview(process, runs=may(request, "view_job"), table=table)
            context |= {**self.allowed_actions(request, process), "may_arrange": self.may_arrange(request, process)}
            context["may_add_task"] = may(request, "add_task", "edit_code")
        else:
            context["schedule"] = schedule_facts(Process(), now())
        return super().render_change_form(request, context, **options)

    def schedule_preview(self, request: HttpRequest) -> TemplateResponse:
        """Answer what a schedule that is not saved means, as a piece of a page; a sentence says what can't be read."""
        if not (self.has_add_permission(request) or self.has_view_or_change_permission(request)):
            self.require(request, "view_process")
        given = (name for name in (*CRONTAB, "timezone") if name in request.GET)
        written = Process(**{name: request.GET[name][:200] for name in given})
        context = {"schedule": schedule_facts(written, now())}
        return TemplateResponse(request, "admin/pgprocess/process/schedule.html", context)

    @admin.action(description=_("Run now"), permissions=["run"])
    def run_now(self, request: HttpRequest, queryset: QuerySet[Process]) -> HttpResponse:
        """Start a job of each chosen process, once confirmed."""
        processes = list(queryset)
        actor = request.user.get_username()

        def act(answers: dict[str, Any]) -> Done | None:
            jobs = [Job.create(process, actor=actor)[0] for process in processes]
            names = ", ".join(map(str, jobs))
            return Done(_("Started: %(jobs)s.") % {"jobs": names}, processes, "Run on demand.") if jobs else None

        question = Question(
            title=_("Run now?"),
            button=_("Run now"),
            back=request.get_full_path(),
            effects=[_("%(process)s runs once, now.") % {"process": process} for process in processes],
            hidden=hidden_fields("run_now", processes),
        )
        return ask(self, request, question, act)

    def has_run_permission(self, request: HttpRequest) -> bool:
        """Return whether this person may run processes on demand."""
        return may(request, "run_process")
