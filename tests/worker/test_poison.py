"""What belongs to one task harms that task alone: bystanders beside it end as they should."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import suppress

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, transaction

from pgprocess.registry import task
from pgprocess.worker import completer, pool
from tests.builders.background import Background, call, worker
from tests.builders.commands import ended
from tests.builders.drawing import DrawnJob, draw
from tests.builders.waiting import until


@task("test.bystander")
def bystander() -> None:
    """Do nothing."""


@task("test.items")
def items(context):
    return [{"n": 1}, {"n": 2}]


@task("test.item_of")
def item_of(context):
    return context.item["n"]


def beside(execute) -> DrawnJob:
    """Return a job whose tasks have nothing to do with what happens beside it."""
    process = draw(execute, "x -> y", {name: call("test.bystander") for name in "xy"}, name="bystander")
    return DrawnJob(execute, process)


DEPTH = 2000 if sys.version_info < (3, 13) else 12_000
"""Nested lists that Python can't read; from 3.13 on they may lie as deep as the C stack allows."""

NESTED = "[" * DEPTH + "]" * DEPTH


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ('{"n": 1e5000}', "can't be read: Exceeds the limit"),
        (f'{{"n": {"9" * 4301}}}', "can't be read: Exceeds the limit"),
        (f'{{"n": {NESTED}}}', "can't be read: maximum recursion depth exceeded"),
    ],
    ids=["a huge power", "too many digits", "too deep"],
)
@pytest.mark.parametrize("kind", ["callable", "shell", "sql"])
def test_params_that_python_can_not_read_fail_their_task_alone(execute, params, words, kind):
    work = {
        "callable": call("test.bystander"),
        "shell": {"kind": "shell", "code": "true"},
        "sql": {"kind": "sql", "code": "SELECT 1"},
    }
    poison = DrawnJob(execute, draw(execute, "a", {"a": work[kind]}), params=params)
    good = beside(execute)
    worker().run()
    assert good.statuses == {"x": "succeeded", "y": "succeeded"}
    assert poison.get("a") == "failed"
    assert poison.get("a", "error").startswith("The params of task 'a' " + words)


def test_a_result_that_python_can_not_read_fails_the_children_alone(execute):
    poison = DrawnJob(execute, "a -> b, c", {name: call("test.bystander") for name in "bc"})
    poison.do("a", result='{"n": 1e5000}')
    worker().run()
    assert poison.statuses == {"a": "succeeded", "b": "failed", "c": "succeeded"}
    assert poison.get("b", "error").startswith("The parents' results of task 'b' can't be read")


def test_an_item_keeps_its_value_when_the_list_is_gone(execute):
    run = DrawnJob(
        execute, "list -> send", {"list": call("test.items"), "send": call("test.item_of") | {"map_over": "list"}}
    )
    worker().run()
    run.set("list", "ready")
    run.do("list", "failed")
    assert run.statuses["send"] == "upstream_failed"
    execute("UPDATE pgprocess_jobtask SET status = 'ready' WHERE map_index = 1")
    good = beside(execute)
    worker().run()
    assert good.job() == "succeeded"
    assert execute("SELECT status, result::text FROM pgprocess_jobtask WHERE map_index = 1") == [("succeeded", "2")]


@pytest.mark.parametrize(
    "ending",
    ["sys.exit(3)", "raise KeyboardInterrupt", "import argparse; argparse.ArgumentParser().parse_args(['--no'])"],
)
def test_a_module_that_ends_the_interpreter_while_it_is_imported_fails_its_task_alone(
    execute, tmp_path, monkeypatch, ending
):
    (tmp_path / "poisoned.py").write_text(f"import sys\n{ending}\n")
    monkeypatch.syspath_prepend(tmp_path)
    poison = DrawnJob(execute, "a", {"a": call("poisoned.load")})
    good = beside(execute)
    worker().run()
    assert (poison.get("a"), good.job()) == ("failed", "succeeded")


def test_a_lock_on_one_job_keeps_nobody_else_from_ending(execute, connect):
    locked = DrawnJob(execute, "a, b", {name: call("test.bystander") for name in "ab"})
    good = DrawnJob(execute, draw(execute, "x -> y", {name: call("test.bystander") for name in "xy"}, name="good"))
    with connect(autocommit=False) as client:
        client.execute("SELECT FROM pgprocess_job WHERE id = %s FOR UPDATE", [locked.id])
        with Background(concurrency=2):
            until(execute, "EXISTS (SELECT FROM pgprocess_job WHERE id = %s AND status = 'succeeded')", [good.id])
            assert set(locked.statuses.values()) == {"running"}
            client.rollback()
            until(execute, "EXISTS (SELECT FROM pgprocess_job WHERE id = %s AND status = 'succeeded')", [locked.id])


def test_a_worker_is_gone_in_bounded_time_though_a_lock_holds_an_end_back(execute, connect):
    locked = DrawnJob(execute, "a", {"a": call("test.bystander")})
    with connect(autocommit=False) as client:
        client.execute("SELECT FROM pgprocess_job WHERE id = %s FOR UPDATE", [locked.id])
        with Background(shutdown_timeout=0.5) as held:
            until(execute, "EXISTS (SELECT FROM pgprocess_jobtask WHERE attempt = 1)")
            deadline = time.monotonic() + 20
            while not held.completer.refused and time.monotonic() < deadline:
                time.sleep(0.01)
            assert held.completer.refused
        client.rollback()


