"""Processes drawn as text, ``"a -> b, a -> c"``, and runs of them driven by raw SQL: what any client could do."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Protocol

Tasks = Mapping[str, Mapping[str, Any]]
"""Columns of single tasks by name: ``{"b": {"trigger_rule": "all_done"}}``."""


class Executes(Protocol):
    """A psycopg connection, or Django's cursor behind :func:`on_django`."""

    def __call__(self, statement: str, params: Any = None) -> list[tuple[Any, ...]]: ...


def on_django(alias: str = "default") -> Executes:
    """Execute on Django's own connection, within the test's transaction."""
    from django.db import connections

    def execute(statement: str, params: Any = None) -> list[tuple[Any, ...]]:
        with connections[alias].cursor() as cursor:
            cursor.execute(statement, params)
            return cursor.fetchall() if cursor.description else []

    return execute


def on_connection(connection: Any) -> Executes:
    """Execute on a psycopg connection of the test's own."""

    def execute(statement: str, params: Any = None) -> list[tuple[Any, ...]]:
        cursor = connection.execute(statement, params)
        return cursor.fetchall() if cursor.description else []

    return execute


def read(drawing: str) -> tuple[list[str], list[tuple[str, str]]]:
    """The names, in the order in which they appear, and the edges of ``"a -> b -> c, d"``."""
    names: dict[str, None] = {}
    edges = []
    for path in drawing.split(","):
        steps = [step.strip() for step in path.split("->")]
        names.update(dict.fromkeys(steps))
        edges += list(pairwise(steps))
    return list(names), edges


def draw(execute: Executes, drawing: str, tasks: Tasks | None = None, name: str = "p") -> int:
    """Insert a process with these tasks and edges, with the least columns; return its id."""
    names, edges = read(drawing)
    process: int
    [(process,)] = execute("INSERT INTO pgprocess_process (name) VALUES (%s) RETURNING id", [name])
    ids = {}
    for task in names:
        columns = {"process_id": process, "name": task, "kind": "python", "code": "pass"}
        columns |= dict((tasks or {}).get(task, {}))
        marks = ", ".join(["%s"] * len(columns))
        [(ids[task],)] = execute(
            f"INSERT INTO pgprocess_task ({', '.join(columns)}) VALUES ({marks}) RETURNING id",
            [*columns.values()],
        )
    for parent, child in edges:
        execute(
            "INSERT INTO pgprocess_taskdependency (parent_id, task_id) VALUES (%s, %s)",
            [ids[parent], ids[child]],
        )
    return process


class DrawnJob:
    """One job of a drawn process, whose tasks are named as in the drawing."""

    def __init__(
        self,
        execute: Executes,
        drawing: str | int,
        tasks: Tasks | None = None,
        **job: Any,
    ) -> None:
        self.execute = execute
        self.process = drawing if isinstance(drawing, int) else draw(execute, drawing, tasks)
        columns = {"process_id": self.process, **job}
        self.id: int
        marks = ", ".join(["%s"] * len(columns))
        [(self.id,)] = execute(
            f"INSERT INTO pgprocess_job ({', '.join(columns)}) VALUES ({marks}) RETURNING id",
            [*columns.values()],
        )

    def set(self, names: str, *statuses: str, **columns: Any) -> None:
        """These tasks (``"a b"``) go through these statuses; each is one UPDATE of them all."""
        for status in statuses:
            values = {"status": status, **(columns if status == statuses[-1] else {})}
            assignments = ", ".join(f"{column} = %s" for column in values)
            self.execute(
                f"UPDATE pgprocess_jobtask SET {assignments} WHERE job_id = %s AND task_id IN "
                "(SELECT id FROM pgprocess_task WHERE process_id = %s AND name = ANY (%s))",
                [*values.values(), self.id, self.process, names.split()],
            )

    def do(self, names: str, ending: str = "succeeded", **columns: Any) -> None:
        """These tasks run, and end so."""
        self.set(names, "running", ending, **columns)

    def get(self, name: str, column: str = "status") -> Any:
        """A column of one task."""
        [(value,)] = self.execute(
            f"SELECT jobtask.{column} FROM pgprocess_jobtask AS jobtask "
            "JOIN pgprocess_task AS task ON task.id = task_id WHERE job_id = %s AND task.name = %s",
            [self.id, name],
        )
        return value

    @property
    def statuses(self) -> dict[str, str]:
        """Every task's status by name; of a mapped one, all that differ."""
        rows = self.execute(
            "SELECT task.name, string_agg(DISTINCT jobtask.status, '|') FROM pgprocess_jobtask AS jobtask "
            "JOIN pgprocess_task AS task ON task.id = task_id WHERE job_id = %s GROUP BY task.name ORDER BY 1",
            [self.id],
        )
        return dict(rows)

    def job(self, column: str = "status") -> Any:
        """A column of the job."""
        [(value,)] = self.execute(f"SELECT {column} FROM pgprocess_job WHERE id = %s", [self.id])
        return value

    def waiting_because(self, name: str) -> str | None:
        """Why a task waits, as people are told."""
        sentence: str | None
        [(sentence,)] = self.execute(
            "SELECT waiting_because FROM pgprocess_jobtask_overview WHERE job_id = %s AND task = %s",
            [self.id, name],
        )
        return sentence
