"""The actions on processes: run, pause, resume, copy. A question comes before each."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from pgprocess.admin.base import Pages, may
from pgprocess.admin.confirm import Done, Question, ask
from pgprocess.models import Job, Process
from pgprocess.models.duplicate import duplicate

NAMED = 12  # tasks that a question names one by one


class ParamsForm(forms.Form):
    """The params of a run, which its tasks can read."""

    params = forms.JSONField(
        label=gettext_lazy("Params"),
        required=False,
        help_text=gettext_lazy('A JSON object that every task can read, like {"day": "2026-11-24"}; empty: none.'),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        error_messages={"invalid": gettext_lazy("This is not JSON: names and texts stand in double quotes.")},
    )

    def clean_params(self) -> dict[str, Any]:
        """Return the params as an object, an empty one for nothing."""
        params = self.cleaned_data["params"]
        if params is None:
            return {}
        if not isinstance(params, dict):
            raise forms.ValidationError(_("Params are a JSON object: write them in braces."))
        return params


class PauseForm(forms.Form):
    """The reason why a process is paused."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=500, help_text=gettext_lazy("Shown to everybody.")
    )


class NameForm(forms.Form):
    """The name of a copy."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)

    def clean_name(self) -> str:
        """Return the name. Raises ValidationError where a process has it."""
        name: str = self.cleaned_data["name"]
        if Process.objects.filter(name=name).exists():
            raise forms.ValidationError(_("There is a process of that name already."))
        return name


class ProcessActions(Pages):
    """The questions that lead to a run, a pause, or a copy."""

    def own_urls(self) -> list[URLPattern]:
        """Return the pages beside Django's, with one for each question."""
        return [
            *super().own_urls(),
            self.url("<int:pk>/run/", self.run_page, "run"),
            self.url("<int:pk>/pause/", self.pause_page, "pause"),
            self.url("<int:pk>/resume/", self.resume_page, "resume"),
            self.url("<int:pk>/duplicate/", self.duplicate_page, "duplicate"),
        ]

    def run_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Start a run now, with params if there are any, once confirmed; then show its page.

        ``?params=`` fills them in.
        """
        process = self.visible_row(request, pk)
        self.require(request, "run_process")

        def act(answers: dict[str, Any]) -> Done:
            job, _tasks = Job.create(process, answers["params"], actor=request.user.get_username())
            page = reverse("admin:pgprocess_job_change", args=[job.pk])
            return Done(_("Job %(job)s is running.") % {"job": job}, [process], f"Run on demand: job {job.pk}.", page)

        question = Question(
            title=_("Run %(process)s now?") % {"process": process},
            button=_("Run now"),
            back=self.address("change", pk),
            effects=run_sentences(process),
            form=ParamsForm,
            initial={"params": read_params(request.GET.get("params", ""))},
        )
        return ask(self, request, question, act)

    def pause_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Pause the process with a reason, once confirmed: from then on its schedule starts no run."""
        process = self._changed(request, pk)
        person = request.user.get_username()

        def act(answers: dict[str, Any]) -> Done | None:
            if not process.is_active:
                return None
            process.pause(answers["reason"], actor=person)
            return Done(_("%(process)s is paused.") % {"process": process}, [process], f"Paused: {answers['reason']}")

        question = Question(
            title=_("Pause %(process)s?") % {"process": process},
            button=_("Pause it"),
            back=self.address("change", pk),
            effects=[_("No slot of its schedule runs until it is resumed."), _("Jobs that run already go on.")],
            form=PauseForm,
        )
        return ask(self, request, question, act)

    def resume_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Resume the process, once confirmed: its schedule counts from then on."""
        process = self._changed(request, pk)

        def act(answers: dict[str, Any]) -> Done | None:
            if process.is_active:
                return None
            process.resume(actor=request.user.get_username())
            return Done(_("%(process)s is active again.") % {"process": process}, [process], "Resumed.")

        question = Question(
            title=_("Resume %(process)s?") % {"process": process},
            button=_("Resume it"),
            back=self.address("change", pk),
            effects=[_("Its schedule counts from now on: slots that passed meanwhile do not run.")],
        )
        return ask(self, request, question, act)

    def duplicate_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Copy the process under another name, paused, once confirmed; then show the copy."""
        process = self.visible_row(request, pk)
        self.require(request, "add_process", "add_task", "edit_code")

        def act(answers: dict[str, Any]) -> Done:
            copy = duplicate(process, answers["name"])
            text = _("%(copy)s is a copy of %(process)s, and paused.") % {"copy": copy, "process": process}
            return Done(text, [copy], f"Duplicated from {process}.", self.address("change", copy.pk))

        tasks = process.tasks.count()
        copied = ngettext(
            "%d task is copied with its code, and the schedule.",
            "%d tasks are copied with their code and their dependencies, and the schedule.",
            tasks,
        )
        question = Question(
            title=_("Duplicate %(process)s?") % {"process": process},
            button=_("Duplicate it"),
            back=self.address("change", pk),
            effects=[
                copied % tasks,
                _("The copy is paused, so that nothing runs twice. Jobs are not copied."),
            ],
            form=NameForm,
            initial={"name": _("%(process)s (copy)") % {"process": process.name[:190]}},
        )
        return ask(self, request, question, act)

    def allowed_actions(self, request: HttpRequest, process: Process) -> dict[str, bool]:
        """Return which of these actions this person may do, and which make sense."""
        changes = self.has_change_permission(request, process)
        return {
            "may_run": may(request, "run_process"),
            "may_pause": changes and process.is_active,
            "may_resume": changes and not process.is_active,
            "may_duplicate": may(request, "add_process", "add_task", "edit_code"),
        }

    def _changed(self, request: HttpRequest, pk: int) -> Process:
        process: Process = self.visible_row(request, pk)
        if not self.has_change_permission(request, process):
            self.require(request, "change_process")
        return process


def read_params(text: str) -> Any:
    """Return the params that a link fills in; none where they can't be read."""
    try:
        return json.loads(text)
    except ValueError:
        return {}


def run_sentences(process: Process) -> list[str]:
    """Return what a run of the process would start, and what it would leave out."""
    tasks = list(process.tasks.order_by("pk").values_list("name", "is_active"))
    active = [name for name, is_active in tasks if is_active]
    named = ", ".join(active[:NAMED]) + (" …" if len(active) > NAMED else "")
    lines = [
        ngettext("%(count)d task runs: %(names)s.", "%(count)d tasks run: %(names)s.", len(active))
        % {"count": len(active), "names": named}
        if active
        else _("There is no active task: the job succeeds at once.")
    ]
    left_out = [name for name, is_active in tasks if not is_active]
    if left_out:
        lines.append(_("Left out, since they are inactive: %s.") % ", ".join(left_out[:NAMED]))
    running = process.jobs.running().count()
    if running:
        lines.append(
            ngettext(
                "%d job of it runs already; this one runs beside it.",
                "%d jobs of it run already; this one runs beside them.",
                running,
            )
            % running
        )
    return lines
