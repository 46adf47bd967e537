"""Tasks: what runs, how often it is tried, what it waits for. Whoever edits code runs code: that is a permission."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pgprocess.admin.base import DEFINITION_STYLES, FIELDS, may
from pgprocess.admin.changelist import ByProcess
from pgprocess.admin.refusals import ShowsRefusals
from pgprocess.admin.task.code_field import numbered
from pgprocess.admin.task.form import TaskForm
from pgprocess.admin.task.versions import Versions, listed
from pgprocess.conf import get_settings
from pgprocess.models import JobTask, Task
from pgprocess.statuses import SETTLED

CODE = ("kind", "code", "target", "interpreter", "arguments")


@admin.register(Task)
class TaskAdmin(ShowsRefusals, Versions):
    """The pages of a task: what it runs, and what it waits for."""

    form = TaskForm
    list_display = ("name", "process", "kind", "queue", "priority", "trigger_rule", "is_active")
    list_filter = (ByProcess, "kind", "is_active")
    show_full_result_count = False
    list_select_related = ("process",)
    formfield_overrides = FIELDS
    search_fields = ("name", "process__name")

    class Media:
        css = {"all": DEFINITION_STYLES}
        js = ("pgprocess/code.js",)

    def get_fieldsets(self, request: HttpRequest, obj: Task | None = None) -> Any:
        """Return what this person may change as fields, the rest to read."""
        work = ("kind", "upload", "code") if self.writes_code(request, obj) else ("kind", "shown_code")
        return (
            (None, {"fields": ("process", "name", "description", "is_active")}),
            (_("Work"), {"fields": (*work, "target", "interpreter", "arguments", "timeout")}),
            (_("Flow"), {"fields": ("waits_for", "trigger_rule", "allow_failure", "map_over")}),
            (
                _("Failure"),
                {"fields": (("max_attempts", "retry_delay"), ("backoff", "max_retry_delay", "retry_jitter"))},
            ),
            (_("Queue and diagram"), {"fields": (("queue", "priority"), ("level", "offset"))}),
        )

    def writes_code(self, request: HttpRequest, obj: Task | None) -> bool:
        """Return whether this person may write code here, and the settings let anybody do so."""
        changes = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        return changes and may(request, "edit_code") and get_settings().ALLOW_DB_CODE

    def get_readonly_fields(self, request: HttpRequest, obj: Task | None = None) -> tuple[str, ...]:
        """Return what can only be read: what runs, without the permission to edit code.

        The process of a task, always.
        """
        fields = ("shown_code", *(("process",) if obj else ()))
        if not may(request, "edit_code"):
            return (*fields, *CODE, "upload")
        return fields if self.writes_code(request, obj) else (*fields, "code", "upload")

    def reason_to_keep(self, rows: list[Task]) -> str:
        """Return why these tasks can't be deleted now: a job that is not over needs one of them, or has run it."""
        run = JobTask.objects.filter(task__in=rows).exclude(status__in=SETTLED).select_related("task", "job").first()
        if run:
            text = gettext("%(task)s is part of job %(job)s, which runs: cancel that, and switch the task off.")
            return text % {"task": run.task, "job": run.job_id}
        return ""

    @admin.display(description=_("code"))
    def shown_code(self, task: Task) -> SafeString | str:
        """Return the code to read, its lines numbered."""
        return numbered(task.code) if task.code else "-"

    @admin.display(description=_("waits for"))
    def waits_for(self, task: Task) -> SafeString | str:
        """Return the parents, for people who may not choose them."""
        parents = ((self.address("change", parent.pk), parent.name) for parent in task.parents.order_by("pk"))
        return format_html_join(", ", '<a href="{}">{}</a>', parents) or "-"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return whether this person may add tasks: a new task is new code."""
        return super().has_add_permission(request) and may(request, "edit_code")

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save what the form of a task has beside its row: what the task waits for."""
        super().save_related(request, form, formsets, change)
        form.write_parents()

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **options: Any) -> HttpResponse:  # type: ignore[override]
        """Show the form, above the versions of the task."""
        task: Task | None = options.get("obj")
        if task is not None:
            context["versions"] = listed(task)
        return super().render_change_form(request, context, **options)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Task]:
        """Return the tasks with their processes, whose names stand beside theirs."""
        return super().get_queryset(request).select_related("process")
