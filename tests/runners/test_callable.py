"""Callables: sync ones in the caller's thread, async ones together on one loop."""

from __future__ import annotations

import asyncio
import sys
import threading
from concurrent.futures import Future
from decimal import Decimal
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.utils import translation

from pgprocess import Context, Fail, Retry, Skip, current, task
from pgprocess.attempt import Outcome
from pgprocess.runners import callable as callables
from pgprocess.runners.base import Stop
from pgprocess.runners.executor import Executor
from pgprocess.statuses import Status
from tests.builders.attempts import DEADLINE, Recorder, a_call, executing, nowhere, registering, running_callables

executor = pytest.fixture(executing)
run = pytest.fixture(running_callables)
registered = pytest.fixture(autouse=True)(registering)


def test_what_a_function_returns_is_its_result(run: Any) -> None:
    assert run(lambda: {"rows": 5}) == Outcome(status=Status.SUCCEEDED, result='{"rows": 5}')
    assert run(lambda: None) == Outcome(status=Status.SUCCEEDED)


def test_a_function_is_called_in_the_callers_thread(run: Any) -> None:
    assert run(lambda: threading.get_ident()).result == str(threading.get_ident())


def test_a_function_is_given_its_run(run: Any) -> None:
    def load(context: Context) -> Any:
        assert (current.task, current.stopped) == (context.task, context.stopped)
        return [context.job_id, context.attempt, context.params, context.parents, context.cancelled]

    outcome = run(load, job_id=7, attempt=2, max_attempts=2, params={"a": 1}, parents={"extract": 5})
    assert outcome.result == '[7, 2, {"a": 1}, {"extract": 5}, false]'
    assert repr(current) == "<no current run>"


def test_what_a_function_activates_ends_with_it(run: Any) -> None:
    run(lambda: translation.activate("de"))
    assert translation.get_language() != "de"


def test_the_name_may_stand_in_the_code(run: Any) -> None:
    load = task(lambda: 1)
    assert run(load.function, target="", code=f" {load.name}\n").result == "1"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"total": Decimal(1)}, "The result of 'load' is not JSON: it holds a Decimal."),
        ([{1, 2}], "The result of 'load' is not JSON: it holds a set."),
        ({("a", 1): 2}, "The result of 'load' is not JSON: keys must be str, int, float, bool or None"),
        (float("nan"), "The result of 'load' is not JSON: Out of range float values are not JSON compliant"),
        ("a\x00", "The result of 'load' can't be stored: it holds a NUL character."),
        ("x" * 999, "The result of 'load' is too large (1,001 bytes, the limit is 1,000 bytes): "),
    ],
)
def test_a_result_that_can_not_be_kept_is_told_in_one_sentence(run: Any, value: Any, words: str) -> None:
    output = Recorder()
    outcome = run(lambda: value, output=output)
    assert (outcome.status, outcome.result) == (Status.FAILED, None)
    assert outcome.error.startswith(words)
    assert output.stderr == ""


def test_an_exception_is_the_error_and_the_traceback_is_the_functions_own(run: Any) -> None:
    def load() -> None:
        raise ValueError("no such day")

    output = Recorder()
    outcome = run(load, output=output, max_attempts=2)
    assert (outcome.status, outcome.error) == (Status.SCHEDULED, "ValueError: no such day")
    assert [line.split('"')[1] for line in output.stderr.splitlines() if "File" in line] == [__file__]
    assert output.stderr.endswith("ValueError: no such day\n")


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (Skip("nothing new"), Outcome(status=Status.SKIPPED, reason="nothing new")),
        (Retry("busy", after=60), Outcome(status=Status.SCHEDULED, error="busy", delay=60.0)),
        (Fail("bad file"), Outcome(status=Status.FAILED, error="bad file")),
    ],
)
def test_a_function_may_raise_its_end(run: Any, error: Exception, outcome: Outcome, is_async: bool) -> None:
    def load() -> None:
        raise error

    async def fetch() -> None:
        raise error

    output = Recorder()
    assert run(fetch if is_async else load, max_attempts=2, output=output) == outcome
    assert output.stderr == ""


def test_sys_exit_fails_the_task_and_nothing_else(run: Any) -> None:
    async def leave() -> None:
        sys.exit(3)

    assert run(lambda: sys.exit(3)).error == "SystemExit: 3"
    assert run(leave).error == "RuntimeError: SystemExit: 3"
    assert run(leave).status == Status.FAILED  # the loop is still there


def test_a_function_that_wants_more_than_its_run_is_told_so(run: Any) -> None:
    def load(day: str) -> None: ...

    assert run(load).error.endswith("load() missing 1 required positional argument: 'day'")


def test_an_unknown_function_is_told_in_one_sentence(run: Any) -> None:
    output = Recorder()
    outcome = run(lambda: None, target="no_such_module.load", output=output)
    assert outcome.status == Status.FAILED
    assert outcome.error.startswith("No task is named 'no_such_module.load'")
    assert output.stderr == ""


def test_connections_are_looked_after_around_every_sync_function(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[Any] = []

    class Found:
        def __init__(self) -> None:
            events.append(threading.get_ident())

        def put_back(self) -> list[str]:
            events.append(threading.get_ident())
            return []

        def cut(self) -> None:
            """Nobody abandons the function."""

    monkeypatch.setattr(callables, "ThreadConnections", Found)
    run(lambda: events.append("called"))
    assert events == [threading.get_ident(), "called", threading.get_ident()]


# Async


def test_many_async_functions_run_at_once_in_one_thread(executor: Executor) -> None:
    many = 1000
    meet, threads = asyncio.Barrier(many), set()

    async def fetch(context: Context) -> int:
        await meet.wait()
        threads.add(threading.current_thread())
        assert current.jobtask_id == context.jobtask_id
        return context.jobtask_id

    done: Future[None] = Future()
    results: list[str | None] = []

    def report(outcome: Outcome) -> None:
        results.append(outcome.result)
        if len(results) == many:
            done.set_result(None)

    for n in range(many):
        executor.begin(a_call(fetch, id=n), Recorder(), Stop(), report, nowhere)
    done.result(DEADLINE)
    assert sorted(int(result or -1) for result in results) == list(range(many))
    assert len(threads) == 1


def test_an_async_function_fails_with_a_traceback_of_its_own(run: Any) -> None:
    async def fetch() -> None:
        raise ValueError("no such page")

    output = Recorder()
    outcome = run(fetch, output=output)
    assert (outcome.status, outcome.error) == (Status.FAILED, "ValueError: no such page")
    assert [line.split('"')[1] for line in output.stderr.splitlines() if "File" in line] == [__file__]


def test_the_database_calls_of_an_async_function_have_connections_of_their_own(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[int] = []

    def close_all() -> list[str]:
        closed.append(threading.get_ident())
        return []

    async def fetch() -> list[int]:
        return [await sync_to_async(threading.get_ident)(), await sync_to_async(threading.get_ident)()]

    async def idle() -> None: ...

    monkeypatch.setattr(callables, "close_all", close_all)
    run(idle)
    assert closed == []
    assert run(fetch).result == str(closed * 2)
    assert threading.get_ident() not in closed


def test_an_async_function_that_cancels_itself_has_failed(run: Any) -> None:
    async def fetch() -> None:
        raise asyncio.CancelledError

    assert run(fetch).status == Status.FAILED
