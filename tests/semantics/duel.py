"""One job, twice: in the database and in the model. Every statement goes to both, and they must agree.

Statements are written as words, ``"a=running b=failed"`` or ``"cancel"``, so that a failing example can be
copied from the report into a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

import psycopg

from pgprocess.sql import query
from tests.drawing import read
from tests.semantics.model import Model, Refused, Task

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

Rows = dict[str, dict[str, Any]]


class Duel:
    """A job of ``drawing`` within the connection's transaction, and its model.

    ``tasks`` gives rules and allow_failure by name: ``{"b": {"trigger_rule": "all_done"}}``.
    """

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        drawing: str,
        tasks: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self.connection = connection
        self.story = [f"duel({drawing!r}, {dict(tasks or {})!r})"]
        names, edges = read(drawing)
        given = {name: Task(**_as_model((tasks or {}).get(name, {}))) for name in names}
        self.job = self._start(given, edges)
        self.model = Model(given, edges)
        self.compare()

    def _start(self, tasks: Mapping[str, Task], edges: list[tuple[str, str]]) -> int:
        columns = [*tasks], [task.rule for task in tasks.values()], [task.allow_failure for task in tasks.values()]
        parents, children = [edge[0] for edge in edges], [edge[1] for edge in edges]
        [process] = self._rows(START, [*columns, parents, children])
        [job] = self._rows("INSERT INTO pgprocess_job (process_id) VALUES (%s) RETURNING id", process)
        return int(job[0])

    def play(self, statements: str) -> None:
        """Each line is sent to both, which do the same; a line that must be refused starts with ``!``."""
        for line in statements.strip().splitlines():
            self._play(line.strip())

    def _play(self, line: str) -> None:
        self.story.append(line)
        statement = line.removeprefix("! ")
        expected = self._ask_model(statement)
        assert bool(expected) == (line != statement), self._report(f"the model says: {expected or 'yes'}")
        refused = self._ask_database(statement, hopeless=bool(expected))
        if bool(expected) != bool(refused):
            raise AssertionError(self._report(f"the model says: {expected or 'yes'}, the database: {refused or 'yes'}"))
        self.compare()

    def _ask_model(self, statement: str) -> str:
        try:
            self.model.cancel() if statement == "cancel" else self.model.change(_wishes(statement))
        except Refused as refusal:
            return str(refusal)
        return ""

    def _ask_database(self, statement: str, *, hopeless: bool) -> str:
        wishes = _wishes(statement)
        try:
            # A savepoint costs more than the statement, and only what is refused needs one.
            with self.connection.transaction() if hopeless else nullcontext():
                if statement == "cancel":
                    self._rows("UPDATE pgprocess_job SET status = 'cancelled' WHERE id = %s", [self.job])
                else:
                    self._rows(CHANGE, [[*wishes], [*wishes.values()], self.job])
        except psycopg.Error as refusal:
            return str(refusal).splitlines()[0]
        return ""

    # Comparing

    def compare(self) -> None:
        """Both show the same, and the doctor finds nothing."""
        found, expected = self.found(), self.expected()
        differences = [
            f"{name}.{column} is {found[name][column]}, should be {value}"
            for name, columns in expected.items()
            for column, value in columns.items()
            if found[name][column] != value
        ]
        assert not differences, self._report("; ".join(differences))
        drift = self._rows(query("drift"))
        assert not drift, self._report(f"the doctor finds {drift}")

    def found(self) -> Rows:
        """What the database shows, by task and, for the job, by ``job``."""
        rows: Rows = {}
        for name, status, total, left, failed, skipped, attempt, free, kept in self._rows(TASKS, [self.job]):
            rows[name] = {
                "status": status,
                "parents": (total, left, failed, skipped),
                "attempt": attempt,
                "free_attempts": free,
                "attempts": {int(number): status for number, status in (kept or {}).items()},
            }
        [(status, total, left, failed, finished)] = self._rows(JOB, [self.job])
        rows["job"] = {"status": status, "tasks": (total, left, failed), "finished": finished}
        return rows

    def expected(self) -> Rows:
        """What the model shows, in the same form."""
        model = self.model
        rows: Rows = {}
        for name, task in model.tasks.items():
            parents = model.parents(name)
            rows[name] = {
                "status": task.status,
                "parents": (parents.total, parents.left, parents.failed, parents.skipped),
                "attempt": task.attempt,
                "free_attempts": task.free_attempts,
                "attempts": task.kept,
            }
        counts = (len(model.tasks), model.left, model.failed)
        rows["job"] = {"status": model.status, "tasks": counts, "finished": model.status != "running"}
        return rows

    def _rows(self, statement: str, params: Any = None) -> list[tuple[Any, ...]]:
        cursor = self.connection.execute(statement, params, prepare=True)
        return cursor.fetchall() if cursor.description else []

    def _report(self, difference: str) -> str:
        return "\n    ".join([difference, *self.story])


def _wishes(statement: str) -> dict[str, str]:
    return dict(word.split("=") for word in statement.split() if "=" in word)


def _as_model(columns: Mapping[str, Any]) -> dict[str, Any]:
    return {"rule" if column == "trigger_rule" else column: value for column, value in columns.items()}
