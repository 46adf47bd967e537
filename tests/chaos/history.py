"""What happened, from three sources that do not know of each other: the tasks' journal, the audit, our tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from pgprocess.sql import query
from tests.builders.drawing import Executes
from tests.chaos.journal import Execution, read

Claim = tuple[int, int]
"""A job task and the number of its attempt."""


class Move(NamedTuple):
    """A change of status, as the audit has it; ``tries``: the attempts that count, this one included."""

    seq: int
    at: float
    jobtask: int
    was: str
    is_now: str
    attempt: int
    tries: int
    token: Any
    worker: int | None

    @property
    def claim(self) -> Claim:
        """Which claim it begins or ends, if it does."""
        return self.jobtask, self.attempt


class JobRow(NamedTuple):
    """A job, as our table has it."""

    id: int
    process: int
    status: str
    tasks_left: int
    logical_date: datetime | None


class TaskRow(NamedTuple):
    """A job task, as our table has it."""

    id: int
    job: int
    target: str
    kind: str
    status: str
    attempt: int
    crashes: int
    error: str
    worker: int | None


class AttemptRow(NamedTuple):
    """An earlier try, as our table has it."""

    jobtask: int
    number: int
    status: str
    error: str


@dataclass(frozen=True)
class History:
    """All there is to know of one story.

    ``fed``: jobs that the database confirmed; ``endings``: how jobs of a process end; ``slots``: by process the first
    slot and the one that was not due yet; ``excuses``: words in an error for which the story's fault is to blame;
    ``strays``: processes that were left behind.
    """

    executions: list[Execution]
    moves: list[Move]
    jobs: list[JobRow]
    tasks: list[TaskRow]
    attempts: list[AttemptRow]
    edges: list[tuple[int, int]]
    effects: list[Claim]
    spoken: list[Claim]
    fed: set[int]
    endings: dict[int, str]
    slots: dict[int, tuple[datetime, datetime]]
    drift: list[Any] = field(default_factory=list)
    strays: list[str] = field(default_factory=list)
    excuses: tuple[str, ...] = ()
    max_crashes: int = 3

    @property
    def task_by_id(self) -> dict[int, TaskRow]:
        """The job tasks."""
        return {task.id: task for task in self.tasks}


MOVES = """
SELECT seq, extract(epoch FROM at)::float8, jobtask_id, was, is_now, attempt, tries, token, worker_id
  FROM chaos_audit WHERE jobtask_id = ANY (%s) ORDER BY seq
"""
TASKS = """
SELECT task.id, job_id, version.target, version.kind, status, attempt, crashes, error, worker_id
  FROM pgprocess_jobtask AS task JOIN pgprocess_taskversion AS version ON version.id = task.version_id
 WHERE job_id > %s AND job_id NOT IN (SELECT id FROM pgprocess_job WHERE process_id = ANY (%s)) ORDER BY task.id
"""
JOBS = """
SELECT id, process_id, status, tasks_left, logical_date FROM pgprocess_job
 WHERE id > %s AND process_id <> ALL (%s) ORDER BY id
"""
EDGES = "SELECT parent_id, child_id FROM pgprocess_jobtaskdependency WHERE child_id = ANY (%s)"
ATTEMPTS = "SELECT jobtask_id, number, status, error FROM pgprocess_attempt WHERE jobtask_id = ANY (%s) ORDER BY 1, 2"
SPOKEN = """
SELECT jobtask_id, attempt FROM pgprocess_logchunk WHERE jobtask_id = ANY (%s)
 GROUP BY jobtask_id, attempt HAVING string_agg(text, '' ORDER BY seq) = E'begins\\nends\\n'
"""


def tell(execute: Executes, journal: Path, *, after: int, apart: Sequence[int] = (), **known: Any) -> History:
    """The history of all jobs with a higher id than ``after``; ``known`` is what only the teller knows.

    ``apart``: processes whose jobs are not part of it.
    """
    tasks = [TaskRow(*row) for row in execute(TASKS, [after, [*apart]])]
    ids = [task.id for task in tasks]
    return History(
        executions=[execution for execution in read(journal) if execution.jobtask in set(ids)],
        moves=[Move(*row) for row in execute(MOVES, [ids])],
        jobs=[JobRow(*row) for row in execute(JOBS, [after, [*apart]])],
        tasks=tasks,
        attempts=[AttemptRow(*row) for row in execute(ATTEMPTS, [ids])],
        edges=execute(EDGES, [ids]),
        effects=execute("SELECT jobtask_id, attempt FROM chaos_effect WHERE jobtask_id = ANY (%s)", [ids]),
        spoken=execute(SPOKEN, [ids]),
        drift=execute(query("doctor/drift"), {"recent": None}),
        **known,
    )
