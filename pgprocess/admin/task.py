"""Tasks: what runs, how stubbornly, and what it waits for."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from pgprocess.admin.base import Pages, may
from pgprocess.models import Task, TaskDependency

CODE = ("kind", "code", "target", "interpreter", "arguments")


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


@admin.register(Task)
class TaskAdmin(Pages):
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
        return () if may(request, "edit_code") else CODE

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A new task is new code."""
        return super().has_add_permission(request) and may(request, "edit_code")
