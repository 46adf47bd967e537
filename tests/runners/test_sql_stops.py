"""Statements that are told to stop: nothing of them stays."""

from __future__ import annotations

import socket
import threading

import pytest

from pgprocess.attempt import Outcome
from pgprocess.runners import statement_cancel as cancel
from pgprocess.runners.base import Stop
from pgprocess.statuses import Status
from tests.builders.attempts import DEADLINE, Recorder, executing
from tests.builders.drawing import Executes
from tests.builders.statements import (
    Running,
    executing_beside_a_table,
    rows,
    running_sql,
    running_sql_on,
    running_sql_on_sqlite,
)

executor = pytest.fixture(executing)
run = pytest.fixture(running_sql)
execute = pytest.fixture(executing_beside_a_table)
run_on = pytest.fixture(running_sql_on)
on_sqlite = pytest.fixture(running_sql_on_sqlite)

SAY_READY = "DO $$ BEGIN RAISE NOTICE 'ready'; END $$;"


def test_a_cancelled_statement_ends_at_once_and_is_undone(run: Running, execute: Executes) -> None:
    stop = Stop()
    code = f"INSERT INTO shop_rate VALUES ('2026-01-01'); {SAY_READY} SELECT pg_sleep(600)"
    outcome, _ = run(code, output=Recorder(b"ready", lambda: stop.request("cancelled")), stop=stop)
    assert outcome == Outcome(status=Status.CANCELLED, reason="cancelled")
    assert rows(execute) == 0
    assert [thread.name for thread in threading.enumerate() if thread.name == "pgprocess-cancel"] == []


def test_a_statement_that_is_out_of_time_is_stopped(run: Running) -> None:
    outcome, _ = run("SELECT pg_sleep(600)", timeout=0.2)
    assert (outcome.status, outcome.error) == (Status.SCHEDULED, "timed out after 0.2 s")


def test_a_statement_of_a_worker_that_stops_is_given_back(run: Running) -> None:
    stop = Stop()
    output = Recorder(b"ready", lambda: stop.request("shutdown"))
    outcome, _ = run(f"{SAY_READY} SELECT pg_sleep(600)", output=output, stop=stop)
    assert outcome.status == Status.READY


def test_what_is_stopped_between_its_last_statement_and_the_commit_is_undone(run: Running, execute: Executes) -> None:
    stop = Stop()
    code = f"INSERT INTO shop_rate VALUES ('2026-01-01'); {SAY_READY}"
    outcome, _ = run(code, output=Recorder(b"ready", lambda: stop.request("cancelled")), stop=stop)
    assert outcome.status == Status.CANCELLED
    assert rows(execute) == 0


def test_a_stop_that_comes_after_the_commit_changes_nothing(run: Running, execute: Executes) -> None:
    stop = Stop()
    outcome, _ = run("INSERT INTO shop_rate VALUES ('2026-01-01')", stop=stop)
    stop.request("cancelled")
    assert (outcome.status, stop.reason, rows(execute)) == (Status.SUCCEEDED, None, 1)


def test_a_server_that_does_not_listen_is_not_waited_for(run: Running, execute: Executes) -> None:
    deaf = "LOOP BEGIN PERFORM pg_sleep(600); EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP;"
    pids: list[int] = []
    stop = Stop()

    def request() -> None:
        [(pid,)] = execute("SELECT pid FROM pg_stat_activity WHERE query LIKE '%deaf one%' AND pid <> pg_backend_pid()")
        pids.append(pid)
        stop.request("cancelled")

    code = f"/* the deaf one */ DO $$ BEGIN RAISE NOTICE 'ready'; {deaf} END $$"
    try:
        outcome, _ = run(code, output=Recorder(b"ready", request), stop=stop)
        assert outcome.status == Status.CANCELLED
    finally:
        execute("SELECT pg_terminate_backend(%s, %s)", [pids[0], DEADLINE * 1000])
    assert run("SELECT 1 AS n")[0].result == '[{"n": 1}]'


def test_a_statement_on_sqlite_is_stopped_too(on_sqlite: Running) -> None:
    code = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    outcome, _ = on_sqlite(code, timeout=0.2)
    assert outcome.error == "timed out after 0.2 s"


def test_where_the_network_ends_the_connection_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cancel travels on a connection of its own, which may wait for ever as well."""
    monkeypatch.setattr(cancel, "CANCEL_EVERY", 0.01)
    ours, theirs = socket.socketpair()
    never, stop = threading.Event(), Stop()

    class Away:
        class connection:
            cancel = never.wait
            fileno = ours.fileno

    with ours, theirs, cancel.StatementCancel(Away, stop, grace=0.05):
        stop.request("cancelled")
        ours.settimeout(DEADLINE)
        assert ours.recv(1) == b""
    never.set()
