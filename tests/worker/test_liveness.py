"""A worker that can't tell that it lives: it stops what it runs, before others run it."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from pgprocess.forkserver import server
from pgprocess.postgres.listener import WORK
from pgprocess.queue.watermarks import Watermarks
from tests.builders.background import STARTED, Background, call, worker
from tests.builders.drawing import DrawnJob, Executes
from tests.builders.waiting import until

SHORT = {"lease": 4.0, "kill_grace": 0.5, "poll_interval": 600.0}
SAYS_PID = "import os, time\nprint(os.getpid(), flush=True)\nwhile True: time.sleep(0.05)"


@contextmanager
def unheard(connect: Callable[..., Any]) -> Any:
    """Signs of life get no answer, as from a network that swallows them."""
    with connect(autocommit=False) as connection:
        connection.execute("SELECT FROM pgprocess_worker FOR UPDATE")
        yield
        connection.rollback()


def test_a_worker_that_gets_no_answer_stops_its_tasks_and_gives_them_back(
    connect: Callable[..., Any], execute: Executes
) -> None:
    run = DrawnJob(execute, "a, b", {"a": call("test.gated"), "b": {"code": SAYS_PID}})
    with Background(**SHORT):
        context = STARTED.get(timeout=20)
        until(execute, "EXISTS (SELECT FROM pgprocess_logchunk)")
        with unheard(connect):
            assert context.stopped.wait(30)
            until(execute, "count(*) = 2 FROM pgprocess_attempt")
        assert execute("SELECT DISTINCT status, reason FROM pgprocess_attempt") == [
            ("released", "given back: its worker could not reach the database")
        ]
        assert {run.get("a", "free_attempts"), run.get("b", "free_attempts")} == {1}


def test_it_takes_nothing_while_others_may_think_it_dead(connect: Callable[..., Any], execute: Executes) -> None:
    with Background(**SHORT) as worker:
        until(execute, "EXISTS (SELECT FROM pgprocess_worker WHERE session)")
        with unheard(connect):
            until(execute, "EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock')")
            worker.liveness.beaten_at -= 60.0
            run = DrawnJob(execute, "a", {"a": call("test.gated")})
            until(execute, "last_seen < now() - interval '1 s' FROM pgprocess_worker")
            assert run.get("a") == "ready"
        STARTED.get(timeout=20)


def test_a_worker_that_listens_holds_the_lock_that_tells_of_its_life(execute: Executes) -> None:
    held = (
        "EXISTS (SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = database "
        "WHERE locktype = 'advisory' AND objid::bigint = %s %% 2147483647 AND datname = current_database())"
    )
    with Background(poll_interval=600.0) as worker:
        until(execute, "EXISTS (SELECT FROM pgprocess_worker WHERE session)")
        assert execute(f"SELECT {held}", [worker.id]) == [(True,)]
        execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'pgprocess listen' AND datname = current_database()"
        )
        until(execute, held, [worker.id])


def test_without_listening_it_holds_none(execute: Executes) -> None:
    with Background(poll_interval=0.1, listen=False):
        DrawnJob(execute, "a", {"a": call("test.gated")})
        STARTED.get(timeout=20)
        assert execute("SELECT session FROM pgprocess_worker") == [(False,)]


@pytest.mark.parametrize("lease", [8.0, 30.0])
def test_what_a_frozen_worker_runs_is_gone_by_the_time_others_take_it_over(lease: float) -> None:
    frozen = worker(lease=lease)
    try:
        ended_after = frozen.executor.forkserver.lease + server.LOOK_EVERY + server.GRACE
        assert ended_after <= frozen.liveness.identity.lease
        assert frozen.liveness.fence_after <= frozen.liveness.identity.lease
    finally:
        frozen.executor.close()


@pytest.mark.parametrize(("workers", "latest"), [(1, 0.0), (2, 0.0), (52, 0.002)])
def test_told_of_work_many_workers_look_one_after_the_other(workers: int, latest: float) -> None:
    told = worker()
    try:
        told.liveness.workers = workers
        told.may_have_work, told.promote_at = False, float("inf")
        began = time.monotonic()
        turns = []
        for _ in range(200):
            told.look_at = float("inf")
            told.on_event(WORK, "")
            turns.append(told.look_at - began)
        assert not told.may_have_work
        assert told.promote_at <= told.look_at
        assert max(turns) <= latest + time.monotonic() - began
        assert max(turns) >= latest / 2
    finally:
        told.executor.close()


def test_a_sign_of_life_tells_how_many_workers_serve_the_same_queues(execute: Executes) -> None:
    etl = {"queues": ["etl"], "poll_interval": 0.1}
    with Background(**etl) as first, Background(**etl), Background(poll_interval=0.1):
        first.liveness.beat_now()
        until(execute, "count(*) = 3 FROM pgprocess_worker WHERE state = 'running'")
        first.liveness.beat_now()
        deadline = time.monotonic() + 20
        while first.liveness.workers != 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert first.liveness.workers == 2


def test_a_worker_that_can_take_nothing_waits_though_it_was_told_of_work() -> None:
    told = worker(once=False)
    try:
        queue: Any = SimpleNamespace(watermarks=Watermarks())
        told.may_have_work = False
        told.poll_at = told.promote_at = told.look_at = float("inf")
        told.on_event(WORK, "default")
        assert told.look(queue) == float("inf")
        assert told.may_have_work
    finally:
        told.executor.close()
