"""``@task(transactional=True)``: what a task writes and that it ended are one transaction."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection, transaction

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
        case "leave open":
            transaction.atomic().__enter__()
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


@pytest.mark.parametrize(
    ("then", "status"),
    [("fail", "failed"), ("skip", "skipped"), ("return no JSON", "failed"), ("leave open", "failed")],
)
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


ISOLATION = [psycopg.IsolationLevel.REPEATABLE_READ, psycopg.IsolationLevel.SERIALIZABLE]


@pytest.fixture
def isolation(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let Django's connections in every thread have this isolation, and the server's default be the same for ours."""
    options = connection.settings_dict["OPTIONS"]
    words = request.param.name.lower().replace("_", " ")
    name = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE \"{name}\" SET default_transaction_isolation = '{words}'")
    options["isolation_level"] = request.param
    yield
    del options["isolation_level"]
    with connection.cursor() as cursor:
        cursor.execute(f'ALTER DATABASE "{name}" RESET default_transaction_isolation')


@task("test.makes_many", transactional=True)
def makes_many(context):
    Process.objects.create(name=f"made by {context.task}")


@pytest.mark.parametrize("isolation", ISOLATION, indirect=True, ids=lambda level: level.name)
def test_transactions_that_collide_are_made_again_and_use_up_no_attempt(
    execute: Executes, transactional_db: None, isolation: None
) -> None:
    names = [f"t{number}" for number in range(60)]
    started = DrawnJob(execute, ", ".join(names), {name: call("test.makes_many") for name in names})
    worker(max_tasks=60).run()
    assert started.job() == "succeeded"
    assert execute("SELECT count(*), max(attempt) FROM pgprocess_jobtask") == [(60, 1)]
    assert execute("SELECT count(*) FROM pgprocess_process WHERE name LIKE 'made by t%'") == [(60,)]
