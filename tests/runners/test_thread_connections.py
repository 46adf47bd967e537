"""What a task leaves in its database session reaches no other task, however long the session lives."""

from __future__ import annotations

import asyncio
import importlib.util
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from typing import Any

import psycopg
import pytest
from django.db import connections, transaction
from psycopg.rows import dict_row

from pgprocess.attempt import Outcome
from pgprocess.devtools.postgres import database_url
from pgprocess.runners.executor import Executor
from pgprocess.statuses import Status
from tests.builders.attempts import a_call, a_run, executing, outcome_of, registering
from tests.builders.drawing import Executes
from tests.builders.statements import executing_beside_a_table

executor = pytest.fixture(executing)
registry = pytest.fixture(registering, autouse=True)


@pytest.fixture
def execute(django_db_setup: None, django_db_blocker: Any) -> Iterator[Executes]:
    """Execute beside a table. Django's own isolation of tests knows nothing of the alias that is made here."""
    with django_db_blocker.unblock(), ExitStack() as opened:
        dsn = database_url(connections["default"].settings_dict)
        yield from executing_beside_a_table(lambda: opened.enter_context(psycopg.connect(dsn, autocommit=True)))


HAS_POOL = importlib.util.find_spec("psycopg_pool") is not None
LASTING: dict[str, dict[str, Any]] = {
    "persistent": {"CONN_MAX_AGE": None},
    "pool": {"CONN_MAX_AGE": 0, "OPTIONS": {"pool": {"min_size": 1, "max_size": 1}}},
    "for each": {"CONN_MAX_AGE": 0},
}

STATE = """
    SELECT current_setting('search_path') AS path, current_user::text AS who, current_setting('TimeZone') AS zone,
        current_setting('statement_timeout') AS timeout, current_setting('transaction_read_only') AS read_only,
        to_regclass('pg_temp.mine') IS NULL AS no_table, (SELECT count(*) FROM pg_prepared_statements) AS prepared,
        (SELECT count(*) FROM pg_cursors WHERE name <> '') AS cursors,
        (SELECT count(*) FROM pg_listening_channels()) AS channels,
        (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()) AS locks,
        coalesce(nullif(current_setting('shop.mine', true), ''), 'nothing') AS mine
"""
HELD = """
    SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database
     WHERE locktype = 'advisory' AND objid = 4711 AND datname = current_database()
"""
LEAVES = {
    "path": "SET search_path = pg_catalog",
    "role": "SET ROLE pg_monitor",
    "authorization": "SET SESSION AUTHORIZATION pg_monitor",
    "timeout": "SET statement_timeout = '1ms'",
    "zone": "SET TimeZone = 'Asia/Kathmandu'",
    "own": "SET shop.mine = 'x'",
    "characteristics": "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
    "table": "CREATE TEMPORARY TABLE mine (); SELECT 1",
    "lock": "SELECT pg_advisory_lock(4711)",
    "listen": "LISTEN mine",
    "prepared": "PREPARE mine AS SELECT 1",
    "cursor": "DECLARE mine CURSOR WITH HOLD FOR SELECT 1",
}


class Thread:
    """One thread, as a worker has many, in which tasks follow each other on the alias ``lasting``."""

    def __init__(self, executor: Executor) -> None:
        self.executor = executor
        self.pool = ThreadPoolExecutor(1)

    def sql(self, code: str) -> Outcome:
        run = a_run(kind="sql", target="lasting", code=code, max_attempts=2)
        return self.pool.submit(outcome_of, self.executor, run).result()

    def call(self, function: Any, **fields: Any) -> Outcome:
        return self.pool.submit(outcome_of, self.executor, a_call(function, max_attempts=2, **fields)).result()


@pytest.fixture(params=[name for name in LASTING if name != "pool" or HAS_POOL])
def thread(request: pytest.FixtureRequest, executor: Executor, execute: Executes) -> Iterator[Thread]:
    settings = {**connections["default"].settings_dict, **LASTING[request.param]}
    settings.pop("TEST")
    connections.settings["lasting"] = connections.configure_settings({"default": {}, "lasting": settings})["lasting"]
    thread = Thread(executor)
    yield thread
    thread.pool.submit(connections.close_all).result()
    thread.pool.shutdown()
    if request.param == "pool":
        pooled: Any = connections["lasting"]
        pooled.close_pool()
    with suppress(AttributeError):
        del connections["lasting"]
    del connections.settings["lasting"]


