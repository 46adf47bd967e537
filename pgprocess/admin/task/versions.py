"""The versions of a task: what each one ran, how it differs from another, and the way back to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pgprocess.admin.base import Pages, may, query_number
from pgprocess.admin.confirm import Done, Question, ask
from pgprocess.admin.task.code_field import numbered
from pgprocess.admin.task.diff import NEW, OLD, compare
from pgprocess.exceptions import PgprocessError
from pgprocess.models import Task, TaskVersion
from pgprocess.models.task import Work

WORK = tuple(field.name for field in Work._meta.fields)
LISTED = 50


class Versions(Pages):
    """The pages of a task's versions, under the task's own."""

    def own_urls(self) -> list[URLPattern]:
        """Return the pages beside Django's, with one for each version and the question before it is restored."""
        return [
            *super().own_urls(),
            self.url("<int:pk>/versions/<int:number>/", self.version_page, "version"),
            self.url("<int:pk>/versions/<int:number>/restore/", self.restore, "restore"),
        ]

    def version_page(self, request: HttpRequest, pk: int, number: int) -> TemplateResponse:
        """Show one version, compared with ``?with=NUMBER``, else with the current version, or the one before."""
        task, version, other = self._versions(request, pk, number)
        context = {
            "task": task,
            "version": version,
            "other": other,
            "versions": listed(task),
            "differences": [*differences(other, version)] if other else [],
            "lines": compare(other.code, version.code) if other else [],
            "code": numbered(version.code) if version.code else "",
            "restores": self.may_restore(request, task, version),
        }
        title = _("%(task)s, version %(number)d") % {"task": task, "number": number}
        return self.page(request, "admin/pgprocess/task/version.html", title, **context)

    def restore(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """Let the task run again what it ran as that version, once confirmed. That becomes its newest version."""
        task, version, _other = self._versions(request, pk, number)
        self.require(request, "edit_code")
        if not self.has_change_permission(request, task):
            self.require(request, "change_task")

        def act(answers: dict[str, Any]) -> Done | None:
            if version.pk == task.version_id:
                return None
            restore_work(task, version)
            return Done(_("%(task)s is as it was in version %(number)d.") % values, [task], f"Restored v{number}.")

        values = {"task": task, "number": number}
        current = TaskVersion.objects.get(pk=task.version_id or 0)
        changes = ["{name}: {old} → {new}".format(**change) for change in differences(current, version)]
        lines = sum(line.kind in (OLD, NEW) for line in compare(current.code, version.code))
        question = Question(
            title=_("Restore version %(number)d of %(task)s?") % values,
            button=_("Restore it"),
            back=self.address("change", pk),
            effects=[
                *changes,
                *([ngettext("%d line of code changes.", "%d lines of code change.", lines) % lines] if lines else []),
                _("It becomes the newest version; jobs that run already keep theirs."),
            ],
        )
        return ask(self, request, question, act)

    def may_restore(self, request: HttpRequest, task: Task, version: TaskVersion) -> bool:
        """Return whether there is something to restore, and this person may."""
        allowed = self.has_change_permission(request, task) and may(request, "edit_code")
        return allowed and version.pk != task.version_id

    def _versions(self, request: HttpRequest, pk: int, number: int) -> tuple[Task, TaskVersion, TaskVersion | None]:
        """Return the task, its version, and the version to compare it with if there is another."""
        task = self.visible_row(request, pk)
        version = task.versions.filter(number=number).first()
        if version is None:
            raise Http404(f"{task} has no version {number}.")
        if wanted := query_number(request, "with"):
            other = task.versions.filter(number=wanted).first()
        elif version.pk != task.version_id:
            other = task.versions.filter(pk=task.version_id).first()
        else:
            other = task.versions.filter(number__lt=number).order_by("-number").first()
        return task, version, other


def listed(task: Task) -> list[dict[str, Any]]:
    """Return the newest versions, each with whether it is the current one."""
    versions = task.versions.order_by("-number").only("number", "created_at", "digest", "kind")[:LISTED]
    return [{"version": version, "current": version.pk == task.version_id} for version in versions]


def differences(one: TaskVersion, other: TaskVersion) -> Iterator[dict[str, Any]]:
    """Return what ``other`` says differently, beside the code: the field's name, and both values."""
    for name in WORK:
        old, new = getattr(one, name), getattr(other, name)
        if name != "code" and old != new:
            field = TaskVersion._meta.get_field(name)
            shown = {"name": str(field.verbose_name)}  # type: ignore[union-attr]
            yield {**shown, "old": shown_value(old), "new": shown_value(new)}


def shown_value(value: Any) -> Any:
    """Return a value for people: an empty one says so."""
    return _("empty") if value in ("", None) else value


def restore_work(task: Task, version: TaskVersion) -> None:
    """Let the task say again what the version says. Raises PgprocessError if that is not allowed any more."""
    for name in WORK:
        setattr(task, name, getattr(version, name))
    try:
        task.clean_fields(exclude=[field.name for field in Task._meta.fields if field.name not in WORK])
    except ValidationError as error:
        raise PgprocessError(" ".join(error.messages)) from error
    task.save(update_fields=WORK)
