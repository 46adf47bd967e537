"""Workers: who lives, and what they serve."""

from __future__ import annotations

from django.contrib import admin

from pgprocess.admin.base import ReadOnly
from pgprocess.models import Worker


@admin.register(Worker)
class WorkerAdmin(ReadOnly):
    """A worker's row."""

    list_display = ("__str__", "state", "queues", "slots", "started_at", "last_seen")
    list_filter = ("state",)
