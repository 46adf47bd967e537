"""The diagram of a job on its page: of a very large one, what matters in it and what is around that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from pgprocess.admin.job.task_rows import TaskRow
from pgprocess.diagram import Node
from pgprocess.diagram.figure import figure
from pgprocess.diagram.notes import SEVERITY
from pgprocess.diagram.source import graph, offset
from pgprocess.display import links
from pgprocess.models import Job, JobTaskDependency

WHOLE, PART, HEART = 300, 120, 40  # tasks up to which all are drawn; else that many, around that many that matter

Edges = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class JobDiagram:
    """The figure, how many tasks it shows, and how many there are."""

    figure: SafeString
    shown: int
    total: int


def edges_of(job: Job) -> Edges:
    """Return the edges of the run between its tasks, each once whatever the number of items."""
    ends = ("parent__task_id", "child__task_id")
    pairs = JobTaskDependency.objects.filter(child__job_id=job.pk).order_by(*ends).values_list(*ends).distinct()
    return [(parent, child) for parent, child in pairs if parent != child]


def parents_of(edges: Edges) -> dict[int, list[int]]:
    """Return the parents of each task that has some."""
    parents: dict[int, list[int]] = {}
    for parent, child in edges:
        parents.setdefault(child, []).append(parent)
    return parents


def job_diagram(job: Job, rows: Sequence[TaskRow], edges: Edges, *, whole: bool) -> JobDiagram:
    """Draw the job: all of it with ``whole``, else at most what a person can read."""
    kept = {row.task for row in rows} if whole or len(rows) <= WHOLE else around(rows, edges)
    nodes = [job_node(job, row) for row in rows if row.task in kept]
    pairs = [(parent, child) for parent, child in edges if parent in kept and child in kept]
    return JobDiagram(figure(graph(str(job), nodes, pairs)), len(nodes), len(rows))


def around(rows: Sequence[TaskRow], edges: Edges) -> set[int]:
    """Return the tasks that matter most, failed and running ones first, with their neighbours."""
    worst = sorted(rows, key=lambda row: (SEVERITY.index(row.status), row.task))
    kept = {row.task for row in worst[:HEART]}
    heart = set(kept)
    for parent, child in edges:
        if len(kept) >= PART:
            break
        if parent in heart or child in heart:
            kept |= {parent, child}
    return kept


def job_node(job: Job, row: TaskRow) -> Node:
    """Return the box of a task.

    The box leads to the task's log on this page, that of a mapped task to the list of its runs.
    """
    return Node(
        id=str(row.task),
        name=row.name,
        status=row.status,
        note=row.note,
        url=links.runs(job.pk, row.task) if row.runs else f"?task={row.id}#task",
        level=row.level,
        offset=offset(row.offset),
    )
