"""Callables: sync ones in the caller's thread, async ones together on one loop; stopped as far as can be."""

from __future__ import annotations

import asyncio
import cProfile
import itertools
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from decimal import Decimal
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.utils import translation

from pgprocess import Context, Fail, Retry, Skip, current, registry, task
from pgprocess.execute import Executor
from pgprocess.outcome import Outcome
from pgprocess.runners import callable as callables
from pgprocess.runners.base import Run, Stop
from pgprocess.statuses import Status

DEADLINE = 30
GRACE = 0.1


class Recorder:
    """What a callable's attempt has as its output."""

    def __init__(self) -> None:
        self.stderr = ""

    def write(self, stream: str, data: bytes) -> None:
        assert stream == "stderr"
        self.stderr += data.decode()


@pytest.fixture(autouse=True)
def nothing_is_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_functions", {})


@pytest.fixture
def executor() -> Iterator[Executor]:
    executor = Executor(grace=GRACE, result_limit=1000)
    yield executor
    executor.close()


@pytest.fixture
def run(executor: Executor) -> Callable[..., Outcome]:
    """Run a function as a task; how it ended."""

    def run(function: Any, *, output: Any = None, stop: Any = None, **fields: Any) -> Outcome:
        return executor.run(a_run(function, **fields), output or Recorder(), stop or Stop())

    return run


@pytest.fixture
def start(executor: Executor) -> Callable[..., Future[Outcome]]:
    """Start a function as a task in another thread; its outcome, once it has one."""

    def start(function: Any, *, output: Any = None, stop: Any = None, **fields: Any) -> Future[Outcome]:
        done: Future[Outcome] = Future()
        arguments = a_run(function, **fields), output or Recorder(), stop or Stop(), done.set_result
        threading.Thread(target=executor.start, args=arguments, daemon=True).start()
        return done

    return start


def a_run(function: Any, **fields: Any) -> Run:
    name = task(function).name
    return Run(**{"jobtask_id": 1, "task": "load", "kind": "callable", "target": name} | fields)


# Sync


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
    monkeypatch.setattr(callables, "close_old_connections", lambda: events.append(threading.get_ident()))
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

    assert not executor.blocks(a_run(fetch))
    for n in range(many):
        executor.start(a_run(fetch, jobtask_id=n), Recorder(), Stop(), report)
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

    class Connections:
        def close_all(self) -> None:
            closed.append(threading.get_ident())

    async def fetch() -> list[int]:
        return [await sync_to_async(threading.get_ident)(), await sync_to_async(threading.get_ident)()]

    async def idle() -> None: ...

    monkeypatch.setattr(callables, "connections", Connections())
    run(idle)
    assert closed == []
    assert run(fetch).result == str(closed * 2)
    assert threading.get_ident() not in closed


def test_an_async_function_that_cancels_itself_has_failed(run: Any) -> None:
    async def fetch() -> None:
        raise asyncio.CancelledError

    assert run(fetch).status == Status.FAILED


# Stopping


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
def test_a_sync_function_meets_an_exception(run: Any, reason: Any, status: Status) -> None:
    stop, output = Stop(), Recorder()
    outcome = run(stopping_itself(stop, reason), stop=stop, output=output)
    assert (outcome.status, outcome.error) == (status, "timed out" if reason == "timeout" else "")
    assert output.stderr.splitlines()[-1] == "pgprocess.runners.interrupt.Interrupted"
    assert "in load" in output.stderr


def test_a_sync_function_out_of_time_ends_and_tidies_up(run: Any) -> None:
    tidied: list[str] = []

    def load() -> None:
        try:
            for _ in itertools.count():
                pass
        except Exception:
            tidied.append("never")
        finally:
            tidied.append("files")

    outcome = run(load, timeout=0.05)
    assert outcome.reason == "timed out after 0.05 s; the only attempt is used up"
    assert tidied == ["files"]


def test_a_sync_function_that_a_person_cancels_may_end_by_itself(
    executor: Executor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executor._runners["callable"], "_grace", DEADLINE)
    stop, output = Stop(), Recorder()

    def load() -> None:
        assert not current.cancelled
        stop.request("cancelled")
        assert current.cancelled

    outcome = executor.run(a_run(load), output, stop)
    assert (outcome, output.stderr) == (Outcome(status=Status.CANCELLED, reason="cancelled"), "")


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
def test_an_async_function_is_cancelled_and_may_tidy_up(run: Any, reason: Any, status: Status) -> None:
    stop, tidied, output = Stop(), [], Recorder()

    async def fetch() -> None:
        try:
            stop.request(reason)
            await asyncio.Event().wait()
        finally:
            await asyncio.to_thread(tidied.append, current.cancelled)

    assert run(fetch, stop=stop, output=output).status == status
    assert tidied == [True]
    assert "in fetch" in output.stderr


def test_an_async_function_out_of_time_is_cancelled(run: Any) -> None:
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

    executor.start(a_run(fetch), Recorder(), Stop(), lambda outcome: None)
    assert inside.wait(DEADLINE)
    executor.close()
    assert ended.is_set()
