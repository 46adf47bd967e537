"""The base of our admin pages: pages beside Django's own, permissions, numbers in addresses, notes of changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.widgets import AdminTextareaWidget
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

STYLES = ("pgprocess/diagram.css", "pgprocess/admin.css")
DEFINITION_STYLES = (*STYLES, "pgprocess/definitions.css")
MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local", "step": 1}, format="%Y-%m-%dT%H:%M:%S")
FIELDS: dict[Any, Any] = {
    models.TextField: {"widget": AdminTextareaWidget(attrs={"rows": 3})},
    models.DateTimeField: {"form_class": forms.DateTimeField, "widget": MOMENT},  # one field, which its label means
}
HIDDEN = (models.JSONField, models.TextField)
HIDDEN_NAMES = ("ping_url", "claim_token")
LONGEST = 18  # digits: every number of so many is a bigint
View = Callable[..., HttpResponseBase]


class Kept(Exception):
    """Rows can't be deleted now; the sentence says why."""


class Pages(admin.ModelAdmin):  # type: ignore[type-arg]
    """An admin with pages of its own, named ``admin:pgprocess_<model>_<page>``, under Django's."""

    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER  # Django would count each

    class Media:
        css = {"all": STYLES}
        js = ("pgprocess/fold.js",)

    def own_urls(self) -> list[URLPattern]:
        """Return the pages beside Django's; see :meth:`url`."""
        return []

    def get_urls(self) -> list[URLPattern]:
        """Return our addresses before Django's, whose last one catches all."""
        return [*self.own_urls(), *super().get_urls()]

    def url(self, route: str, view: View, name: str) -> URLPattern:
        """Return the address of one of our pages, for staff only."""
        answer = self.admin_site.admin_view(self.refusing(view))
        return path(route, answer, name=f"pgprocess_{self.opts.model_name}_{name}")

    def refusing(self, view: View) -> View:
        """Return the view, with a page like the others as the answer to people who lack a permission."""

        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
            try:
                return view(request, *args, **options)
            except PermissionDenied:
                page = self.page(request, "admin/pgprocess/refused.html", _("You may not do this"))
                page.status_code = 403
                return page

        return answer

    def address(self, name: str, *args: Any) -> str:
        """Return where a page of this model is: ``change``, ``changelist`` or one of :meth:`own_urls`."""
        return reverse(f"admin:pgprocess_{self.opts.model_name}_{name}", args=args)

    def require(self, request: HttpRequest, *permissions: str) -> None:
        """Raise PermissionDenied for a person who lacks one of these permissions of ours."""
        if not may(request, *permissions):
            raise PermissionDenied

    def visible_row(self, request: HttpRequest, pk: int, rows: models.QuerySet[Any] | None = None) -> Any:
        """Return the row, of those that this person may look at.

        Raises Http404 for none, PermissionDenied without permission.
        """
        row = (self.get_queryset(request) if rows is None else rows).filter(pk=pk).first()
        if row is None:
            raise Http404(f"There is no {self.opts.verbose_name} {pk}.")
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        return row

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return the row with that key. Raises Http404 for a text that is the key of no row.

        Django's own sends people who follow such a link to the index of the admin, with the whole text in a message.
        """
        if from_field is None and not read_number(object_id):
            raise Http404(f"There is no such {self.opts.verbose_name}.")
        return super().get_object(request, object_id, from_field)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Return whether the list may be filtered so: never by what is masked, or not shown, on the pages.

        Django allows any lookup into a column of the model itself; letter by letter it gives a secret away.
        """
        model: Any = self.model
        for part in lookup.split("__"):
            try:
                field = model._meta.get_field(part)
            except FieldDoesNotExist:
                break
            if isinstance(field, HIDDEN) or field.name in HIDDEN_NAMES:
                return False
            if not field.is_relation:
                break
            model = field.related_model
        return super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]

    def reason_to_keep(self, rows: list[Any]) -> str:
        """Return the sentence why these rows can't be deleted now, since what runs needs them; empty for no reason."""
        return ""

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, Any, Any]:
        """Name the chosen rows, and count what is deleted with them: that list is long, and logs are not for all.

        Raises Kept where somebody has confirmed what can't be done now.
        """
        rows = list(objs)
        reason = self.reason_to_keep(rows)
        if reason and "post" in request.POST:
            raise Kept(reason)
        if reason:
            messages.warning(request, reason)
        _rows, numbers, lacking, protected = super().get_deleted_objects(objs, request)
        return [str(row) for row in rows], numbers, lacking, protected

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """Ask, then delete; a sentence says why a row can't be deleted now."""
        try:
            return super().delete_view(request, object_id, extra_context)
        except Kept as reason:
            messages.error(request, str(reason))
            return HttpResponseRedirect(self.address("changelist"))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Show the list, or do an action with its rows; a sentence says why rows can't be deleted now."""
        try:
            return super().changelist_view(request, extra_context)
        except Kept as reason:
            messages.error(request, str(reason))
            return HttpResponseRedirect(request.get_full_path())

    def page(self, request: HttpRequest, template: str, title: str | Promise, **context: Any) -> TemplateResponse:
        """Return one of our pages: ``template`` extends ``admin/pgprocess/page.html``."""
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "media": self.media}
        return TemplateResponse(request, template, {**shared, "title": title, **context})


class ReadOnly(Pages):
    """Rows that the database writes: to look at, not to edit."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return False: runs alone make such rows."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Return False: verbs alone change such rows."""
        return False


def read_number(text: str) -> int:
    """Return the number that ``text`` writes; 0 for another text, and for a number that is too long for a row's key.

    Python raises ValueError for a text of more than 4,300 digits, Postgres refuses what is no bigint.
    """
    return int(text) if text.isdecimal() and len(text) <= LONGEST else 0


def query_number(request: HttpRequest, name: str) -> int:
    """Return the number that stands under ``name`` in the query of an address, 0 without one."""
    return read_number(request.GET.get(name, ""))


def may(request: HttpRequest, *permissions: str) -> bool:
    """Return whether this person has all of these permissions of ours: ``run_process``, ``view_log``, …"""
    return all(request.user.has_perm(f"pgprocess.{permission}") for permission in permissions)


def note_change(request: HttpRequest, rows: Iterable[models.Model], message: str) -> None:
    """Write down, as Django's admin does, what a person did to these rows."""
    chosen: Any = list(rows)
    if chosen:
        LogEntry.objects.log_actions(cast(int, request.user.pk), chosen, CHANGE, change_message=message)
