"""What the page of a process shows before one edits: its state, schedule, diagram, last runs, tasks and versions."""

from __future__ import annotations

from typing import Any

from django.utils.safestring import SafeString
from django.utils.timezone import now

from pgprocess.admin.parents import edges_of
from pgprocess.admin.words import policies, schedule_of
from pgprocess.diagram import DiagramError, graph_of
from pgprocess.diagram.figure import figure
from pgprocess.models import Process, Task, TaskVersion

NEWEST = 10  # versions


def overview(process: Process) -> dict[str, Any]:
    """The context of ``admin/pgprocess/process/overview.html``; eight queries, whatever the number of tasks."""
    return {
        "process": process,
        "schedule": schedule_of(process, now()),
        "policies": policies(process),
        "diagram": drawn(process),
        "tasks": tasks_with_parents(process),
        "jobs": process.jobs.order_by("-pk")[:NEWEST],
        "newest_versions": newest_versions(process),
    }


def drawn(process: Process) -> SafeString | str:
    """The diagram, or why there is none."""
    try:
        return figure(graph_of(process), table=False, movable=True)
    except DiagramError as error:
        return str(error)


def tasks_with_parents(process: Process) -> list[dict[str, Any]]:
    """Each task with the names of those it waits for."""
    tasks = list(Task.objects.filter(process_id=process.pk).order_by("pk").defer("code", "arguments"))
    names = {task.pk: task.name for task in tasks}
    edges = edges_of(process)
    return [
        {"task": task, "parents": [(pk, names[pk]) for pk in sorted(edges.get(task.pk, ())) if pk in names]}
        for task in tasks
    ]


def newest_versions(process: Process) -> list[TaskVersion]:
    """What was changed last in what its tasks run."""
    versions = TaskVersion.objects.filter(task__process_id=process.pk).select_related("task")
    return list(versions.only("number", "created_at", "kind", "task__name").order_by("-pk")[:NEWEST])
