"""The parents of a task as a field of a form: other tasks of its process, and never in a circle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import router, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pgprocess.graph import find_cycle
from pgprocess.models import Process, Task, TaskDependency

Edges = dict[int, set[int]]
"""The ids of the parents by the id of their child."""


class ParentsWidget(forms.SelectMultiple):
    """Boxes to tick, folded away behind the names that are ticked; needs no script, and no mouse."""

    template_name = "admin/pgprocess/widgets/parents.html"
    folded = True

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Return the names, each with whether it is ticked, in the order of the tasks."""
        ticked = {str(one) for one in value or ()}
        options = [(str(pk), str(label), str(pk) in ticked) for pk, label in self.choices]
        chosen = ", ".join(label for _pk, label, on in options if on)
        return {"widget": {"name": name, "options": options, "chosen": chosen, "folded": self.folded, "attrs": attrs}}

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """Nothing ticked is an answer."""
        return False

    def id_for_label(self, id_: str, index: Any = None) -> str:
        """Return nothing: there is no single box that the label could mean."""
        return ""


class ParentsField(forms.TypedMultipleChoiceField):
    """The ids of the tasks that are ticked; give it its ``choices``: ids and names."""

    widget = ParentsWidget
    default_error_messages = {"invalid_choice": _("Choose among the tasks of the same process.")}

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", _("Waits for"))
        super().__init__(coerce=int, required=False, **options)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Return whether other tasks are ticked than before, in whatever order."""
        return {str(one) for one in initial or ()} != {str(one) for one in data or ()}


def names_of(process: Process | None) -> dict[int, str]:
    """Return the names of the tasks of a process by id; none for a process that is not chosen yet."""
    if process is None or process.pk is None:
        return {}
    return dict(Task.objects.filter(process_id=process.pk).order_by("pk").values_list("pk", "name"))


def edges_of(process: Process | None) -> Edges:
    """Return the parents of each task of a process."""
    edges: Edges = {}
    if process is not None and process.pk is not None:
        rows = TaskDependency.objects.filter(task__process_id=process.pk).order_by("pk")
        for parent, task in rows.values_list("parent_id", "task_id"):
            edges.setdefault(task, set()).add(parent)
    return edges


def refuse_circles(names: Mapping[int, str], edges: Edges) -> None:
    """Raise a ValidationError that names the circle, if these edges close one."""
    pairs = ((names.get(parent, "?"), names.get(task, "?")) for task, parents in edges.items() for parent in parents)
    if circle := find_cycle(pairs):
        raise ValidationError(gettext("These dependencies close a circle: %s.") % " → ".join(circle), code="circle")


def write_parents(wanted: Edges) -> None:
    """Write that these tasks wait for exactly these parents: delete what is gone, then insert all that is new.

    Raises IntegrityError where the database refuses an edge: somebody else has added the other half of a circle.
    """
    rows = TaskDependency.objects.filter(task_id__in=wanted).values_list("pk", "parent_id", "task_id")
    there = {(parent, task): pk for pk, parent, task in rows}
    pairs = {(parent, task) for task, parents in wanted.items() for parent in parents}
    with transaction.atomic(using=router.db_for_write(TaskDependency)):
        TaskDependency.objects.filter(pk__in=[there[pair] for pair in there.keys() - pairs]).delete()
        TaskDependency.objects.bulk_create(new_edges(pairs - there.keys()))


def new_edges(pairs: Iterable[tuple[int, int]]) -> list[TaskDependency]:
    """Return unsaved edges, in an order that does not depend on chance."""
    return [TaskDependency(parent_id=parent, task_id=task) for parent, task in sorted(pairs)]
