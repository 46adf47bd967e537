"""Workers on real databases: what they run ends, and they end."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
import pytest

from pgprocess.queue.queue import Queue
from pgprocess.registry import task
from tests.builders.background import GATE, STARTED, Background, call, worker
from tests.builders.drawing import DrawnJob, draw
from tests.builders.waiting import until

SEEN: list[Any] = []


@task("test.record")
def record(context):
    SEEN.append((context.task, context.params, context.parents))
    return {"by": context.task}


@task("test.fail_once")
def fail_once(context):
    if context.attempt == 1:
        raise ValueError("flaky")


@task("test.fail")
def fail():
    raise ValueError("boom")


@task("test.sleep")
async def sleep(context):
    STARTED.put(context)
    await asyncio.Event().wait()


@pytest.fixture(autouse=True)
def fresh():
    GATE.clear()
    SEEN.clear()
    while not STARTED.empty():
        STARTED.get()


def test_a_job_of_callables_runs_to_its_end(execute):
    run = DrawnJob(execute, "a -> b, a -> c", {name: call("test.record") for name in "abc"}, params='{"day": "today"}')
    worker().run()
    assert (run.job(), run.job("tasks_left")) == ("succeeded", 0)
    assert SEEN[0] == ("a", {"day": "today"}, {})
    assert sorted(SEEN[1:]) == [
        ("b", {"day": "today"}, {"a": {"by": "a"}}),
        ("c", {"day": "today"}, {"a": {"by": "a"}}),
    ]
    assert run.get("c", "result") == {"by": "c"}


def test_a_python_script_has_django_its_parents_and_its_output_is_kept(execute):
    code = """
