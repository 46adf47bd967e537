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
from django.utils.translation import gettext_lazy as _

from pgprocess.admin.base import DEFINITION_STYLES, FIELDS, may
from pgprocess.admin.confirm import Done, Question, ask, chosen
from pgprocess.admin.dates import next_run, weekday
from pgprocess.admin.process.actions import ProcessTools
from pgprocess.admin.process.layout_editor import Arranging
from pgprocess.admin.process.overview import overview
from pgprocess.admin.process.schedule_words import CRONTAB, crontab, schedule_of
from pgprocess.admin.process.task_inline import TaskInline, can_be_rows
from pgprocess.admin.refusals import TellsRefusals
from pgprocess.display.status import badge
from pgprocess.models import Job, Process

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
class ProcessAdmin(TellsRefusals, ProcessTools, Arranging):
    """A process: when it runs, and its tasks."""

    list_display = ("name", "last_run", "next_run", "when", "timezone", "active")
    list_filter = ("is_active",)
    show_full_result_count = False
    search_fields = ("name", "description")
    actions = ("run_now",)
    formfield_overrides = FIELDS

    class Media:
        css = {"all": DEFINITION_STYLES}
        js = ("pgprocess/diagram.js", "pgprocess/arrange.js", "pgprocess/schedule.js")

    def own_urls(self) -> list[URLPattern]:
        """And the one that reads a schedule while somebody writes it."""
        return [*super().own_urls(), self.url("schedule/", self.schedule_preview, "schedule")]

    def get_fieldsets(self, request: HttpRequest, obj: Process | None = None) -> Any:
        """The fields; of the policies those that there are."""
        there = {field.name for field in self.opts.get_fields()}
        lines = [(line,) if isinstance(line, str) else line for line in POLICIES]
        policies = [tuple(name for name in line if name in there) for line in lines]
        return (
            (None, {"fields": ("name", "description", "is_active")}),
            (_("Schedule"), {"fields": SCHEDULE, "classes": ("pgp-schedule",)}),
            (_("When a slot can't run as planned"), {"fields": tuple(filter(None, policies))}),
        )

    def get_inlines(self, request: HttpRequest, obj: Process | None = None) -> Any:
        """The tasks as rows, where they can be edited here."""
        return (TaskInline,) if obj is not None and can_be_rows(request, obj) else ()

    @admin.display(description=_("schedule"))
    def when(self, process: Process) -> str:
        """The five fields as in a crontab."""
        return crontab(process) or str(_("on demand"))

    @admin.display(description=_("next run"), ordering="next_run_at")
    def next_run(self, process: Process) -> str:
        """When it runs next, by the clocks of its zone."""
        moment = next_run(process)
        return weekday(moment) if moment else "-"

    @admin.display(description=_("active"), boolean=True, ordering="is_active")
    def active(self, process: Process) -> bool:
        """Whether its schedule counts."""
        return bool(process.is_active)

    @admin.display(description=_("last run"))
    def last_run(self, process: Any) -> SafeString | str:
        """How its last run went, leading to it."""
        if process.last_job is None:
            return "-"
        page = reverse("admin:pgprocess_job_change", args=[process.last_job])
        return format_html('<a href="{}">{}</a>', page, badge(process.last_status))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Process]:
        """Each with its last run."""
        processes: QuerySet[Process] = super().get_queryset(request)
        jobs = Job.objects.filter(process=OuterRef("pk")).order_by("-pk")
        last = {"last_job": Subquery(jobs.values("pk")[:1]), "last_status": Subquery(jobs.values("status")[:1])}
        return processes.annotate(**last)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **options: Any) -> HttpResponse:  # type: ignore[override]
        """With what there is to see before one edits."""
        process: Process | None = options.get("obj")
        if process is not None:
            table = not context["inline_admin_formsets"]
            context |= overview(process, runs=may(request, "view_job"), table=table)
            context |= {**self.tools(request, process), "may_arrange": self.may_arrange(request, process)}
            context["may_add_task"] = may(request, "add_task", "edit_code")
        else:
            context["schedule"] = schedule_of(Process(), now())
        return super().render_change_form(request, context, **options)

    def schedule_preview(self, request: HttpRequest) -> TemplateResponse:
        """What a schedule that is not saved means: a piece of a page; what can't be read is a sentence."""
        if not (self.has_add_permission(request) or self.has_view_or_change_permission(request)):
            self.require(request, "view_process")
        given = (name for name in (*CRONTAB, "timezone") if name in request.GET)
        written = Process(**{name: request.GET[name][:200] for name in given})
        context = {"schedule": schedule_of(written, now())}
        return TemplateResponse(request, "admin/pgprocess/process/schedule.html", context)

    @admin.action(description=_("Run now"), permissions=["run"])
    def run_now(self, request: HttpRequest, queryset: QuerySet[Process]) -> HttpResponse:
        """A job for each chosen process, once confirmed."""
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
            hidden=chosen("run_now", processes),
        )
        return ask(self, request, question, act)

    def has_run_permission(self, request: HttpRequest) -> bool:
        """Whether this person may run processes on demand."""
        return may(request, "run_process")
