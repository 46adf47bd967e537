"""Actors that begin at the same moment, or one while another has not committed yet. Nobody sleeps."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import psycopg
from django.db import connections

from tests.builders.drawing import Executes
from tests.builders.waiting import until

T = TypeVar("T")


def together(*actions: Callable[[], Any]) -> list[Any]:
    """What each action returned; none began before all were there, each in a thread of its own."""
    barrier = threading.Barrier(len(actions))

    def begin(action: Callable[[], Any]) -> Any:
        try:
            barrier.wait(30)
            return action()
        finally:
            connections.close_all()  # this thread's own

    with ThreadPoolExecutor(len(actions)) as pool:
        return [future.result(60) for future in [pool.submit(begin, action) for action in actions]]


WAITING = (
    "count(*) >= %s FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database() "
    "AND backend_type = 'client backend'"
)


def overtaken(
    holder: psycopg.Connection[Any],
    first: Callable[[], Any],
    second: Callable[[], T],
    watch: Executes,
    waiting: int = 1,
) -> T:
    """What ``second`` returned, which had to wait until ``first`` was committed on ``holder``.

    That many connections had to, if it uses several.
    """

    def begin() -> T:
        try:
            return second()
        finally:
            connections.close_all()  # this thread's own

    with ThreadPoolExecutor(1) as pool:
        with holder.transaction():
            first()
            later = pool.submit(begin)
            until(watch, WAITING, [waiting])
        return later.result(60)


class Client:
    """Somebody at psql, who sends a statement again when Postgres chose it to end a deadlock."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self.deadlocks = 0
        connection.execute("SET deadlock_timeout = '20 ms'")  # one ends soon, so that tests do

    def __call__(self, statement: str, params: Any = None) -> list[tuple[Any, ...]]:
        """The rows that come back."""
        while True:
            try:
                cursor = self.connection.execute(statement, params)
                return cursor.fetchall() if cursor.description else []
            except psycopg.errors.DeadlockDetected:
                self.deadlocks += 1

    def set(self, status: str, *ids: int) -> int:
        """These job tasks get a status, in one UPDATE; how many had another one."""
        rows = self(
            "UPDATE pgprocess_jobtask AS task SET status = %s FROM unnest(%s::bigint[]) AS batch (id) "
            "WHERE task.id = batch.id AND task.status <> %s RETURNING task.id",
            [status, list(ids), status],
        )
        return len(rows)
