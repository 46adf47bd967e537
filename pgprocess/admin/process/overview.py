"""What the page of a process shows before one edits: its state, schedule, diagram, last runs, tasks and versions."""

from __future__ import annotations

from typing import Any

from django.utils.safestring import SafeString
from django.utils.timezone import now

from pgprocess.admin.job.run_grid import grid
from pgprocess.admin.job.timeline import depths
from pgprocess.admin.process.schedule_words import policies, schedule_of
from pgprocess.admin.process.task_table import task_table
from pgprocess.admin.task.parents_field import Edges, edges_of
from pgprocess.diagram import DiagramError, graph_of
from pgprocess.diagram.figure import figure
from pgprocess.models import Process, TaskVersion

NEWEST = 10  # versions


def overview(process: Process, *, runs: bool, table: bool) -> dict[str, Any]:
    """The context of ``admin/pgprocess/process/overview.html``; nine queries, whatever the number of tasks.

    Without ``runs`` its last runs are left out, without ``table`` its tasks, which are rows of the form then.
    """
    edges = edges_of(process)
    return {
        "process": process,
        "schedule": schedule_of(process, now()),
        "policies": policies(process),
        "diagram": drawn(process),
        "table": task_table(process, edges) if table else "",
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


def pairs(edges: Edges) -> list[tuple[int, int]]:
    """The edges as pairs of parent and child."""
    return [(parent, task) for task, parents in edges.items() for parent in sorted(parents)]


def newest_versions(process: Process) -> list[TaskVersion]:
    """What was changed last in what its tasks run."""
    versions = TaskVersion.objects.filter(task__process_id=process.pk).select_related("task")
    return list(versions.only("number", "created_at", "kind", "task__name").order_by("-pk")[:NEWEST])
