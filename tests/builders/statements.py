"""What tests of kind sql share: SQL to run as a task, a table to write to, other databases.

Fixtures, for test modules to take by name: ``run = pytest.fixture(running_sql)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
from django.db import connections

from pgprocess.attempt import Outcome
from pgprocess.runners.executor import Executor
from tests.builders.attempts import Recorder, running_scripts
from tests.builders.drawing import Executes, on_connection

Running = Callable[..., tuple[Outcome, Recorder]]


def running_sql(executor: Executor, transactional_db: None) -> Running:
    """Run SQL; how it ended and what it said."""
    run = running_scripts(executor)
    return lambda code, **fields: run(code, **{"kind": "sql"} | fields)


def executing_beside_a_table(connect: Callable[..., psycopg.Connection[Any]]) -> Iterator[Executes]:
    """Execute on a connection of the test's own, with a table for tasks to write to."""
    execute = on_connection(connect())
    execute("DROP TABLE IF EXISTS shop_rate")
    execute("CREATE TABLE shop_rate (day date UNIQUE DEFERRABLE INITIALLY DEFERRED, rate numeric)")
    yield execute
    execute("DROP TABLE shop_rate")


def rows(execute: Executes) -> int:
    [(count,)] = execute("SELECT count(*) FROM shop_rate")
    return int(count)


def running_sql_on(executor: Executor, django_db_blocker: Any) -> Iterator[Callable[..., Running]]:
    """Run SQL on a database that has these settings."""
    run = running_scripts(executor)

    def run_on(**settings: Any) -> Running:
        connections.settings["other"] = connections.configure_settings({"default": {}, "other": settings})["other"]
        return lambda code, **fields: run(code, **{"kind": "sql", "target": "other"} | fields)

    with django_db_blocker.unblock():
        yield run_on
        connections["other"].close()
        del connections["other"]
        del connections.settings["other"]


def running_sql_on_sqlite(run_on: Callable[..., Running], tmp_path: Path) -> Running:
    """Run SQL on SQLite."""
    return run_on(ENGINE="django.db.backends.sqlite3", NAME=str(tmp_path / "lite.sqlite3"))