@pytest.mark.parametrize("leaves", LEAVES.values(), ids=LEAVES)
@pytest.mark.parametrize("kind", ["sql", "callable"])
def test_what_is_left_in_a_session_reaches_nobody(thread: Thread, execute: Executes, kind: str, leaves: str) -> None:
    before = thread.sql(STATE)
    assert (clean := before.result), before

    def leave() -> None:
        for statement in leaves.split("; "):
            connections["lasting"].cursor().execute(statement)

    outcome = thread.sql(leaves) if kind == "sql" else thread.call(leave)
    assert outcome.status == Status.SUCCEEDED, outcome
    assert thread.sql(STATE).result == clean
    assert execute(HELD) == [(0,)]


def leave_atomic_open() -> None:
    transaction.atomic(using="lasting").__enter__()


def leave_nested_open() -> None:
    transaction.atomic(using="lasting").__enter__()
    transaction.atomic(using="lasting").__enter__()


def leave_autocommit_off() -> None:
    transaction.set_autocommit(False, using="lasting")


def leave_a_transaction_of_the_driver() -> None:
    connections["lasting"].cursor().execute("BEGIN")


def leave_it_broken() -> None:
    leave_atomic_open()
    with suppress(Exception):
        connections["lasting"].cursor().execute("SELECT 1/0")


def leave_it_closed() -> None:
    leave_atomic_open()
    connections["lasting"].close()


def leave_other_rows() -> None:
    connections["lasting"].ensure_connection()
    connections["lasting"].connection.row_factory = dict_row


def leave_a_wrapper() -> None:
    connections["lasting"].execute_wrappers.append(lambda *_: 1 / 0)


OPEN = (leave_atomic_open, leave_nested_open, leave_autocommit_off, leave_a_transaction_of_the_driver)


@pytest.mark.parametrize(
    "leave",
    [*OPEN, leave_it_broken, leave_it_closed, leave_other_rows, leave_a_wrapper],
    ids=lambda leave: leave.__name__,
)
def test_the_next_task_has_a_sound_connection(thread: Thread, execute: Executes, leave: Any) -> None:
    assert thread.call(leave).status == Status.SUCCEEDED

    def insert() -> Any:
        with connections["lasting"].cursor() as cursor:
            cursor.execute("INSERT INTO shop_rate VALUES ('2026-01-01') RETURNING day::text")
            return cursor.fetchone()[0]

    assert thread.call(insert).result == '"2026-01-01"'
    assert thread.sql("INSERT INTO shop_rate VALUES ('2026-01-02')").result == '{"rows": 1}'
    assert execute("SELECT count(*) FROM shop_rate") == [(2,)]


@pytest.mark.parametrize("leave", OPEN, ids=lambda leave: leave.__name__)
def test_a_task_whose_writes_nobody_committed_has_not_succeeded(thread: Thread, execute: Executes, leave: Any) -> None:
    def write() -> None:
        leave()
        connections["lasting"].cursor().execute("INSERT INTO shop_rate VALUES ('2026-01-01')")

    outcome = thread.call(write)
    assert outcome.status == Status.SCHEDULED
    assert outcome.error.startswith("It left a transaction open on 'lasting', so what it wrote there was undone")
    assert execute("SELECT count(*) FROM shop_rate") == [(0,)]


def test_a_persistent_session_lives_on_all_the_same(thread: Thread, request: pytest.FixtureRequest) -> None:
    pids = {thread.sql("SELECT pg_backend_pid() AS pid").result for _ in range(3)}
    assert len(pids) == (3 if "for each" in request.node.name else 1)


def test_threads_of_async_functions_leave_nothing_either(thread: Thread) -> None:
    barrier = threading.Barrier(1)

    def leave() -> None:
        barrier.wait()
        leave_atomic_open()
        connections["lasting"].cursor().execute("SET shop.mine = 'x'")

    def look() -> Any:
        with connections["lasting"].cursor() as cursor:
            cursor.execute("SELECT coalesce(current_setting('shop.mine', true), '')")
            return [cursor.fetchone()[0], connections["lasting"].in_atomic_block]

    async def leaving() -> None:
        await asyncio.to_thread(leave)

    async def looking() -> Any:
        return await asyncio.to_thread(look)

    assert thread.call(leaving).status == Status.SUCCEEDED
    assert thread.call(looking).result == '["", false]'
