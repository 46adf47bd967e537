"""The database's side of a duel: one job, driven and read by raw SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg

from pgprocess.sql import query
from tests.semantics.model import Task, Wish

START = """
WITH process AS (
    INSERT INTO pgprocess_process (name) VALUES ('duel') RETURNING id
), task AS (
    INSERT INTO pgprocess_task (process_id, name, kind, code, trigger_rule, allow_failure, map_over)
    SELECT process.id, wish.name, 'python', 'pass', wish.rule, wish.allow_failure, wish.map_over
      FROM process, unnest(%s::text[], %s::text[], %s::boolean[], %s::text[])
           AS wish (name, rule, allow_failure, map_over)
    RETURNING id, process_id, name
), edge AS (
    INSERT INTO pgprocess_taskdependency (parent_id, task_id)
    SELECT parent.id, child.id
      FROM unnest(%s::text[], %s::text[]) AS wish (parent, child)
      JOIN task AS parent ON parent.name = wish.parent JOIN task AS child ON child.name = wish.child
)
SELECT id FROM process
"""
NAME = "task.name || coalesce('.' || jobtask.map_index, '')"
CHANGE = f"""
UPDATE pgprocess_jobtask AS jobtask
   SET status = wish.status, result = coalesce(nullif(wish.result, '')::jsonb, jobtask.result)
  FROM pgprocess_jobtask AS old JOIN pgprocess_task AS task ON task.id = old.task_id
  JOIN unnest(%s::text[], %s::text[], %s::text[]) AS wish (name, status, result)
    ON wish.name = {NAME.replace("jobtask", "old")}
 WHERE jobtask.id = old.id AND old.job_id = %s
"""
TASKS = f"""
SELECT {NAME}, jobtask.status, parents_total, parents_left, parents_failed, parents_skipped, attempt, free_attempts,
       (SELECT json_object_agg(number, kept.status ORDER BY number) FROM pgprocess_attempt AS kept
         WHERE jobtask_id = jobtask.id),
       item::text, jobtask.status = 'upstream_failed' AND error <> ''
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
        given = tasks.values()
        columns = [*tasks], [task.rule for task in given], [task.allow_failure for task in given]
        parents, children = [parent for parent, _ in edges], [child for _, child in edges]
        [process] = self._rows(START, [*columns, [task.map_over for task in given], parents, children])
        [[self.job]] = self._rows("INSERT INTO pgprocess_job (process_id) VALUES (%s) RETURNING id", process)

    def change(self, wishes: Mapping[str, Wish]) -> None:
        """One UPDATE has given these job tasks these statuses and results."""
        statuses, results = [wish.status for wish in wishes.values()], [wish.result for wish in wishes.values()]
        self._rows(CHANGE, [[*wishes], statuses, results, self.job])

    def cancel(self) -> None:
        """The job has been cancelled."""
        self._rows("UPDATE pgprocess_job SET status = 'cancelled' WHERE id = %s", [self.job])

    def shown(self) -> Shown:
        """What it shows of every task and, under ``job``, of the job."""
        shown: Shown = {}
        for name, status, total, left, failed, skipped, attempt, free, kept, item, problem in self._rows(
            TASKS, [self.job]
        ):
            shown[name] = {
                "status": status,
                "parents": (total, left, failed, skipped),
                "attempt": attempt,
                "free_attempts": free,
                "attempts": {int(number): status for number, status in (kept or {}).items()},
                "item": item,
                "problem": problem,
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
