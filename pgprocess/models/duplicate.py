"""Copy a process with its tasks and their edges, in one transaction and a fixed number of statements."""

from __future__ import annotations

from typing import Any

from django.db import models, router, transaction
from django.utils.translation import gettext as _

from pgprocess.models.process import Process
from pgprocess.models.task import Task, TaskDependency


def duplicate(process: Process, name: str) -> Process:
    """Return a new process of that name with the same schedule, tasks and edges, paused, so that nothing runs twice.

    Versions of tasks begin anew, jobs are not copied. Raises IntegrityError if the name is taken.
    """
    with transaction.atomic(using=router.db_for_write(Process)):
        reason = _("This is a copy of %s: look it over, then resume it.") % process.name
        fields = editable_fields(process) | {"name": name, "is_active": False, "paused_reason": reason}
        copy = Process.objects.create(**fields)
        originals = list(Task.objects.filter(process_id=process.pk).order_by("pk"))
        tasks = Task.objects.bulk_create([Task(**editable_fields(task) | {"process": copy}) for task in originals])
        copy_of = dict(zip((task.pk for task in originals), tasks, strict=True))
        edges = TaskDependency.objects.filter(task__process_id=process.pk).order_by("pk")
        TaskDependency.objects.bulk_create(
            TaskDependency(parent=copy_of[parent], task=copy_of[task])
            for parent, task in edges.values_list("parent_id", "task_id")
            if parent in copy_of and task in copy_of  # not those of a task that appeared in between
        )
        return copy


def editable_fields(row: models.Model) -> dict[str, Any]:
    """Return the values that people give to a row, by field: neither keys nor what the database fills in."""
    fields = (field for field in row._meta.concrete_fields if field.editable and not field.remote_field)
    return {field.name: getattr(row, field.name) for field in fields if not field.primary_key}