def test_an_end_that_a_rule_refuses_fails_its_task_and_then_is_let_go(execute, monkeypatch):
    monkeypatch.setattr(completer, "AGAIN_AFTER", (0.01,))
    refused = DrawnJob(execute, "a", {"a": call("test.bystander")})
    good = beside(execute)
    execute("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not so'; END $$")
    execute(
        "CREATE TRIGGER refuse BEFORE UPDATE ON pgprocess_jobtask FOR EACH ROW "
        f"WHEN (NEW.status = 'succeeded' AND NEW.job_id = {refused.id}) EXECUTE FUNCTION refuse()"
    )
    try:
        worker().run()
    finally:
        execute("DROP FUNCTION refuse CASCADE")
    assert good.job() == "succeeded"
    assert (refused.get("a"), refused.get("a", "error")) == ("failed", "Its end was refused by the database: not so.")


def test_a_worker_whose_threads_abandoned_tasks_keep_ends_for_another_to_begin(execute, monkeypatch):
    monkeypatch.setattr(pool, "SPARE_THREADS", 1)
    gate = threading.Event()

    @task("test.stuck")
    def stuck() -> None:
        while not gate.is_set():
            with suppress(BaseException):  # it meets every exception that is to end it, and goes on
                gate.wait(0.05)

    stuck_task = call("test.stuck", timeout=0.1, priority=1)
    run = DrawnJob(execute, "a, b, c", {"a": stuck_task, "b": stuck_task, "c": call("test.bystander")})
    used_up = worker(concurrency=1, kill_grace=0.1, once=False)
    try:
        used_up.run()
    finally:
        gate.set()
    assert used_up.exit_code == 1
    assert run.statuses == {"a": "failed", "b": "failed", "c": "ready"}


def test_a_heartbeat_outlives_whatever_goes_wrong_in_it(execute):
    with Background() as beating:
        until(execute, "EXISTS (SELECT FROM pgprocess_worker)")
        heartbeat = beating.liveness.heartbeat
        assert heartbeat
        failed = threading.Event()
        record = heartbeat.on_beat

        def fail_once(since, beat):
            heartbeat.on_beat = record
            failed.set()
            raise ValueError("of another kind")

        heartbeat.on_beat = fail_once
        heartbeat.beat_now()
        assert failed.wait(20)
        [(before,)] = execute("SELECT last_seen FROM pgprocess_worker")
        heartbeat.beat_now()
        until(execute, "last_seen > %s FROM pgprocess_worker", [before])
        assert heartbeat.is_alive()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_worker_whose_heartbeat_is_dead_ends_for_another_to_begin(execute):
    alone = worker(once=False)
    alone.connect()
    assert alone.liveness.heartbeat
    alone.liveness.heartbeat.on_beat = lambda *beat: sys.exit()  # which ends a thread without a word
    alone.liveness.beat_now()
    alone.liveness.heartbeat.join(20)
    alone.run()
    assert alone.exit_code == 1


LEAVES = {
    "a thread": "import threading; threading.Thread(target=threading.Event().wait).start()",
    "a timer": "import threading; threading.Timer(600, print).start()",
    "an executor": "import concurrent.futures as c, threading; c.ThreadPoolExecutor(1).submit(threading.Event().wait)",
    "a process": "import multiprocessing, time; multiprocessing.Process(target=time.sleep, args=(600,)).start()",
}


@pytest.mark.parametrize("leaves", LEAVES.values(), ids=LEAVES)
def test_a_worker_ends_whatever_its_tasks_left_behind(execute, tmp_path, monkeypatch, leaves):
    (tmp_path / "leaving.py").write_text(f"from pgprocess import task\n\n@task\ndef leave():\n    {leaves}\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    run = DrawnJob(execute, "a", {"a": call("leaving.leave")})
    code, words = ended("pgprocess_worker", "--once", seconds=60.0)
    assert (code, run.get("a")) == (0, "succeeded"), words
    assert "Tasks left behind what does not end" in words


@pytest.mark.parametrize("how", ["sync", "async"])
def test_a_callable_that_is_abandoned_holds_no_lock_any_more(execute, how):
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE pgprocess_jobtask IN ACCESS EXCLUSIVE MODE")
            held.set()
            while not release.is_set():
                with suppress(BaseException):
                    release.wait(30)

    @task(f"test.holds_{how}")
    def holds() -> None:
        hold()

    @task(f"test.async_holds_{how}")
    async def async_holds() -> None:
        while not release.is_set():
            with suppress(BaseException):
                await sync_to_async(hold)()

    poison = DrawnJob(execute, "a", {"a": call((holds if how == "sync" else async_holds).name, timeout=1)})
    try:
        with Background(kill_grace=0.2):
            assert held.wait(20)
            good = beside(execute)
            until(execute, "EXISTS (SELECT FROM pgprocess_job WHERE id = %s AND status = 'succeeded')", [good.id])
            assert poison.get("a") == "failed"
            release.set()
    finally:
        release.set()
