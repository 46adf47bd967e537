"""The tasks of a process as rows to edit: what each waits for, where it stands, whether it is left out."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from pgprocess.admin.base import may
from pgprocess.admin.task.parents_field import Edges, ParentsField, edges_of, names_of, refuse_circles, write_parents
from pgprocess.models import Process, Task, TaskDependency

MOST = 60  # rows: each offers every other as a parent
FIELDS_OF_A_ROW = 9


class TaskInlineForm(forms.ModelForm):  # type: ignore[type-arg]
    """The row of one task; ``names`` are those of all tasks of the process, ``parents`` who waits for whom."""

    waits_for = ParentsField()

    class Meta:
        model = Task
        fields = ("name", "trigger_rule", "queue", "level", "offset", "is_active")

    def __init__(self, *args: Any, names: dict[int, str], parents: Edges, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["waits_for"]
        field.choices = [(pk, name) for pk, name in names.items() if pk != self.instance.pk]  # type: ignore[attr-defined]
        field.initial = parents.get(self.instance.pk, set())


class TaskInlineFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    """All rows of a process: their edges are read once, judged together and written together."""

    @cached_property
    def names(self) -> dict[int, str]:
        """Return the names of the tasks of the process, by key."""
        return names_of(self.instance)

    @cached_property
    def edges(self) -> Edges:
        """Return what the tasks wait for in the database."""
        return edges_of(self.instance)

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        """Hand the names and the edges of all rows to each."""
        return {**super().get_form_kwargs(index), "names": self.names, "parents": self.edges}

    def add_fields(self, form: Any, index: int | None) -> None:
        """Let each field say to a screen reader whose it is: the head of its column is far away."""
        super().add_fields(form, index)
        for field in form.fields.values():
            field.widget.attrs["aria-label"] = f"{form.instance}: {field.label}"

    def clean(self) -> None:
        """Refuse rows that together close a circle."""
        super().clean()
        if any(self.errors):
            return
        names = self.names | {
            form.instance.pk: form.cleaned_data["name"] for form in self.initial_forms if "name" in form.cleaned_data
        }
        refuse_circles(names, self.submitted())

    def submitted(self) -> Edges:
        """Return the edges as the form would make them, without those of tasks that are to be deleted."""
        gone = {form.instance.pk for form in self.deleted_forms}
        edges = {task: parents - gone for task, parents in self.edges.items() if task not in gone}
        return edges | {
            form.instance.pk: set(form.cleaned_data["waits_for"]) - gone
            for form in self.initial_forms
            if form.instance.pk not in gone and "waits_for" in form.cleaned_data
        }

    def save(self, commit: bool = True) -> list[Task]:
        """Save the rows, and their edges where somebody changed them."""
        tasks = super().save(commit)
        changed = [form for form in self.initial_forms if "waits_for" in form.changed_data]
        edges = self.submitted()
        write_parents({pk: edges[pk] for pk in (form.instance.pk for form in changed) if pk in edges})
        return tasks


class TaskInline(admin.TabularInline):  # type: ignore[type-arg]
    """The tasks of a process, a row each; a task's own page has the rest."""

    model = Task
    form = TaskInlineForm
    formset = TaskInlineFormSet
    fields = ("name", "kind_and_page", "waits_for", "trigger_rule", "queue", "level", "offset", "is_active")
    readonly_fields = ("kind_and_page",)
    extra = 0

    @admin.display(description=_("runs"))
    def kind_and_page(self, task: Task) -> SafeString:
        """Return the kind of a task, as a link to its page."""
        page = reverse("admin:pgprocess_task_change", args=[task.pk])
        return format_html('<a href="{}">{}</a>', page, task.get_kind_display())

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: a task is added on its own page, where people say what it runs."""
        return False


def can_be_rows(request: HttpRequest, process: Process) -> bool:
    """Return whether this person may edit the tasks here, and there are not too many for one form."""
    if not may(request, "change_process", "change_task"):
        return False
    tasks = Task.objects.filter(process_id=process.pk).count()
    edges = TaskDependency.objects.filter(task__process_id=process.pk).count()
    limit: int | None = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
    fields = 2 * (tasks * FIELDS_OF_A_ROW + edges)  # twice: people may tick many more
    return tasks <= MOST and (limit is None or fields <= limit)
