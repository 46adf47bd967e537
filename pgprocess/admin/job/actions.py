"""The actions on jobs: cancel, retry what failed, run again, say that they have looked at a failure."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from pgprocess.admin.base import ReadOnly, may
from pgprocess.admin.confirm import Done, Question, Reason, ask, hidden_fields
from pgprocess.admin.jobtask.actions import confirm_verb
from pgprocess.conf import get_settings
from pgprocess.display.masking import masked
from pgprocess.models import Job, JobTask
from pgprocess.statuses import Status


class JobActions(ReadOnly):
    """The actions of the list, and the pages behind the buttons of a job."""

    actions = ("cancel", "see")

    def own_urls(self) -> list[URLPattern]:
        """Return a page for each button."""
        return [
            self.url("<int:pk>/cancel/", self.cancel_view, "cancel"),
            self.url("<int:pk>/retry/", self.retry_view, "retry"),
            self.url("<int:pk>/again/", self.again_view, "again"),
            self.url("<int:pk>/see/", self.see_view, "see"),
        ]

    def has_cancel_permission(self, request: HttpRequest) -> bool:
        """Return whether this person may cancel jobs."""
        return may(request, "cancel_job")

    def has_see_permission(self, request: HttpRequest) -> bool:
        """Return whether this person may say that failures were looked at."""
        return may(request, "change_job")

    @admin.action(description=gettext_lazy("Cancel"), permissions=["cancel"])
    def cancel(self, request: HttpRequest, queryset: QuerySet[Job]) -> HttpResponse:
        """Cancel the chosen jobs that still run, once confirmed."""
        running = list(Job.objects.running().filter(pk__in=queryset.values("pk")).select_related("process"))
        return self.ask_to_cancel(request, running, request.get_full_path(), hidden_fields("cancel", running))

    @admin.action(description=gettext_lazy("Mark as looked at"), permissions=["see"])
    def see(self, request: HttpRequest, queryset: QuerySet[Job]) -> HttpResponse:
        """Mark the chosen failures as looked at, once confirmed."""
        failed = list(Job.objects.unseen().filter(pk__in=queryset.values("pk")).select_related("process"))

        def act(answers: dict[str, Any]) -> Done | None:
            seen = Job.objects.filter(pk__in=[job.pk for job in failed]).see()
            text = ngettext("%d failure was looked at.", "%d failures were looked at.", seen) % seen
            return Done(text, failed, "Looked at.") if seen else None

        question = Question(
            title=_("Mark as looked at?"),
            button=_("Mark as looked at"),
            back=request.get_full_path(),
            effects=[
                _("%(job)s leaves the list of failures that nobody has looked at.") % {"job": job} for job in failed
            ],
            hidden=hidden_fields("see", failed),
        )
        return ask(self, request, question, act)

    def ask_to_cancel(self, request: HttpRequest, jobs: list[Job], back: str, hidden: Any = ()) -> HttpResponse:
        """Cancel these running jobs, once confirmed."""

        def act(answers: dict[str, Any]) -> Done | None:
            rows = Job.objects.filter(pk__in=[job.pk for job in jobs])
            cancelled = rows.cancel(actor=request.user.get_username(), reason=answers["reason"])
            text = ngettext("%d job was cancelled.", "%d jobs were cancelled.", cancelled) % cancelled
            return Done(text, jobs, "Cancelled.") if cancelled else None

        running = JobTask.objects.filter(job__in=jobs, status=Status.RUNNING).select_related("task")[:50]
        effects = [
            ngettext(
                "%(job)s: %(left)d task stops, or never starts.",
                "%(job)s: %(left)d tasks stop, or never start.",
                job.tasks_left,
            )
            % {"job": job, "left": job.tasks_left}
            for job in jobs
        ]
        if stopped := ", ".join(map(str, running)):
            effects.append(_("Running now, and told to stop: %s.") % stopped)
        question = Question(
            title=_("Cancel?"),
            button=_("Cancel the job") if len(jobs) == 1 else _("Cancel the jobs"),
            back=back,
            effects=effects or [_("None of them runs.")],
            danger=True,
            form=Reason,
            hidden=hidden,
        )
        return ask(self, request, question, act)

    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Cancel this job, once confirmed."""
        job = self.visible_row(request, pk)
        self.require(request, "cancel_job")
        return self.ask_to_cancel(request, [] if job.is_over else [job], self.address("change", pk))

    def retry_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Run what failed in this job again, once confirmed."""
        job = self.visible_row(request, pk)
        return confirm_verb(self, request, "retry", job.tasks.filter(status=Status.FAILED), self.address("change", pk))

    def again_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Start another job with the same params, once confirmed."""
        job = self.visible_row(request, pk)
        self.require(request, "run_process")

        def act(answers: dict[str, Any]) -> Done:
            new, _tasks = Job.create(job.process, job.params, actor=request.user.get_username())
            text = _("Started: %(jobs)s.") % {"jobs": new}
            return Done(text, [new], f"Run again, as job {pk}.", self.address("change", new.pk))

        effects = [_("%(process)s runs once more, now, as it is defined now.") % {"process": job.process}]
        if job.params:
            effects.append(_("With the same params: %s") % shown_params(job))
        question = Question(_("Run again?"), _("Run again"), self.address("change", pk), effects)
        return ask(self, request, question, act)

    def see_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Mark this failure as looked at. A button does it without a question, since nothing that runs is changed."""
        job = self.visible_row(request, pk)
        self.require(request, "change_job")
        if request.method == "POST" and Job.objects.filter(pk=pk).see():
            self.log_change(request, job, "Looked at.")
        return HttpResponseRedirect(self.address("change", pk))


def shown_params(job: Job) -> str:
    """Return the params for people, without what is marked as secret."""
    return (
        json.dumps(masked(job.params, get_settings().SECRET_PARAMS), indent=2, ensure_ascii=False) if job.params else ""
    )
