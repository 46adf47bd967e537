"""A copy of a process: its fields, its tasks and their edges, in one transaction and a fixed number of statements."""

from __future__ import annotations

from typing import Any

from django.db import models, router, transaction
from django.utils.translation import gettext as _

from pgprocess.models.process import Process
from pgprocess.models.task import Task, TaskDependency


def duplicate(process: Process, name: str) -> Process:
    """A process of that name with the same tasks, edges and schedule, paused, so that nothing runs twice.

    Versions of tasks begin anew, jobs stay where they are. Raises IntegrityError if the name is taken.
    """
    with transaction.atomic(using=router.db_for_write(Process)):
        reason = _("This is a copy of %s: look it over, then resume it.") % process.name
        fields = said(process) | {"name": name, "is_active": False, "paused_reason": reason}
        copy = Process.objects.create(**fields)
        originals = list(Task.objects.filter(process_id=process.pk).order_by("pk"))
        tasks = Task.objects.bulk_create([Task(**said(task) | {"process": copy}) for task in originals])
        number = dict(zip((task.pk for task in originals), tasks, strict=True))
        edges = TaskDependency.objects.filter(task__process_id=process.pk).order_by("pk")
        TaskDependency.objects.bulk_create(
            TaskDependency(parent=number[parent], task=number[task])
            for parent, task in edges.values_list("parent_id", "task_id")
            if parent in number and task in number  # not those of a task that appeared while we were reading
        )
        return copy


def said(row: models.Model) -> dict[str, Any]:
    """What people said of a row, by field: neither keys nor what the database keeps for itself."""
    fields = (field for field in row._meta.concrete_fields if field.editable and not field.remote_field)
    return {field.name: getattr(row, field.name) for field in fields if not field.primary_key}
