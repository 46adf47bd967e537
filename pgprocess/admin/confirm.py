"""Every change by a person: first a page that says what will happen, then a POST, a note of it, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import models, router, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pgprocess.admin.base import Pages, note_change
from pgprocess.exceptions import PgprocessError

CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class Question:
    """The question of a page. ``effects`` are the lines that say what will happen; ``back`` is the page before it.

    ``form`` is the class of a form to fill in; ``hidden`` are fields that come back with the answer.
    """

    title: str | Promise
    button: str | Promise
    back: str
    effects: Sequence[str] = ()
    danger: bool = False
    form: type[forms.Form] | None = None
    initial: Mapping[str, Any] = field(default_factory=dict)
    hidden: Sequence[tuple[str, Any]] = ()


class Reason(forms.Form):
    """A reason, which is kept with what was done."""

    reason = forms.CharField(label=_("Reason"), required=False, max_length=500)


@dataclass(frozen=True, slots=True)
class Done:
    """The answer to the person: what was done; ``rows`` and ``note`` for the log.

    ``go`` is the next page, if it is not ``back``.
    """

    message: str
    rows: Iterable[models.Model] = ()
    note: str = ""
    go: str = ""


def ask(
    admin: Pages, request: HttpRequest, question: Question, act: Callable[[dict[str, Any]], Done | None]
) -> HttpResponse:
    """Ask; once confirmed, call ``act`` with what the form says, note what it did, and go back with a message.

    ``act`` returns None where there was nothing to do. A PgprocessError that it raises becomes the message, and nothing
    is changed.
    """
    confirmed = request.method == "POST" and CONFIRMED in request.POST
    form = question.form(request.POST if confirmed else None, initial=dict(question.initial)) if question.form else None
    if not confirmed or (form is not None and not form.is_valid()):
        shown = {"question": question, "form": form, "confirmed": CONFIRMED}
        return admin.page(request, "admin/pgprocess/confirm.html", question.title, **shown)
    done = None
    try:
        with transaction.atomic(using=router.db_for_write(admin.model)):
            done = act(form.cleaned_data if form is not None else {})
            if done:
                note_change(request, done.rows, done.note or done.message)
    except PgprocessError as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(question.back)
    if done:
        messages.success(request, done.message)
    else:
        messages.warning(request, _("There was nothing to do."))
    return HttpResponseRedirect((done and done.go) or question.back)


def hidden_fields(action: str, rows: Iterable[models.Model]) -> list[tuple[str, Any]]:
    """Return the hidden fields with which an action of a list comes back to the same rows."""
    return [("action", action), *((ACTION_CHECKBOX_NAME, row.pk) for row in rows)]
