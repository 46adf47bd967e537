"""What the page of a process shows before one edits: its state, schedule, diagram, last runs, tasks and versions."""

from __future__ import annotations

from typing import Any

from django.utils.safestring import SafeString
from django.utils.timezone import now

from pgprocess.admin.definitions.parents import Edges, edges_of
from pgprocess.admin.definitions.words import policies, schedule_of
from pgprocess.admin.pages.grid import grid
from pgprocess.admin.pages.timeline import depths
from pgprocess.diagram import DiagramError, graph_of
from pgprocess.diagram.figure import figure
from pgprocess.models import Process, Task, TaskVersion

NEWEST = 10  # versions


def overview(process: Process, *, runs: bool) -> dict[str, Any]:
    """The context of ``admin/pgprocess/process/overview.html``; nine queries, whatever the number of tasks.

    Without ``runs`` its last runs are left out.
    """
    edges = edges_of(process)
    return {
        "process": process,
        "schedule": schedule_of(process, now()),
        "policies": policies(process),
        "diagram": drawn(process),
        "tasks": tasks_with_parents(process, edges),
        "sees_runs": runs,
        "grid": grid(process, order=depths(pairs(edges))) if runs else "",
        "newest_versions": newest_versions(process),
    }


def drawn(process: Process) -> SafeString | str:
    """The diagram, or why there is none."""
    try:
        return figure(graph_of(process), table=False, movable=True)
    except DiagramError as error:
        return str(error)


def tasks_with_parents(process: Process, edges: Edges) -> list[dict[str, Any]]:
    """Each task with the names of those it waits for."""
    tasks = list(Task.objects.filter(process_id=process.pk).order_by("pk").defer("code", "arguments"))
    names = {task.pk: task.name for task in tasks}
    return [
        {"task": task, "parents": [(pk, names[pk]) for pk in sorted(edges.get(task.pk, ())) if pk in names]}
        for task in tasks
    ]


def pairs(edges: Edges) -> list[tuple[int, int]]:
    """The edges as pairs of parent and child."""
    return [(parent, task) for task, parents in edges.items() for parent in sorted(parents)]


def newest_versions(process: Process) -> list[TaskVersion]:
    """What was changed last in what its tasks run."""
    versions = TaskVersion.objects.filter(task__process_id=process.pk).select_related("task")
    return list(versions.only("number", "created_at", "kind", "task__name").order_by("-pk")[:NEWEST])
