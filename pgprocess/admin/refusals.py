"""A refusal by the database while a form is saved: one sentence above the form, not a page of its own."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponseRedirect

from pgprocess.text import first_line


class ShowsRefusals(admin.ModelAdmin):  # type: ignore[type-arg]
    """An admin of rows that rules guard which no form can judge alone, since somebody else may write as well."""

    def changeform_view(self, request: HttpRequest, *args: Any, **options: Any) -> Any:
        """Show the form, or save it. Where the database refuses, nothing is saved and the person reads why."""
        try:
            return super().changeform_view(request, *args, **options)
        except IntegrityError as error:
            messages.error(request, first_line(error))
            return HttpResponseRedirect(request.get_full_path())
