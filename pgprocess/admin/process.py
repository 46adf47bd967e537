"""Processes and their tasks: where people say what runs, and run it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from pgprocess.admin.base import note
from pgprocess.diagram import graph_of
from pgprocess.diagram.figure import figure
from pgprocess.exceptions import ScheduleError
from pgprocess.models import Job, Process, Task, TaskDependency

CODE = ("kind", "code", "target", "interpreter", "arguments")


class TaskInline(admin.TabularInline):  # type: ignore[type-arg]
    """The tasks of a process, a line each; a task's own page has the rest."""

    model = Task
    fields = ("name", "queue", "priority", "trigger_rule", "level", "offset", "is_active")
    extra = 0
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A task is added on its own page, where it says what to run."""
        return False


class ParentsInline(admin.TabularInline):  # type: ignore[type-arg]
    """What a task waits for; only tasks of its own process can be chosen."""

    model = TaskDependency
    fk_name = "task"
    verbose_name = _("parent")
    verbose_name_plural = _("parents")
    extra = 0

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the other tasks of the same process."""
        if db_field.name == "parent":
            task: Any = request.resolver_match.kwargs.get("object_id") if request.resolver_match else None
            same_process = Task.objects.filter(process__tasks=task) if task else Task.objects.none()
            kwargs["queryset"] = same_process.exclude(pk=task)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Process)
class ProcessAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
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
        css = {"all": ("pgprocess/diagram.css", "pgprocess/admin.css")}
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
    def run_now(self, request: HttpRequest, queryset: QuerySet[Process]) -> None:
        """A job for each chosen process."""
        processes = list(queryset)
        for process in processes:
            job, _tasks = Job.create(process, actor=request.user.get_username())
            self.message_user(request, _("Job %(job)s is running.") % {"job": job}, messages.SUCCESS)
        note(request, processes, "Run on demand.")

    def has_run_permission(self, request: HttpRequest) -> bool:
        """Whether this person may run processes on demand."""
        return request.user.has_perm("pgprocess.run_process")


@admin.register(Task)
class TaskAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A task: what it runs, and what it waits for. Editing code is running code, so it has its own permission."""

    list_display = ("name", "process", "kind", "queue", "priority", "trigger_rule", "is_active")
    list_filter = ("process", "kind", "is_active")
    list_select_related = ("process",)
    search_fields = ("name", "process__name")
    inlines = (ParentsInline,)
    fieldsets = (
        (None, {"fields": ("process", "name", "description", "is_active")}),
        (_("Work"), {"fields": (*CODE, "timeout")}),
        (_("Queue"), {"fields": ("queue", "priority")}),
        (
            _("Failure"),
            {"fields": ("max_attempts", "retry_delay", "backoff", "max_retry_delay", "retry_jitter")},
        ),
        (_("Flow"), {"fields": ("trigger_rule", "allow_failure", "map_over")}),
        (_("Diagram"), {"fields": ("level", "offset")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Task | None = None) -> tuple[str, ...]:
        """Without the permission to edit code, what runs can be read only."""
        return () if request.user.has_perm("pgprocess.edit_code") else CODE

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A new task is new code."""
        return super().has_add_permission(request) and request.user.has_perm("pgprocess.edit_code")
