"""An async callable that keeps its event loop for itself harms itself alone."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from pgprocess.registry import task
from pgprocess.runners import event_loops
from tests.builders.background import Background, call, worker
from tests.builders.drawing import DrawnJob, Executes, draw
from tests.builders.waiting import until

BLOCKED, RELEASE = threading.Event(), threading.Event()
WAITING = threading.Semaphore(0)
RUNS: list[int] = []


@pytest.fixture(autouse=True)
def gates(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Look often whether loops answer; release whatever blocks one in the end."""
    monkeypatch.setattr(event_loops, "LOOK_EVERY", 0.1)
    BLOCKED.clear()
    RELEASE.clear()
    RUNS.clear()
    yield
    RELEASE.set()


@task("test.blocks")
async def blocks() -> None:
    """Block the event loop until released, as a driver that is not async does."""
    BLOCKED.set()
    RELEASE.wait(30)


@task("test.blocks_aside")
async def blocks_aside() -> None:
    """Block the event loop in a task of its own."""
    await asyncio.create_task(blocks.function())


@task("test.sleeps")
async def sleeps() -> None:
    """Wait a moment the first time, when somebody blocks the loop meanwhile; end at once the second time."""
    RUNS.append(1)
    if len(RUNS) == 1:
        WAITING.release()
        await asyncio.to_thread(BLOCKED.wait, 20)
        await asyncio.sleep(0.2)


@task("test.async_quick")
async def async_quick() -> None:
    """End at once."""


def job(execute: Executes, target: str, name: str = "p", **more: object) -> DrawnJob:
    return DrawnJob(execute, draw(execute, "a", {"a": call(target, **more)}, name=name))


def succeeds(execute: Executes, run: DrawnJob) -> None:
    until(execute, "EXISTS (SELECT FROM pgprocess_job WHERE id = %s AND status = 'succeeded')", [run.id])


@pytest.mark.parametrize("how", ["test.blocks", "test.blocks_aside"])
def test_what_follows_runs_on_another_loop(execute: Executes, caplog: pytest.LogCaptureFixture, how: str) -> None:
    with Background(concurrency=4):
        blocker = job(execute, how)
        assert BLOCKED.wait(20)
        for name in ("x", "y", "z"):
            succeeds(execute, job(execute, "test.async_quick", name, timeout=60))
        assert blocker.get("a") == "running"
        RELEASE.set()
        succeeds(execute, blocker)
    assert "Task a blocks its event loop, at " in caplog.text


def test_what_was_claimed_together_with_a_blocker_runs_too(execute: Executes) -> None:
    tasks = {name: call("test.async_quick") for name in "bcdef"}
    run = DrawnJob(execute, "a, b, c, d, e, f", {"a": call("test.blocks", priority=5), **tasks})
    with Background(concurrency=8):
        until(execute, "(SELECT count(*) = 5 FROM pgprocess_jobtask WHERE status = 'succeeded')")
        assert run.get("a") == "running"
        RELEASE.set()


def test_a_neighbour_that_was_out_of_time_meanwhile_is_given_back_and_no_try_is_used(execute: Executes) -> None:
    with Background(concurrency=4, kill_grace=0.2):
        neighbour = job(execute, "test.sleeps", "neighbour", timeout=0.5, max_attempts=1)
        assert WAITING.acquire(timeout=20)
        blocker = job(execute, "test.blocks", "blocker")
        succeeds(execute, neighbour)
        assert blocker.get("a") == "running"
        RELEASE.set()
        succeeds(execute, blocker)
    assert execute("SELECT reason FROM pgprocess_attempt") == [("given back: another task blocked its event loop",)]


def test_a_blocker_that_is_abandoned_gives_up_its_loop_but_not_its_neighbours(execute: Executes) -> None:
    with Background(concurrency=4, kill_grace=0.2):
        neighbour = job(execute, "test.sleeps", "neighbour", max_attempts=1)
        assert WAITING.acquire(timeout=20)
        blocker = job(execute, "test.blocks", "blocker", timeout=0.5)
        succeeds(execute, neighbour)
        until(execute, "EXISTS (SELECT FROM pgprocess_job WHERE id = %s AND status = 'failed')", [blocker.id])
    assert blocker.get("a", "error").startswith("timed out after 0.5 s; it could not be stopped and was abandoned")


def test_neighbours_do_not_wait_for_ever_for_a_blocker_that_nothing_stops(
    execute: Executes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_loops, "PATIENCE", 0.5)
    with Background(concurrency=4):
        neighbour = job(execute, "test.sleeps", "neighbour", max_attempts=1)
        assert WAITING.acquire(timeout=20)
        blocker = job(execute, "test.blocks", "blocker")
        succeeds(execute, neighbour)
        assert blocker.get("a") == "running"
        RELEASE.set()
        succeeds(execute, blocker)


def test_a_worker_whose_loops_are_all_blocked_ends_for_another_to_begin(
    execute: Executes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_loops, "MOST_BLOCKED", 1)
    run = DrawnJob(execute, "a, b, c, d", {name: call("test.blocks", timeout=0.1) for name in "abcd"})
    used_up = worker(concurrency=1, kill_grace=0.1, shutdown_timeout=0.2, once=False)
    used_up.run()
    assert used_up.exit_code == 1
    assert {"failed", "ready"} >= set(run.statuses.values())
    assert "ready" in run.statuses.values()


@pytest.mark.parametrize("ending", [SystemExit, KeyboardInterrupt])
def test_a_side_task_or_callback_that_ends_the_interpreter_ends_no_loop(
    execute: Executes, ending: type[BaseException]
) -> None:
    def end() -> None:
        raise ending

    async def end_aside() -> None:
        end()

    @task("test.ends_all")
    async def ends_all() -> None:
        asyncio.get_running_loop().call_soon(end)
        aside = asyncio.create_task(end_aside())
        await asyncio.sleep(0.05)
        assert aside.done()

    with Background(concurrency=4):
        neighbour = job(execute, "test.sleeps", "neighbour")
        assert WAITING.acquire(timeout=20)
        poison = job(execute, "test.ends_all", "poison")
        until(execute, "EXISTS (SELECT FROM pgprocess_job WHERE id = %s AND status <> 'running')", [poison.id])
        BLOCKED.set()
        succeeds(execute, neighbour)
        succeeds(execute, job(execute, "test.async_quick", "later"))
