"""A task whose workers died runs alone, so that the next death tells of what; nobody else is blamed or kept waiting."""

from __future__ import annotations

import threading

from pgprocess.registry import task
from tests.builders.background import GATE, STARTED, Background, call, worker
from tests.builders.drawing import DrawnJob, draw
from tests.builders.waiting import until

SIDE_BY_SIDE = threading.Semaphore(1)


@task("test.alone")
def alone() -> str:
    """Tell whether nothing of this kind runs beside it."""
    if not SIDE_BY_SIDE.acquire(blocking=False):
        return "not alone"
    try:
        threading.Event().wait(0.05)
        return "alone"
    finally:
        SIDE_BY_SIDE.release()


@task("test.suspects_quick")
def quick() -> None:
    """Do nothing."""


def test_suspects_run_one_after_the_other(execute):
    names = "abcde"
    run = DrawnJob(execute, ", ".join(names), {name: call("test.alone") for name in names})
    execute("UPDATE pgprocess_jobtask SET crashes = 3")
    worker(concurrency=4).run()
    assert execute("SELECT DISTINCT status, result #>> '{}' FROM pgprocess_jobtask") == [("succeeded", "alone")]
    assert run.job() == "succeeded"


def test_a_suspect_waits_until_what_runs_has_ended_and_nothing_begins_beside_it(execute):
    run = DrawnJob(execute, "a, b, c", {"a": call("test.gated", priority=2), "b": call("test.alone", priority=1)})
    execute("UPDATE pgprocess_jobtask SET crashes = 3 WHERE id = %s", [run.get("b", "id")])
    with Background(concurrency=3) as busy:
        STARTED.get(timeout=20)
        until(execute, "(SELECT count(*) = 2 FROM pgprocess_jobtask WHERE status = 'running')")
        assert busy.pool.suspect
        assert (busy.pool.free, run.get("b")) == (0, "running")
        GATE.set()
        until(execute, "EXISTS (SELECT FROM pgprocess_job WHERE status <> 'running')")
    assert run.job() == "succeeded"


def test_a_suspect_that_waits_can_be_cancelled(execute):
    run = DrawnJob(execute, "a, b", {"a": call("test.gated", priority=2), "b": call("test.alone", priority=1)})
    execute("UPDATE pgprocess_jobtask SET crashes = 3 WHERE id = %s", [run.get("b", "id")])
    with Background(concurrency=2) as busy:
        STARTED.get(timeout=20)
        until(execute, "(SELECT count(*) = 2 FROM pgprocess_jobtask WHERE status = 'running')")
        run.set("b", "cancelled")
        later = DrawnJob(execute, draw(execute, "x", {"x": call("test.suspects_quick")}, name="later"))
        until(execute, "EXISTS (SELECT FROM pgprocess_job WHERE id = %s AND status = 'succeeded')", [later.id])
        assert not busy.pool.suspect
        GATE.set()


def test_a_worker_that_stops_gives_a_waiting_suspect_back(execute):
    run = DrawnJob(execute, "a, b", {"a": call("test.gated", priority=2), "b": call("test.alone", priority=1)})
    execute("UPDATE pgprocess_jobtask SET crashes = 3 WHERE id = %s", [run.get("b", "id")])
    with Background(concurrency=2, shutdown_timeout=0.2, kill_grace=0.2) as busy:
        STARTED.get(timeout=20)
        until(execute, "(SELECT count(*) = 2 FROM pgprocess_jobtask WHERE status = 'running')")
        busy.stop()
        until(execute, "(SELECT status = 'ready' FROM pgprocess_jobtask WHERE id = %s)", [run.get("b", "id")])
    assert run.get("b") == "ready"


KILLS = "import os, signal, time\nos.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(60)"
WAITS = 'import os, time\nwhile not os.path.exists(os.environ["PGPROCESS_TEST_GO"]):\n    time.sleep(0.02)'


def test_a_script_that_kills_what_starts_scripts_harms_itself_alone(execute, tmp_path, monkeypatch):
    go = tmp_path / "go"
    monkeypatch.setenv("PGPROCESS_TEST_GO", str(go))
    tasks = {"a": {"kind": "python", "code": KILLS}} | {name: {"kind": "python", "code": WAITS} for name in "bc"}
    run = DrawnJob(execute, "a, b, c", tasks)
    with Background(concurrency=4):
        until(execute, "(SELECT crashes = 3 FROM pgprocess_jobtask WHERE id = %s)", [run.get("a", "id")])
        go.touch()
        until(execute, "EXISTS (SELECT FROM pgprocess_job WHERE status <> 'running')")
    assert run.statuses == {"a": "failed", "b": "succeeded", "c": "succeeded"}
    assert run.get("a", "reason") == "worker lost"
    assert execute("SELECT DISTINCT attempt - free_attempts FROM pgprocess_jobtask WHERE status = 'succeeded'") == [
        (1,)
    ]
