"""Rows into graphs: the definition of a Process, or a Job with what has become of it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from pgprocess.diagram.layout import percent
from pgprocess.diagram.nodes import DiagramError, Graph, Node
from pgprocess.diagram.notes import SEVERITY, counts, note
from pgprocess.display import links
from pgprocess.display.status import INACTIVE

if TYPE_CHECKING:
    from pgprocess.models import Job, Process

TIMES = "\N{MULTIPLICATION SIGN}"
RUN = (
    "pk",
    "task_id",
    "task__name",
    "task__level",
    "task__offset",
    "version__kind",
    "map_index",
    "status",
    "attempt",
    "run_at",
    "started_at",
    "finished_at",
    "exit_code",
)


def graph_of(obj: Process | Job) -> Graph:
    """Return the graph of a process, or of a job with its statuses; two queries (and a job's process, once).

    Nodes have the ids of their tasks, and lead to the admin's pages where there are any. The mapped runs of
    one task are one node with the worst of their statuses. Raises :class:`DiagramError` for anything else.
    """
    from pgprocess.models import Job, Process

    if isinstance(obj, Process):
        return graph_of_process(obj)
    if isinstance(obj, Job):
        return graph_of_job(obj)
    raise DiagramError(f"Only a Process or a Job can be drawn as a diagram, not {type(obj).__name__}.")


def graph_of_process(process: Process) -> Graph:
    """Return the tasks of a process, inactive ones too, and the edges between them."""
    from pgprocess.models import Task, TaskDependency

    tasks = Task.objects.filter(process_id=process.pk).order_by("pk")
    edges = TaskDependency.objects.filter(task__process_id=process.pk).order_by("parent_id", "task_id")
    nodes = [
        Node(
            id=str(task.pk),
            name=task.name,
            status="" if task.is_active else INACTIVE,
            note=task.kind,
            url=links.change("task", task.pk),
            level=task.level,
            offset=offset(task.offset),
        )
        for task in tasks.only("name", "kind", "is_active", "level", "offset")
    ]
    return graph(str(process), nodes, edges.values_list("parent_id", "task_id"))


def graph_of_job(job: Job) -> Graph:
    """Return the tasks of the run, and the run's own copy of the edges."""
    from pgprocess.models import JobTask, JobTaskDependency

    runs = JobTask.objects.filter(job_id=job.pk).order_by("task_id", "map_index", "pk")
    ends = ("parent__task_id", "child__task_id")
    edges = JobTaskDependency.objects.filter(child__job_id=job.pk).order_by(*ends)
    groups = groupby(runs.values_list(*RUN, named=True), key=attrgetter("task_id"))
    nodes = [node_of_runs(job, list(runs_of_task)) for _, runs_of_task in groups]
    return graph(str(job), nodes, edges.values_list(*ends).distinct())


def node_of_runs(job: Job, runs: list[Any]) -> Node:
    """Return one node for all runs of one task."""
    run = runs[0]
    statuses = [run.status for run in runs]
    mapped = len(runs) > 1 or run.map_index is not None
    return Node(
        id=str(run.task_id),
        name=f"{run.task__name} {TIMES}{len(runs)}" if mapped else run.task__name,
        status=min(statuses, key=SEVERITY.index),
        note=counts(statuses) if mapped else note(run, timezone.now()),
        url=links.runs(job.pk, run.task_id) if mapped else links.change("jobtask", run.pk),
        level=run.task__level,
        offset=offset(run.task__offset),
    )


def graph(title: str, nodes: Iterable[Node], pairs: Iterable[tuple[int, int]]) -> Graph:
    """Return the nodes with the edges between them, without edges of a task that appeared between the two queries."""
    drawn = {node.id: node for node in nodes}
    edges = ((str(parent), str(child)) for parent, child in pairs if parent != child)
    known = (edge for edge in edges if drawn.keys() >= set(edge))
    return Graph(title, tuple(drawn.values()), tuple(known))


def offset(text: str) -> float | None:
    """Return a task's offset in percent; None for what can't be read, which is no reason not to draw."""
    try:
        return percent(text) if text else None
    except DiagramError:
        return None
