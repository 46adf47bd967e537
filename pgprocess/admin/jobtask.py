"""Job tasks: a task of a run, its output, its earlier tries."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from pgprocess.admin.base import STYLES, ReadOnly, may
from pgprocess.models import Attempt, JobTask


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
class JobTaskAdmin(ReadOnly):
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
        css = {"all": STYLES}

    @admin.display(description=_("output"))
    def output(self, jobtask: JobTask) -> SafeString:
        """What the latest try wrote, both streams in order."""
        pieces = jobtask.log.filter(attempt=jobtask.attempt).order_by("seq").values_list("text", flat=True)
        return format_html('<pre class="pgp-log">{}</pre>', "".join(pieces))

    def get_fieldsets(self, request: HttpRequest, obj: JobTask | None = None) -> Any:
        """Output is shown to those who may see it."""
        fieldsets = super().get_fieldsets(request, obj)
        return fieldsets if may(request, "view_log") else fieldsets[:-1]
