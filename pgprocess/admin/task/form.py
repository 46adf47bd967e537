"""The form of a task: its code may come from a file, and its parents are tasks of its process."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from pgprocess.admin.base import read_number
from pgprocess.admin.task.code_field import CodeField, read_script
from pgprocess.admin.task.parents_field import ParentsField, edges_of, names_of, refuse_circles, write_parents
from pgprocess.choices import Kind
from pgprocess.conf import get_settings
from pgprocess.models import Process, Task
from pgprocess.models.task import CODED


class TaskForm(forms.ModelForm):  # type: ignore[type-arg]
    """The form of a task, without the fields that this person may not change."""

    code = CodeField(
        label=_("Code"),
        required=False,
        help_text=_("The script, or the SQL. Tab indents; Escape, then Tab leaves the field."),
    )
    upload = forms.FileField(
        label=_("Script from a file"),
        required=False,
        help_text=_("A file .py, .sh or .pl fills in the code and the kind when you save."),
        widget=forms.FileInput(attrs={"accept": ".py,.sh,.pl"}),
    )
    waits_for = ParentsField()

    class Meta:
        model = Task
        fields = "__all__"  # noqa: DJ007 - the admin says which

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.names = names_of(self.process)
        self.edges = edges_of(self.process)
        fields: dict[str, Any] = self.fields
        there = self.instance.kind if self.instance.pk else ""
        if parents := fields.get("waits_for"):
            names = {pk: name for pk, name in self.names.items() if pk != self.instance.pk}
            parents.choices = [*names.items()]
            parents.initial = self.edges.get(self.instance.pk, set())
            parents.widget.folded = len(names) > 12
        if (kind := fields.get("kind")) and not get_settings().ALLOW_DB_CODE:
            kind.choices = [choice for choice in Kind.choices if choice[0] not in CODED or choice[0] == there]

    @property
    def process(self) -> Process | None:
        """Return the process whose tasks can be chosen: that of the task, or the one that is chosen in the form."""
        if self.instance.process_id:
            process: Process = self.instance.process
            return process
        chosen = str(self.data.get(self.add_prefix("process")) or self.initial.get("process") or "")
        return Process.objects.filter(pk=read_number(chosen)).first()

    def clean(self) -> dict[str, Any]:
        """Return the values, with the code of an uploaded file. A circle is refused by name."""
        values = super().clean() or self.cleaned_data
        if upload := values.get("upload"):
            try:
                values["code"], values["kind"] = read_script(upload)
            except ValidationError as error:
                self.add_error("upload", error)
        if not get_settings().ALLOW_DB_CODE and "kind" in values:
            self.instance.code = ""
        if self.instance.pk and "waits_for" in values:
            edges = self.edges | {self.instance.pk: set(values["waits_for"])}
            try:
                refuse_circles(self.names | {self.instance.pk: values.get("name") or self.instance.name}, edges)
            except ValidationError as error:
                self.add_error("waits_for", error)
        return values

    def write_parents(self) -> None:
        """Write that the task, which is saved, waits for the tasks that are ticked."""
        if "waits_for" in self.changed_data:
            write_parents({self.instance.pk: set(self.cleaned_data["waits_for"])})
