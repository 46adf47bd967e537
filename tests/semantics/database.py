"""The database's side of a duel: one job, driven and read by raw SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg

from pgprocess.sql import query
from tests.semantics.model import Task

START = """
WITH process AS (
    INSERT INTO pgprocess_process (name) VALUES ('duel') RETURNING id
), task AS (
    INSERT INTO pgprocess_task (process_id, name, kind, code, trigger_rule, allow_failure)
    SELECT process.id, wish.name, 'python', 'pass', wish.rule, wish.allow_failure
      FROM process, unnest(%s::text[], %s::text[], %s::boolean[]) AS wish (name, rule, allow_failure)
    RETURNING id, process_id, name
), edge AS (
    INSERT INTO pgprocess_taskdependency (parent_id, task_id)
    SELECT parent.id, child.id
      FROM unnest(%s::text[], %s::text[]) AS wish (parent, child)
      JOIN task AS parent ON parent.name = wish.parent JOIN task AS child ON child.name = wish.child
)
SELECT id FROM process
"""
CHANGE = """
UPDATE pgprocess_jobtask AS jobtask SET status = wish.status
  FROM unnest(%s::text[], %s::text[]) AS wish (name, status) JOIN pgprocess_task AS task ON task.name = wish.name
 WHERE jobtask.job_id = %s AND jobtask.task_id = task.id
"""
TASKS = """
SELECT task.name, jobtask.status, parents_total, parents_left, parents_failed, parents_skipped, attempt, free_attempts,
       (SELECT json_object_agg(number, kept.status ORDER BY number) FROM pgprocess_attempt AS kept
         WHERE jobtask_id = jobtask.id)
  FROM pgprocess_jobtask AS jobtask JOIN pgprocess_task AS task ON task.id = task_id
 WHERE job_id = %s
"""
JOB = """
SELECT status, tasks_total, tasks_left, tasks_failed, finished_at IS NOT NULL FROM pgprocess_job WHERE id = %s
"""

Shown = dict[str, dict[str, Any]]


class Database:
    """One job of a process with these tasks and edges, within the connection's transaction."""

    def __init__(
        self, connection: psycopg.Connection[Any], tasks: Mapping[str, Task], edges: Sequence[tuple[str, str]]
    ) -> None:
        self.connection = connection
        columns = [*tasks], [task.rule for task in tasks.values()], [task.allow_failure for task in tasks.values()]
        parents, children = [parent for parent, _ in edges], [child for _, child in edges]
        [process] = self._rows(START, [*columns, parents, children])
        [[self.job]] = self._rows("INSERT INTO pgprocess_job (process_id) VALUES (%s) RETURNING id", process)

    def change(self, wishes: Mapping[str, str]) -> None:
        """One UPDATE has given these tasks these statuses."""
        self._rows(CHANGE, [[*wishes], [*wishes.values()], self.job])

    def cancel(self) -> None:
        """The job has been cancelled."""
        self._rows("UPDATE pgprocess_job SET status = 'cancelled' WHERE id = %s", [self.job])

    def shown(self) -> Shown:
        """What it shows of every task and, under ``job``, of the job."""
        shown: Shown = {}
        for name, status, total, left, failed, skipped, attempt, free, kept in self._rows(TASKS, [self.job]):
            shown[name] = {
                "status": status,
                "parents": (total, left, failed, skipped),
                "attempt": attempt,
                "free_attempts": free,
                "attempts": {int(number): status for number, status in (kept or {}).items()},
            }
        [(status, total, left, failed, finished)] = self._rows(JOB, [self.job])
        shown["job"] = {"status": status, "tasks": (total, left, failed), "finished": finished}
        return shown

    def drift(self) -> list[tuple[Any, ...]]:
        """What the doctor finds."""
        return self._rows(query("doctor/drift"), {"recent": None})

    def _rows(self, statement: str, params: Any = None) -> list[tuple[Any, ...]]:
        cursor = self.connection.execute(statement, params, prepare=True)
        return cursor.fetchall() if cursor.description else []
