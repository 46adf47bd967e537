"""The diagram of a process, moved by hand, which writes levels and offsets."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _

from pgprocess.admin.base import may, note, read_number
from pgprocess.admin.confirm import Done, Question, ask
from pgprocess.admin.diagram_downloads import DiagramFiles
from pgprocess.diagram import graph_of
from pgprocess.diagram.render import svg
from pgprocess.models import Process, Task


class Place(forms.ModelForm):  # type: ignore[type-arg]
    """Where a task stands; nothing means wherever there is room."""

    class Meta:
        model = Task
        fields = ("level", "offset")


class Arranging(DiagramFiles):
    """The diagram's own addresses."""

    def own_urls(self) -> list[URLPattern]:
        """One to move a box, one to let all go."""
        return [
            *super().own_urls(),
            self.url("<int:pk>/place/", self.place, "place"),
            self.url("<int:pk>/unplace/", self.unplace_page, "unplace"),
        ]

    def place(self, request: HttpRequest, pk: int) -> HttpResponse:
        """POST ``task``, ``level`` and ``offset``: it stands there. Answers with the new drawing and a sentence."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        process = self._arranged(request, pk)
        key = read_number(request.POST.get("task", ""))
        if not key:
            raise BadRequest("Name the task by its id.")
        task = process.tasks.filter(pk=key).first()
        if task is None:
            raise Http404(_("This task is not, or no more, one of %s.") % process)
        before = {"level": task.level, "offset": task.offset}
        form = Place(request.POST, instance=task)
        if not form.is_valid():
            sentences = (str(sentence) for errors in form.errors.values() for sentence in errors)
            return JsonResponse({"error": " ".join(sentences)}, status=400)
        task.save(update_fields=["level", "offset"])
        said = in_words(task)
        note(request, [process], said)
        after = {"level": task.level, "offset": task.offset}
        drawn = svg(graph_of(process), movable=True)
        return JsonResponse({"svg": drawn, "said": said, "before": before, "after": after})

    def unplace_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Once confirmed, all tasks stand where there is room for them."""
        process = self._arranged(request, pk)
        placed = process.tasks.exclude(level=None, offset="")

        def act(answers: dict[str, Any]) -> Done | None:
            if not placed.update(level=None, offset=""):
                return None
            return Done(_("All tasks of %s are placed automatically.") % process, [process], "Placed automatically.")

        names = ", ".join(placed.order_by("pk").values_list("name", flat=True)[:20])
        question = Question(
            title=_("Place all tasks of %s automatically?") % process,
            button=_("Place them"),
            back=self.address("change", pk),
            effects=[_("Level and offset of these are forgotten: %s.") % names] if names else [],
        )
        return ask(self, request, question, act)

    def may_arrange(self, request: HttpRequest, process: Process) -> bool:
        """Whether this person may move boxes."""
        return self.has_change_permission(request, process) and may(request, "change_task")

    def _arranged(self, request: HttpRequest, pk: int) -> Process:
        process: Process = self.seen(request, pk)
        if not self.may_arrange(request, process):
            self.require(request, "change_process", "change_task")
        return process


def in_words(task: Task) -> str:
    """Where a task stands, in a sentence."""
    values = {"task": task, "level": task.level, "offset": task.offset}
    if task.level is None and not task.offset:
        return _("%(task)s is placed automatically.") % values
    if task.level is None:
        return _("%(task)s has the offset %(offset)s.") % values
    if not task.offset:
        return _("%(task)s has the level %(level)d.") % values
    return _("%(task)s has the level %(level)d and the offset %(offset)s.") % values
