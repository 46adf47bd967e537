"""The diagram of a process, whose boxes people move: that writes levels and offsets."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _

from pgprocess.admin.base import may, note_change, read_number
from pgprocess.admin.confirm import Done, Question, ask
from pgprocess.admin.diagram_downloads import DiagramDownloads
from pgprocess.diagram import graph_of
from pgprocess.diagram.render import svg
from pgprocess.models import Process, Task


class PlaceForm(forms.ModelForm):  # type: ignore[type-arg]
    """The place of a task; an empty field means wherever there is room."""

    class Meta:
        model = Task
        fields = ("level", "offset")


class LayoutEditor(DiagramDownloads):
    """The addresses that move boxes."""

    def own_urls(self) -> list[URLPattern]:
        """Return the pages beside Django's, with one to move a box and one to place all boxes automatically."""
        return [
            *super().own_urls(),
            self.url("<int:pk>/place/", self.place, "place"),
            self.url("<int:pk>/unplace/", self.unplace_page, "unplace"),
        ]

    def place(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Move a task to a POSTed ``level`` and ``offset``; answer with the new drawing and a sentence."""
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
        form = PlaceForm(request.POST, instance=task)
        if not form.is_valid():
            sentences = (str(sentence) for errors in form.errors.values() for sentence in errors)
            return JsonResponse({"error": " ".join(sentences)}, status=400)
        task.save(update_fields=["level", "offset"])
        said = place_sentence(task)
        note_change(request, [process], said)
        after = {"level": task.level, "offset": task.offset}
        drawn = svg(graph_of(process), movable=True)
        return JsonResponse({"svg": drawn, "said": said, "before": before, "after": after})

    def unplace_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Place all tasks where there is room for them, once confirmed."""
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
        """Return whether this person may move boxes."""
        return self.has_change_permission(request, process) and may(request, "change_task")

    def _arranged(self, request: HttpRequest, pk: int) -> Process:
        process: Process = self.visible_row(request, pk)
        if not self.may_arrange(request, process):
            self.require(request, "change_process", "change_task")
        return process


def place_sentence(task: Task) -> str:
    """Return where a task stands, in a sentence."""
    values = {"task": task, "level": task.level, "offset": task.offset}
    if task.level is None and not task.offset:
        return _("%(task)s is placed automatically.") % values
    if task.level is None:
        return _("%(task)s has the offset %(offset)s.") % values
    if not task.offset:
        return _("%(task)s has the level %(level)d.") % values
    return _("%(task)s has the level %(level)d and the offset %(offset)s.") % values
