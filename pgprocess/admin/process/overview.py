"""The page of a process above its form: state, schedule, diagram, last runs, tasks and versions."""

from __future__ import annotations

from typing import Any

from django.utils.safestring import SafeString
from django.utils.timezone import now

from pgprocess.admin.job.run_grid import run_grid
from pgprocess.admin.process.schedule_words import policy_sentences, schedule_facts
from pgprocess.admin.process.task_table import task_table
from pgprocess.admin.task.parents_field import edges_of
from pgprocess.diagram import DiagramError, graph_of
from pgprocess.diagram.figure import figure
from pgprocess.graph import depths
from pgprocess.models import Process, TaskVersion

NEWEST = 10  # versions


def overview(process: Process, *, runs: bool, table: bool) -> dict[str, Any]:
    """Return the context of ``admin/pgprocess/process/overview.html``; nine queries, whatever the number of tasks.

    Without ``runs`` the last runs are left out, without ``table`` the tasks, which are rows of the form then.
    """
    edges = edges_of(process)
    return {
        "process": process,
        "schedule": schedule_facts(process, now()),
        "policies": policy_sentences(process),
        "diagram": process_diagram(process),
        "table": task_table(process, edges) if table else "",
        "sees_runs": runs,
        "grid": run_grid(process, order=depths(edges)) if runs else "",
        "newest_versions": newest_versions(process),
    }


def process_diagram(process: Process) -> SafeString | str:
    """Return the diagram, or why there is none."""
    try:
        return figure(graph_of(process), table=False, movable=True)
    except DiagramError as error:
        return str(error)


def newest_versions(process: Process) -> list[TaskVersion]:
    """Return the newest versions of all tasks of the process."""
    versions = TaskVersion.objects.filter(task__process_id=process.pk).select_related("task")
    return list(versions.only("number", "created_at", "kind", "task__name").order_by("-pk")[:NEWEST])
