"""Callables that are told to stop: asked, interrupted, and abandoned if all else fails."""

from __future__ import annotations

import asyncio
import cProfile
import itertools
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest

from pgprocess import current
from pgprocess.attempt import Outcome
from pgprocess.runners.base import Stop
from pgprocess.runners.executor import Executor
from pgprocess.statuses import Status
from tests.builders.attempts import (
    DEADLINE,
    Recorder,
    a_call,
    executing,
    have_patience,
    here,
    outcome_of,
    registering,
    running_callables,
)

executor = pytest.fixture(executing)
run = pytest.fixture(running_callables)
registered = pytest.fixture(autouse=True)(registering)


@pytest.fixture
def start(executor: Executor) -> Callable[..., Future[Outcome]]:
    """Start a function as a task in another thread; its outcome, once it has one."""

    def start(function: Any, *, output: Any = None, stop: Any = None, **fields: Any) -> Future[Outcome]:
        done: Future[Outcome] = Future()
        arguments = a_call(function, **fields), output or Recorder(), stop or Stop(), done.set_result, here
        threading.Thread(target=executor.begin, args=arguments, daemon=True).start()
        return done

    return start


def stopping_itself(stop: Stop, reason: Any) -> Callable[[], None]:
    """A function that is told to stop once it runs, and goes on for ever."""

    def load() -> None:
        stop.request(reason)
        for _ in itertools.count():
            pass

    return load


@pytest.mark.parametrize(
    ("reason", "status"),
    [("timeout", Status.FAILED), ("shutdown", Status.READY), ("cancelled", Status.CANCELLED)],
)
def test_a_sync_function_meets_an_exception(executor: Executor, run: Any, reason: Any, status: Status) -> None:
    have_patience(executor, "callable", 1.0 if reason == "cancelled" else DEADLINE)
    stop, output = Stop(), Recorder()
    outcome = run(stopping_itself(stop, reason), stop=stop, output=output)
    assert (outcome.status, outcome.error) == (status, "timed out" if reason == "timeout" else "")
    assert output.stderr.splitlines()[-1] == "pgprocess.runners.thread_interrupt.Interrupted"
    assert "in load" in output.stderr


def test_a_sync_function_out_of_time_ends_and_tidies_up(run: Any) -> None:
    tidied: list[str] = []

    def load() -> None:
        try:
            for _ in itertools.count():
                pass
        except Exception:  # noqa: BLE001  what ends it must get past this
            tidied.append("never")
        finally:
            tidied.append("files")

    outcome = run(load, timeout=0.05)
    assert outcome.reason == "timed out after 0.05 s; the only attempt is used up"
    assert tidied == ["files"]


def test_a_sync_function_that_a_person_cancels_may_end_by_itself(executor: Executor) -> None:
    have_patience(executor, "callable")
    stop, output = Stop(), Recorder()

    def load() -> None:
        assert not current.cancelled
        stop.request("cancelled")
        assert current.cancelled

    outcome = outcome_of(executor, a_call(load), output, stop)
    assert (outcome, output.stderr) == (Outcome(status=Status.CANCELLED, reason="cancelled"), "")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interruption_never_reaches_what_runs_after_the_function(run: Any) -> None:
    for _ in range(300):
        stop = Stop()

        def load(stop: Stop = stop) -> None:
            stop.request("shutdown")  # and is over while the interruption is on its way

        assert run(load, stop=stop).status == Status.READY
        assert sum(range(100)) == 4950


def test_a_thread_can_still_be_profiled_after_an_interruption(run: Any) -> None:
    stop = Stop()
    run(stopping_itself(stop, "shutdown"), stop=stop)
    for _ in range(100):
        assert cProfile.Profile().runcall(run, lambda: sum(range(100))).result == "4950"


def test_a_function_that_can_not_be_interrupted_is_abandoned_with_a_warning(start: Any) -> None:
    stop, inside, gate, left = Stop(), threading.Event(), threading.Event(), threading.Event()

    def load() -> None:
        inside.set()
        try:
            gate.wait()  # in C: no exception gets in
        finally:
            left.set()

    done = start(load, stop=stop, timeout=60)
    assert inside.wait(DEADLINE)
    stop.request("timeout")
    outcome = done.result(DEADLINE)
    assert not left.is_set()
    assert outcome.status == Status.FAILED
    assert outcome.error == (
        "timed out after 60 s; it could not be stopped and was abandoned: it may still be running in its worker"
    )
    gate.set()
    assert left.wait(DEADLINE)


@pytest.mark.parametrize(
    ("reason", "status"),
    [("timeout", Status.FAILED), ("shutdown", Status.READY), ("cancelled", Status.CANCELLED)],
)
def test_an_async_function_is_cancelled_and_may_tidy_up(
    executor: Executor, run: Any, reason: Any, status: Status
) -> None:
    have_patience(executor, "callable")
    stop, output = Stop(), Recorder()
    tidied: list[bool] = []

    async def fetch() -> None:
        try:
            stop.request(reason)
            await asyncio.Event().wait()
        finally:
            await asyncio.to_thread(tidied.append, current.cancelled)

    assert run(fetch, stop=stop, output=output).status == status
    assert tidied == [True]
    assert "in fetch" in output.stderr


def test_an_async_function_out_of_time_is_cancelled(executor: Executor, run: Any) -> None:
    have_patience(executor, "callable")

    async def fetch() -> None:
        await asyncio.Event().wait()

    outcome = run(fetch, timeout=0.05, max_attempts=2, retry_delay=3)
    assert (outcome.status, outcome.delay) == (Status.SCHEDULED, 3.0)
    assert outcome.error == "timed out after 0.05 s"


def test_an_async_function_that_will_not_be_cancelled_is_abandoned(start: Any) -> None:
    stop, gate = Stop(), threading.Event()

    async def fetch() -> None:
        stop.request("cancelled")
        while not gate.is_set():
            try:
                await asyncio.sleep(0.01)
            except asyncio.CancelledError:
                continue

    outcome = start(fetch, stop=stop).result(DEADLINE)
    assert outcome.status == Status.CANCELLED
    assert outcome.error.startswith("it could not be stopped")
    gate.set()


def test_an_async_function_that_blocks_the_loop_is_out_of_time_all_the_same(start: Any, run: Any) -> None:
    gate = threading.Event()

    async def fetch() -> None:
        gate.wait()

    async def other() -> None: ...

    outcome = start(fetch, timeout=0.05).result(DEADLINE)
    assert outcome.error.startswith("timed out after 0.05 s; it could not be stopped")
    gate.set()
    assert run(other).status == Status.SUCCEEDED


def test_closing_ends_what_still_runs_on_the_loop() -> None:
    executor, ended, inside = Executor(), threading.Event(), threading.Event()

    async def fetch() -> None:
        inside.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    executor.begin(a_call(fetch), Recorder(), Stop(), lambda outcome: None, here)
    assert inside.wait(DEADLINE)
    executor.close()
    assert ended.is_set()
