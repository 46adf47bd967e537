"""``@task(transactional=True)``: what a task writes and that it ended are one transaction."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pgprocess import ConfigurationError, Skip, task
from pgprocess.models import Process
from tests.builders.background import GATE, STARTED, Background, call, worker
from tests.builders.drawing import DrawnJob, Executes

MADE = "SELECT count(*) FROM pgprocess_process WHERE name = 'made by a task'"


@pytest.fixture(autouse=True)
def gate() -> Iterator[None]:
    GATE.clear()
    while not STARTED.empty():
        STARTED.get()
    yield
    GATE.set()


@task("test.makes", transactional=True)
def makes(context):
    Process.objects.create(name="made by a task")
    match context.params.get("then"):
        case "wait":
            STARTED.put(context)
            GATE.wait(30)
        case "fail":
            raise ValueError("boom")
        case "skip":
            raise Skip("enough")
        case "return no JSON":
            return object()
    return {"made": 1}


def run(execute: Executes, then: str = "", **more: object) -> DrawnJob:
    return DrawnJob(
        execute, "a -> b", {"a": call("test.makes", **more), "b": call("test.gated")}, params=f'{{"then": "{then}"}}'
    )


def test_the_write_the_end_and_what_follows_from_it_are_one_transaction(execute: Executes) -> None:
    GATE.set()
    started = run(execute)
    worker(max_tasks=1).run()
    assert (started.get("a"), started.get("a", "result"), started.get("b")) == ("succeeded", {"made": 1}, "ready")
    assert execute(
        "SELECT count(DISTINCT xmin::text) FROM ("
        "SELECT xmin FROM pgprocess_process WHERE name = 'made by a task' UNION ALL "
        "SELECT xmin FROM pgprocess_jobtask) AS row"
    ) == [(1,)]


@pytest.mark.parametrize(("then", "status"), [("fail", "failed"), ("skip", "skipped"), ("return no JSON", "failed")])
def test_what_a_task_wrote_that_did_not_succeed_is_undone(execute: Executes, then: str, status: str) -> None:
    started = run(execute, then)
    worker().run()
    assert (started.get("a"), execute(MADE)) == (status, [(0,)])


def test_what_a_task_wrote_that_is_not_ours_any_more_is_undone(execute: Executes) -> None:
    started = run(execute, "wait")
    with Background(poll_interval=600.0, listen=False) as background:
        context = STARTED.get(timeout=20)
        assert background.liveness.heartbeat
        background.liveness.heartbeat.every = 600.0  # it shall not hear of it before it ends
        execute("UPDATE pgprocess_jobtask SET status = 'cancelled' WHERE id = %s", [context.jobtask_id])
        GATE.set()
    assert (started.get("a"), execute(MADE)) == ("cancelled", [(0,)])


def test_a_task_that_is_cancelled_while_it_runs_has_written_nothing(execute: Executes) -> None:
    started = run(execute, "wait")
    with Background(poll_interval=600.0):
        context = STARTED.get(timeout=20)
        execute("UPDATE pgprocess_job SET status = 'cancelled'")
        assert context.stopped.wait(20)
    assert (started.get("a"), started.job(), execute(MADE)) == ("cancelled", "cancelled", [(0,)])


def test_async_functions_are_refused_since_django_s_transactions_are_not_async() -> None:
    with pytest.raises(ConfigurationError, match="is async and can't be transactional"):

        @task(transactional=True)
        async def load() -> None: ...
