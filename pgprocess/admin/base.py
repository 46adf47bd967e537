"""What our admin pages have in common."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import models
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that the database writes: to look at, not to edit."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """They come from runs only."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """They are changed by verbs only."""
        return False


def note(request: HttpRequest, rows: Any, message: str) -> None:
    """A person did something to these rows: write it down as the admin does."""
    LogEntry.objects.log_actions(cast(int, request.user.pk), rows, CHANGE, change_message=message)


def badge(status: str, label: str) -> SafeString:
    """A status as a word that the stylesheet can colour."""
    return format_html('<span class="pgp-status" data-status="{}">{}</span>', status, label)
