"""Processes: where people say what runs and when, and run it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from pgprocess.admin.base import STYLES, Pages, may
from pgprocess.admin.confirm import Done, Question, ask, chosen
from pgprocess.diagram import graph_of
from pgprocess.diagram.figure import figure
from pgprocess.exceptions import ScheduleError
from pgprocess.models import Job, Process, Task


class TaskInline(admin.TabularInline):  # type: ignore[type-arg]
    """The tasks of a process, a line each; a task's own page has the rest."""

    model = Task
    fields = ("name", "queue", "priority", "trigger_rule", "level", "offset", "is_active")
    extra = 0
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A task is added on its own page, where it says what to run."""
        return False


@admin.register(Process)
class ProcessAdmin(Pages):
    """A process: when it runs, and its tasks."""

    list_display = ("name", "crontab", "timezone", "next_run_at", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name", "description")
    readonly_fields = ("next_runs", "paused_reason", "diagram")
    inlines = (TaskInline,)
    actions = ("run_now",)
    fieldsets = (
        (None, {"fields": ("name", "description", "is_active", "paused_reason")}),
        (
            _("Schedule"),
            {
                "fields": (
                    ("minute", "hour", "day_of_month", "month", "day_of_week"),
                    "timezone",
                    ("overlap", "catch_up"),
                    "next_runs",
                )
            },
        ),
        (_("Diagram"), {"fields": ("diagram",)}),
    )

    class Media:
        css = {"all": STYLES}
        js = ("pgprocess/diagram.js",)

    @admin.display(description=_("schedule"))
    def crontab(self, process: Process) -> str:
        """The five fields as in a crontab."""
        fields = [getattr(process, name) for name in ("minute", "hour", "day_of_month", "month", "day_of_week")]
        if not any(fields):
            return str(_("on demand"))
        return fields[0] if fields[0].startswith("@") else " ".join(field or "*" for field in fields)

    @admin.display(description=_("next runs"))
    def next_runs(self, process: Process) -> SafeString | str:
        """The next five, in the process's zone."""
        try:
            runs = process.next_runs(now(), 5)
        except ScheduleError as error:
            return str(error)
        return format_html_join("", "<div>{}</div>", ((run.strftime("%a %Y-%m-%d %H:%M %Z"),) for run in runs)) or "-"

    @admin.display(description=_("diagram"))
    def diagram(self, process: Process) -> SafeString | str:
        """Its tasks and their dependencies."""
        return figure(graph_of(process)) if process.pk else "-"

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
