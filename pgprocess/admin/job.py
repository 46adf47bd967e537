"""Jobs and their tasks: what ran, and how it went."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from pgprocess.admin.base import ReadOnlyAdmin, badge, note
from pgprocess.diagram import graph_of
from pgprocess.diagram.figure import figure
from pgprocess.models import Attempt, Job, JobTask


class JobTaskInline(admin.TabularInline):  # type: ignore[type-arg]
    """The tasks of a job, a line each."""

    model = JobTask
    fields = readonly_fields = ("link", "state", "attempt", "started_at", "finished_at", "error", "reason")
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """With their names, in one query."""
        return super().get_queryset(request).select_related("task")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """They come from the process only."""
        return False

    @admin.display(description=_("task"))
    def link(self, jobtask: JobTask) -> SafeString:
        """Its name, leading to its page."""
        return format_html('<a href="{}">{}</a>', reverse("admin:pgprocess_jobtask_change", args=[jobtask.pk]), jobtask)

    @admin.display(description=_("status"))
    def state(self, jobtask: JobTask) -> SafeString:
        """Its status, in colour."""
        return badge(jobtask.status, jobtask.get_status_display())


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """A run: how far it is, and its tasks."""

    list_display = (
        "__str__",
        "state",
        "progress",
        "origin",
        "logical_date",
        "started_at",
        "finished_at",
        "reason",
    )
    list_filter = ("status", "origin", "process")
    list_select_related = ("process",)
    actions = ("cancel",)
    inlines = (JobTaskInline,)
    fieldsets = (
        (None, {"fields": (("process", "state", "progress"), ("started_at", "finished_at"), "reason")}),
        (_("Start"), {"fields": (("origin", "actor", "logical_date"), "params")}),
        (_("Diagram"), {"fields": ("diagram",)}),
    )
    readonly_fields = ("state", "progress", "diagram")

    class Media:
        css = {"all": ("pgprocess/diagram.css", "pgprocess/admin.css")}
        js = ("pgprocess/diagram.js",)

    @admin.display(description=_("status"))
    def state(self, job: Job) -> SafeString:
        """Its status, in colour."""
        return badge(job.status, job.get_status_display())

    @admin.display(description=_("settled"))
    def progress(self, job: Job) -> str:
        """How many of its tasks have settled."""
        return f"{job.tasks_total - job.tasks_left} / {job.tasks_total}"

    @admin.display(description=_("diagram"))
    def diagram(self, job: Job) -> SafeString:
        """Its tasks, each in the colour of its status."""
        return figure(graph_of(job))

    @admin.action(description=_("Cancel"), permissions=["cancel"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        """The chosen jobs that still run are cancelled."""
        running = list(Job.objects.running().filter(pk__in=queryset.values("pk")))
        chosen = Job.objects.filter(pk__in=[job.pk for job in running])
        cancelled = chosen.cancel(actor=request.user.get_username())
        note(request, running, "Cancelled.")
        text = ngettext("%d job was cancelled.", "%d jobs were cancelled.", cancelled) % cancelled
        self.message_user(request, text, messages.SUCCESS if cancelled else messages.WARNING)

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        """Whether this person may cancel jobs."""
        return request.user.has_perm("pgprocess.cancel_job")


class AttemptInline(admin.TabularInline):  # type: ignore[type-arg]
    """The earlier tries of a job task."""

    model = Attempt
    fields = readonly_fields = (
        "number",
        "status",
        "started_at",
        "finished_at",
        "exit_code",
        "error",
        "reason",
        "actor",
    )
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The database keeps them."""
        return False


@admin.register(JobTask)
class JobTaskAdmin(ReadOnlyAdmin):
    """A task of a run: its status, its output, its earlier tries."""

    list_display = ("__str__", "job", "status", "queue", "attempt", "worker", "started_at", "finished_at")
    list_filter = ("status", "queue")
    list_select_related = ("task", "job__process", "worker")
    inlines = (AttemptInline,)
    fieldsets = (
        (None, {"fields": (("job", "task", "map_index"), ("status", "reason", "actor"))}),
        (
            _("Try"),
            {
                "fields": (
                    ("attempt", "worker"),
                    ("started_at", "finished_at"),
                    ("exit_code", "error"),
                    "result",
                )
            },
        ),
        (
            _("Flow"),
            {"fields": (("queue", "priority", "run_at"), ("trigger_rule", "parents_left", "parents_failed"))},
        ),
        (_("Output"), {"fields": ("output",)}),
    )
    readonly_fields = ("output",)

    class Media:
        css = {"all": ("pgprocess/diagram.css", "pgprocess/admin.css")}

    @admin.display(description=_("output"))
    def output(self, jobtask: JobTask) -> SafeString:
        """What the latest try wrote, both streams in order."""
        pieces = jobtask.log.filter(attempt=jobtask.attempt).order_by("seq").values_list("text", flat=True)
        return format_html('<pre class="pgp-log">{}</pre>', "".join(pieces))

    def get_fieldsets(self, request: HttpRequest, obj: JobTask | None = None) -> Any:
        """Output is shown to those who may see it."""
        fieldsets = super().get_fieldsets(request, obj)
        return fieldsets if request.user.has_perm("pgprocess.view_log") else fieldsets[:-1]