import json, os, sys
import pgprocess.env
from pgprocess import current
from pgprocess.models import JobTask
print("ran", JobTask.objects.get(pk=current.jobtask_id), current.parents)
print("careful", file=sys.stderr)
open(os.environ["PGPROCESS_RESULT"], "w").write(json.dumps([1, 2]))
"""
    run = DrawnJob(execute, "a -> b", {"a": call("test.record"), "b": {"code": code}})
    worker().run()
    assert run.statuses == {"a": "succeeded", "b": "succeeded"}
    assert (run.get("b", "exit_code"), run.get("b", "result")) == (0, [1, 2])
    rows = execute(
        "SELECT stream, text FROM pgprocess_logchunk WHERE jobtask_id = %s ORDER BY seq", [run.get("b", "id")]
    )
    assert ("".join(text for stream, text in rows if stream == "stdout")) == "ran b {'a': {'by': 'a'}}\n"
    assert ("".join(text for stream, text in rows if stream == "stderr")) == "careful\n"


def test_a_retry_keeps_the_first_try(execute):
    run = DrawnJob(execute, "a", {"a": call("test.fail_once", max_attempts=2)})
    worker().run()
    assert (run.get("a"), run.get("a", "attempt")) == ("succeeded", 2)
    assert execute("SELECT number, status, error FROM pgprocess_attempt") == [(1, "failed", "ValueError: flaky")]


def test_a_failure_is_final_when_no_attempts_are_left(execute):
    run = DrawnJob(execute, "a -> b", {"a": call("test.fail", max_attempts=2)})
    worker().run()
    assert run.statuses == {"a": "failed", "b": "upstream_failed"}
    assert (run.get("a", "attempt"), run.get("a", "error")) == (2, "ValueError: boom")
    [(log,)] = execute("SELECT string_agg(text, '') FROM pgprocess_logchunk WHERE attempt = 2")
    assert log.startswith("Traceback")
    assert log.rstrip().endswith("ValueError: boom")


def test_an_unknown_callable_fails_its_task_with_one_sentence(execute):
    run = DrawnJob(execute, "a", {"a": call("test.recrod")})
    worker().run()
    assert run.get("a", "error") == "No task is named 'test.recrod': did you mean 'test.record'?"


def test_a_result_that_is_not_json_fails_its_task_with_one_sentence(execute):
    @task("test.not_json")
    def not_json():
        return object()

    run = DrawnJob(execute, "a", {"a": call("test.not_json")})
    worker().run()
    assert (run.get("a"), run.get("a", "error")) == (
        "failed",
        "The result of 'a' is not JSON: it holds a object.",
    )


def test_a_worker_serves_its_queues_only(execute):
    run = DrawnJob(execute, "a, b", {"a": call("test.record"), "b": call("test.record", queue="etl")})
    worker(queues=["etl"]).run()
    assert run.statuses == {"a": "ready", "b": "succeeded"}


def test_a_waiting_worker_is_woken_by_a_new_job(execute):
    process = draw(execute, "a", {"a": call("test.record")})
    with Background(poll_interval=600.0):
        until(execute, "EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'pgprocess listen')")
        DrawnJob(execute, process)
        until(execute, "EXISTS (SELECT FROM pgprocess_job WHERE status = 'succeeded')")


def test_without_listening_it_polls(execute):
    process = draw(execute, "a", {"a": call("test.record")})
    with Background(poll_interval=0.2, listen=False):
        DrawnJob(execute, process)
        until(execute, "EXISTS (SELECT FROM pgprocess_job WHERE status = 'succeeded')")


@pytest.mark.parametrize("target", ["test.sleep", "test.gated"])
def test_a_cancelled_job_is_told_to_its_worker(execute, target):
    run = DrawnJob(execute, "a -> b", {"a": call(target)})
    with Background(poll_interval=600.0):
        context = STARTED.get(timeout=20)
        execute("UPDATE pgprocess_job SET status = 'cancelled'")
        assert context.stopped.wait(10)
        assert run.statuses == {"a": "cancelled", "b": "cancelled"}


def test_a_stopping_worker_gives_back_what_does_not_finish(execute):
    run = DrawnJob(execute, "a", {"a": call("test.sleep")})
    with Background(shutdown_timeout=0.1):
        STARTED.get(timeout=20)
    assert (run.get("a"), run.get("a", "free_attempts")) == ("ready", 1)
    assert execute("SELECT state FROM pgprocess_worker") == [("stopped",)]


def test_a_stopping_worker_lets_tasks_finish(execute):
    run = DrawnJob(execute, "a -> b", {"a": call("test.gated"), "b": call("test.record")})
    background = Background(shutdown_timeout=60.0)
    background.thread.start()
    STARTED.get(timeout=20)
    background.worker.stop()
    until(execute, "EXISTS (SELECT FROM pgprocess_worker WHERE state = 'stopping')")
    GATE.set()
    background.thread.join(20)
    assert run.statuses == {"a": "succeeded", "b": "ready"}


def test_a_lost_connection_is_made_again_and_no_outcome_is_lost(execute):
    run = DrawnJob(execute, "a -> b", {"a": call("test.gated"), "b": call("test.record")})
    with Background(poll_interval=0.5):
        STARTED.get(timeout=20)
        execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name LIKE 'pgprocess%%' AND datname = current_database()",
            (),
        )
        GATE.set()
        until(execute, "EXISTS (SELECT FROM pgprocess_job WHERE status = 'succeeded')")
    assert run.get("a", "attempt") == 1


@pytest.mark.parametrize("sentence", ["queue/claim", "queue/versions"])
def test_a_claim_whose_answer_got_lost_is_given_back_and_run(execute, monkeypatch, sentence):
    run = DrawnJob(execute, "a", {"a": call("test.record")})
    lost: list[Any] = []

    def lose(queue, name, *args, **options):
        answer = rows(queue, name, *args, **options)
        claimed = execute("SELECT id FROM pgprocess_jobtask WHERE status = 'running'")
        if name == sentence and claimed and not lost:
            lost.extend(claimed)
            raise psycopg.OperationalError("the answer got lost")
        return answer

    rows = Queue.rows
    monkeypatch.setattr(Queue, "rows", lose)
    with Background(poll_interval=0.5):
        until(execute, "EXISTS (SELECT FROM pgprocess_job WHERE status = 'succeeded')")
    assert lost
    assert (run.get("a", "attempt"), run.get("a", "free_attempts"), run.get("a", "crashes")) == (2, 1, 0)
    assert [row[0] for row in execute("SELECT reason FROM pgprocess_attempt")] == [
        "given back: the answer to its claim got lost"
    ]


def test_a_child_in_a_queue_of_others_wakes_them(execute):
    process = draw(execute, "a -> b", {"a": call("test.record"), "b": call("test.record", queue="etl")})
    with Background(poll_interval=600.0, queues=["default"]), Background(poll_interval=600.0, queues=["etl"]):
        until(
            execute,
            "(SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgprocess listen' "
            "AND datname = current_database()) = 2",
        )
        DrawnJob(execute, process)
        until(execute, "EXISTS (SELECT FROM pgprocess_job WHERE status = 'succeeded')")


def test_work_for_which_there_is_no_slot_wakes_others(execute):
    tasks = {name: call("test.record") for name in "abcd"} | {"wait": call("test.gated")}
    process = draw(execute, "a -> b, a -> c, a -> d, a -> wait", tasks)
    with Background(poll_interval=600.0, concurrency=1), Background(poll_interval=600.0, concurrency=1):
        DrawnJob(execute, process)
        until(execute, "(SELECT count(*) FROM pgprocess_jobtask WHERE status = 'succeeded') = 4")


def test_it_ends_after_as_many_tasks_as_it_may_run(execute):
    run = DrawnJob(execute, "a, b, c -> d", {name: call("test.record") for name in "abcd"})
    worker(once=False, max_tasks=3).run()
    assert sorted(run.statuses.values()) == ["ready", "succeeded", "succeeded", "succeeded"]
    assert execute("SELECT state FROM pgprocess_worker") == [("stopped",)]


def test_no_more_of_a_capped_queue_runs_at_once_and_all_of_it_gets_done(execute):
    running = []

    @task("test.count_running")
    def count_running(context):
        from pgprocess.models import JobTask

        running.append(JobTask.objects.filter(status="running", queue="etl").count())

    tasks = {f"t{n}": call("test.count_running", queue="etl") for n in range(12)}
    run = DrawnJob(execute, ", ".join(tasks), tasks)
    worker(caps={"etl": 2}).run()
    assert set(run.statuses.values()) == {"succeeded"}
    assert max(running) <= 2


def test_work_that_a_cap_has_no_room_for_is_left_to_others(execute):
    process = draw(execute, "a, b", {name: call("test.gated", queue="etl") for name in "ab"})
    options = {"poll_interval": 600.0, "caps": {"etl": 1}}
    with Background(**options), Background(**options):
        DrawnJob(execute, process)
        assert STARTED.get(timeout=20).jobtask_id != STARTED.get(timeout=20).jobtask_id


def test_a_worker_looks_at_lanes_that_its_last_claim_did_not_know(execute):
    @task("test.quick")
    def quick():
        pass

    with Background(poll_interval=600.0) as told:
        first = DrawnJob(execute, "a", {"a": call("test.quick")})
        until(execute, "status = 'succeeded' FROM pgprocess_job WHERE id = %s", [first.id])
        tasks = {"b": call("test.quick"), "c": call("test.quick", priority=5, queue="other")}
        second = DrawnJob(execute, draw(execute, "b, c", tasks, name="q"))
        until(execute, "status = 'succeeded' FROM pgprocess_job WHERE id = %s", [second.id])
        assert told.look_at == float("inf")
