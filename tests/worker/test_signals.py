"""Signals: sent by the worker, once, after the commit; and harmless."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.dispatch import Signal

from pgprocess import Fail, Retry, Skip, signals, task
from pgprocess.models import Job, JobTask
from pgprocess.statuses import SETTLED
from tests.builders.background import Background, call, worker
from tests.builders.drawing import DrawnJob, Executes, draw
from tests.builders.waiting import until


@task("test.ends")
def ends(context: Any) -> None:
    match context.task, context.attempt:
        case "skip", _:
            raise Skip("enough")
        case "retry", 1:
            raise Retry("once more", after=0)
        case "fail", _:
            raise Fail("boom")


@pytest.fixture
def receive() -> Iterator[Callable[[Signal, Any], None]]:
    """Connect a receiver for the time of the test."""
    with ExitStack() as connected:

        def receive(signal: Signal, receiver: Any) -> None:
            signal.connect(receiver, weak=False)
            connected.callback(signal.disconnect, receiver)

        yield receive


def test_every_end_is_told_with_what_it_is_about_and_can_be_seen(execute: Executes, receive: Any) -> None:
    told: list[Any] = []

    def note(signal: Signal, **said: Any) -> None:
        row = JobTask.objects.get(pk=said["jobtask_id"])
        told.append(
            (said["task"], said["attempt"], said["status"], said["error"] or said["reason"], row.status in SETTLED)
        )

    for name in ("succeeded", "failed", "retried", "skipped"):
        receive(getattr(signals, f"jobtask_{name}"), note)
    DrawnJob(
        execute,
        "done, skip, retry, fail",
        {name: call("test.ends", max_attempts=2) for name in ("done", "skip", "retry", "fail")},
    )
    worker(concurrency=1).run()
    assert sorted(told) == [
        ("done", 1, "succeeded", "", True),
        ("fail", 1, "failed", "boom", True),
        ("retry", 1, "scheduled", "once more", told[[one[:2] for one in told].index(("retry", 1))][4]),
        ("retry", 2, "succeeded", "", True),
        ("skip", 1, "skipped", "enough", True),
    ]


def test_a_job_s_end_is_told_once_by_whoever_ended_it(execute: Executes, receive: Any) -> None:
    told: list[Any] = []
    lock = threading.Lock()

    def note(job_id: int, process: str, status: str, **said: Any) -> None:
        with lock:
            told.append((job_id, process, status, Job.objects.get(pk=job_id).is_over))

    receive(signals.job_finished, note)
    names = [f"t{n}" for n in range(6)]
    process = draw(execute, ", ".join(names), {name: call("test.ends") for name in names})
    runs = [DrawnJob(execute, process) for _ in range(30)]
    with Background(concurrency=3), Background(concurrency=3):
        until(execute, "NOT EXISTS (SELECT FROM pgprocess_job WHERE status = 'running')")
    assert sorted(told) == [(run.id, "p", "succeeded", True) for run in runs]


def test_a_transactional_task_that_ends_a_job_tells_of_it(execute: Executes, receive: Any) -> None:
    told: list[Any] = []

    @task("test.whole", transactional=True)
    def whole() -> None: ...

    receive(signals.job_finished, lambda status, **said: told.append(status))
    DrawnJob(execute, "a", {"a": call("test.whole")})
    worker().run()
    assert told == ["succeeded"]


def test_what_a_receiver_raises_harms_nothing(execute: Executes, receive: Any) -> None:
    told: list[str] = []

    def fail(**said: Any) -> None:
        raise ValueError("boom")

    receive(signals.jobtask_succeeded, fail)
    receive(signals.jobtask_succeeded, lambda task, **said: told.append(task))
    run = DrawnJob(execute, "a -> b", {name: call("test.ends") for name in "ab"})
    worker().run()
    assert (run.job(), told) == ("succeeded", ["a", "b"])


def test_a_slow_receiver_holds_up_no_task(execute: Executes, receive: Any) -> None:
    gate = threading.Event()
    receive(signals.jobtask_succeeded, lambda **said: gate.wait(30))
    run = DrawnJob(execute, "a -> b -> c", {name: call("test.ends") for name in "abc"})
    with Background():
        until(execute, "EXISTS (SELECT FROM pgprocess_job WHERE status = 'succeeded')")
        gate.set()
    assert run.job() == "succeeded"
