"""What the fleet has to do: jobs of many shapes, inserted one after the other by a client that outlives every fault."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from itertools import cycle
from typing import Any

import psycopg

from tests.builders.drawing import draw, on_connection
from tests.chaos import tasks

Connect = Callable[[], "psycopg.Connection[Any]"]


def _call(function: Any, **columns: Any) -> dict[str, Any]:
    return {"kind": "callable", "code": "", "target": function.name} | columns


PATIENT = {"max_attempts": 50, "retry_delay": 0.5}
"""For tasks that a fault may well fail: what they need from outside is gone for a while."""

PYTHON = {"kind": "python", "code": tasks.PYTHON} | PATIENT
STUBBORN = {"kind": "shell", "code": tasks.STUBBORN} | PATIENT
TRANSACT = _call(tasks.transact, **PATIENT)
WORK, WAIT = _call(tasks.work), _call(tasks.wait)

SHAPES: dict[str, tuple[str, dict[str, dict[str, Any]], str]] = {
    "diamond": ("a -> b, a -> c, b -> d, c -> d", {"a": PYTHON, "b": WORK, "c": WAIT, "d": TRANSACT}, "succeeded"),
    "chain": ("a -> b -> c -> d -> e", {"a": WORK, "b": TRANSACT, "c": WAIT, "d": TRANSACT, "e": PYTHON}, "succeeded"),
    "fan": (
        "a -> b1 -> c, a -> b2 -> c, a -> b3 -> c, a -> b4 -> c, a -> b5 -> c",
        {"a": WAIT, "b1": WORK, "b2": WAIT, "b3": PYTHON, "b4": WORK, "b5": TRANSACT, "c": WORK},
        "succeeded",
    ),
    "flaky": ("a -> b", {"a": _call(tasks.flaky, max_attempts=2, retry_delay=0.3), "b": WORK}, "succeeded"),
    "doomed": ("a -> b", {"a": _call(tasks.doomed, max_attempts=2, retry_delay=0.1), "b": WORK}, "failed"),
    "stubborn": ("a -> b", {"a": STUBBORN, "b": WORK}, "succeeded"),
    "mapped": (
        "list -> each -> sum",
        {"list": _call(tasks.listed), "each": _call(tasks.each, map_over="list"), "sum": _call(tasks.added)},
        "succeeded",
    ),
}
"""By name: the drawing, its tasks' columns, and how a job of it ends."""

SLOTS = """
WITH process AS (
    INSERT INTO pgprocess_process (name, minute, hour, day_of_month, month, day_of_week, catch_up, overlap, next_run_at)
    VALUES ('slots ' || gen_random_uuid(), '*', '*', '*', '*', '*', 'all', 'allow',
            date_trunc('minute', now()) - interval '4 minutes')
    RETURNING id, next_run_at
), task AS (
    INSERT INTO pgprocess_task (process_id, name, kind, target)
    SELECT id, 'a', 'callable', 'tests.chaos.tasks.work' FROM process
)
SELECT id, next_run_at FROM process
"""
"""A process whose slots of the last minutes nobody has looked at."""

CLOSE = """
WITH due AS (SELECT id, next_run_at FROM pgprocess_process WHERE id = ANY (%s) FOR UPDATE)
UPDATE pgprocess_process AS process SET is_active = false FROM due
 WHERE process.id = due.id AND due.next_run_at > now()
RETURNING process.id, due.next_run_at
"""


def draw_shapes(connect: Connect) -> dict[int, str]:
    """The processes are there; by id, how a job of each ends."""
    with connect() as connection:
        execute = on_connection(connection)
        return {draw(execute, drawing, columns, name=name): end for name, (drawing, columns, end) in SHAPES.items()}


class Feeder(threading.Thread):
    """Inserts a job each ``pace`` seconds, at most ``jobs``, until it is told to stop.

    ``fed``: the jobs that the database has said it has; ``slots``: scheduled processes, with their first slot.
    """

    SLOTS_EVERY = 8

    def __init__(self, connect: Connect, processes: list[int], *, jobs: int, pace: float) -> None:
        super().__init__(name="chaos-feeder", daemon=True)
        self.connect = connect
        self.processes = processes
        self.jobs = jobs
        self.pace = pace
        self.fed: set[int] = set()
        self.slots: dict[int, datetime] = {}
        self.stopping = threading.Event()

    def run(self) -> None:
        """Feed; what the database did not confirm is not said again."""
        connection: psycopg.Connection[Any] | None = None
        for number, process in zip(range(self.jobs), cycle(self.processes), strict=False):
            if self.stopping.is_set():
                break
            with suppress(psycopg.OperationalError):
                if connection is None or connection.closed:
                    connection = self.connect()
                self._feed(connection, number, process)
            self.stopping.wait(self.pace)
        if connection:
            connection.close()

    def _feed(self, connection: psycopg.Connection[Any], number: int, process: int) -> None:
        if number % self.SLOTS_EVERY == 0:
            self.slots.update(dict(connection.execute(SLOTS).fetchall()))
        statement = "INSERT INTO pgprocess_job (process_id, params) VALUES (%s, %s) RETURNING id"
        params = json.dumps({"beats": 1 + number % 6})
        self.fed.update(job for (job,) in connection.execute(statement, [process, params]).fetchall())

    def stop(self) -> None:
        """It feeds no more."""
        self.stopping.set()
        self.join(60)
