"""The diagram of a job on its page: of a very large one, what matters in it and what is around that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from pgprocess.admin.job.task_rows import Line
from pgprocess.diagram import Node
from pgprocess.diagram.figure import figure
from pgprocess.diagram.notes import SEVERITY
from pgprocess.diagram.source import graph, offset
from pgprocess.display import links
from pgprocess.models import Job, JobTaskDependency

WHOLE, PART, HEART = 300, 120, 40  # tasks up to which all are drawn; else that many, around that many that matter

Edges = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Drawing:
    """The figure, and of how many tasks it shows how many."""

    figure: SafeString
    shown: int
    total: int


def edges_of(job: Job) -> Edges:
    """The edges of the run between its tasks, each once whatever the number of items."""
    ends = ("parent__task_id", "child__task_id")
    pairs = JobTaskDependency.objects.filter(child__job_id=job.pk).order_by(*ends).values_list(*ends).distinct()
    return [(parent, child) for parent, child in pairs if parent != child]


def drawing(job: Job, lines: Sequence[Line], edges: Edges, *, whole: bool) -> Drawing:
    """Draw the job; ``whole`` draws all of it, whatever its size."""
    kept = {line.task for line in lines} if whole or len(lines) <= WHOLE else around(lines, edges)
    nodes = [node(job, line) for line in lines if line.task in kept]
    pairs = [(parent, child) for parent, child in edges if parent in kept and child in kept]
    return Drawing(figure(graph(str(job), nodes, pairs)), len(nodes), len(lines))


def around(lines: Sequence[Line], edges: Edges) -> set[int]:
    """The tasks that matter most, failed and running ones first, with their neighbours."""
    worst = sorted(lines, key=lambda line: (SEVERITY.index(line.status), line.task))
    kept = {line.task for line in worst[:HEART]}
    heart = set(kept)
    for parent, child in edges:
        if len(kept) >= PART:
            break
        if parent in heart or child in heart:
            kept |= {parent, child}
    return kept


def node(job: Job, line: Line) -> Node:
    """The box of a line; it leads to the task at hand of this page, a mapped one to the list of its runs."""
    return Node(
        id=str(line.task),
        name=line.name,
        status=line.status,
        note=line.note,
        url=links.runs(job.pk, line.task) if line.runs else f"?task={line.id}#task",
        level=line.level,
        offset=offset(line.offset),
    )
