"""Jobs and their tasks: what ran, and how it went."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from pgprocess.admin.base import STYLES, ReadOnly, may
from pgprocess.admin.confirm import Done, Question, Reason, ask, chosen
from pgprocess.diagram import graph_of
from pgprocess.diagram.badge import badge
from pgprocess.diagram.figure import figure
from pgprocess.models import Job, JobTask


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
class JobAdmin(ReadOnly):
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
        css = {"all": STYLES}
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
    def cancel(self, request: HttpRequest, queryset: QuerySet[Job]) -> HttpResponse:
        """The chosen jobs that still run are cancelled, once confirmed."""
        running = list(Job.objects.running().filter(pk__in=queryset.values("pk")).select_related("process"))
        actor = request.user.get_username()

        def act(answers: dict[str, Any]) -> Done | None:
            jobs = Job.objects.filter(pk__in=[job.pk for job in running])
            cancelled = jobs.cancel(actor=actor, reason=answers["reason"])
            text = ngettext("%d job was cancelled.", "%d jobs were cancelled.", cancelled) % cancelled
            return Done(text, running, "Cancelled.") if cancelled else None

        question = Question(
            title=_("Cancel jobs?"),
            button=_("Cancel them"),
            back=request.get_full_path(),
            effects=[
                _("%(job)s: %(left)d tasks stop, or never start.") % {"job": job, "left": job.tasks_left}
                for job in running
            ],
            danger=True,
            form=Reason,
            hidden=chosen("cancel", running),
        )
        return ask(self, request, question, act)

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        """Whether this person may cancel jobs."""
        return may(request, "cancel_job")
