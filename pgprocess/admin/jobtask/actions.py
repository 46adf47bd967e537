"""The verbs on job tasks, as people meet them: who may, what a verb will do, then doing it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, get_args

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from pgprocess.admin.base import Pages, may
from pgprocess.admin.confirm import Done, Question, Reason, ask
from pgprocess.display.status import word
from pgprocess.models import JobTask
from pgprocess.models.verbs import APPLIES_TO, Verb
from pgprocess.statuses import SETTLED, Status

VERBS: tuple[Verb, ...] = get_args(Verb)
PERMISSION: dict[Verb, str] = {
    "retry": "reopen_jobtask",
    "reopen": "reopen_jobtask",
    "force": "force_jobtask",
    "skip": "force_jobtask",
    "cancel": "cancel_job",
}
LABEL: dict[Verb, Any] = {
    "retry": gettext_lazy("Retry"),
    "reopen": gettext_lazy("Reopen"),
    "force": gettext_lazy("Mark as done"),
    "skip": gettext_lazy("Skip"),
    "cancel": gettext_lazy("Cancel"),
}
NAMES, IN_TITLE = 20, 3  # how many names are written out


class ReopenForm(Reason):
    """The reason for a retry or a reopen, and with which definition the tasks run."""

    latest = forms.BooleanField(
        label=gettext_lazy("As defined now"),
        help_text=gettext_lazy("Otherwise they run what the job began with."),
        required=False,
    )


def offered_verbs(request: HttpRequest, status: str) -> list[tuple[Verb, Any]]:
    """Return the verbs that this person may apply in this status; a retry where it applies, else a reopen."""
    verbs = [verb for verb in VERBS if status in APPLIES_TO[verb] and may(request, PERMISSION[verb])]
    return [(verb, LABEL[verb]) for verb in verbs if not (verb == "reopen" and "retry" in verbs)]


def confirm_verb(
    admin: Pages,
    request: HttpRequest,
    verb: Verb,
    rows: QuerySet[JobTask],
    back: str,
    hidden: Sequence[tuple[str, Any]] = (),
) -> HttpResponse:
    """Ask whether to apply a verb to these job tasks, saying what will become of them and of others; then do it."""
    admin.require(request, PERMISSION[verb])
    chosen = list(rows.filter(status__in=APPLIES_TO[verb]).select_related("task", "job__process")[:1000])
    acting = JobTask.objects.filter(pk__in=[row.pk for row in chosen])

    def act(answers: dict[str, Any]) -> Done | None:
        options = {"reason": answers["reason"], "actor": request.user.get_username()}
        if "latest" in answers:
            options["latest"] = answers["latest"]
        done = getattr(acting, verb)(**options)
        note = f"{verb}: {answers['reason']}" if answers["reason"] else verb
        return Done(done_message(verb, done), chosen, note) if done else None

    question = Question(
        title=format_lazy(
            "{verb}: {names}?", verb=LABEL[verb], names=names_in_short(map(str, chosen), IN_TITLE) or _("nothing")
        ),
        button=LABEL[verb],
        back=back,
        effects=effects(verb, chosen) or [_("There is nothing that this applies to.")],
        danger=verb in ("cancel", "skip", "force"),
        form=ReopenForm if verb in ("retry", "reopen") else Reason,
        hidden=hidden,
    )
    return ask(admin, request, question, act)


def done_message(verb: Verb, number: int) -> str:
    """Return what was done, as a message."""
    match verb:
        case "retry" | "reopen":
            return ngettext("%d task runs again.", "%d tasks run again.", number) % number
        case "force":
            return ngettext("%d task counts as done.", "%d tasks count as done.", number) % number
        case "skip":
            return ngettext("%d task was skipped.", "%d tasks were skipped.", number) % number
    return ngettext("%d task was cancelled.", "%d tasks were cancelled.", number) % number


def effects(verb: Verb, chosen: Sequence[JobTask]) -> list[str]:
    """Return what the verb will do, a sentence for each kind of change.

    :meth:`changed_by` finds it by doing it in a transaction that is rolled back: for that moment it holds the locks of
    the jobs, though a person only looks at a question."""
    if not chosen:
        return []
    changes = JobTask.objects.filter(pk__in=[row.pk for row in chosen]).changed_by(verb)
    affected = {row.pk: row for row in JobTask.objects.filter(pk__in=changes).select_related("task").order_by("pk")}
    groups: dict[str, list[str]] = {}
    own = {row.pk for row in chosen}
    for pk, row in sorted(affected.items(), key=lambda item: (item[0] not in own, item[0])):
        groups.setdefault(effect(*changes[pk]), []).append(str(row))
    numbers = {sentence: f" ({len(found)})" if len(found) > 1 else "" for sentence, found in groups.items()}
    return [f"{sentence}{numbers[sentence]}: {names_in_short(found)}" for sentence, found in groups.items()]


def effect(before: str, after: str) -> str:
    """Return what becomes of tasks that go from one status to another."""
    if before == Status.RUNNING and after != Status.RUNNING:
        return _("Stopped while it runs")
    if after == "":
        return _("Made anew once it is known what it maps over")
    if before in SETTLED - {Status.UPSTREAM_FAILED} and after in (Status.READY, Status.SCHEDULED):
        return _("Runs again at once")
    if before in SETTLED and after == Status.AWAITING:
        return _("Waits for that, then runs")
    if after in (Status.READY, Status.SCHEDULED):
        return _("Goes on at once")
    if after == Status.CANCELLED:
        return _("Never starts")
    if after == Status.UPSTREAM_FAILED:
        return _("Can't run any more")
    return _("Counts from now on as %s") % word(after)


def names_in_short(found: Iterable[str], most: int = NAMES) -> str:
    """Return the names, as many as can be read."""
    every = list(found)
    shown = ", ".join(every[:most])
    more = len(every) - most
    return shown + (ngettext(" and %d more", " and %d more", more) % more if more > 0 else "")
