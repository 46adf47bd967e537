"""What can't go on ends, for a supervisor to begin it anew; what ran is given back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pgprocess import service, signals
from pgprocess.cron.cron import Cron
from pgprocess.doctor import examine, health
from pgprocess.postgres.connection import Database
from pgprocess.registry import task
from pgprocess.service import Service, Watchdog
from pgprocess.worker import heartbeat
from tests.builders.background import STARTED, Background, call, worker
from tests.builders.drawing import DrawnJob, Executes
from tests.builders.waiting import until


@task("test.watched")
def watched() -> None:
    """Do nothing."""


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], int]]:
    """Wait for the watchdog to end the process, which it does not; it looks often. Returns the exit code."""
    codes: list[int] = []
    ending = threading.Event()

    def end(code: int) -> None:
        codes.append(code)
        ending.set()

    def wait() -> int:
        assert ending.wait(20)
        return codes[0]

    monkeypatch.setattr(service, "end_process", end)
    monkeypatch.setattr(Watchdog, "EVERY", 0.05)
    monkeypatch.setattr(Watchdog, "LOOKS", 10)
    yield wait


def test_a_loop_that_stands_still_ends_the_process_and_what_ran_is_given_back(
    execute: Executes, ends: Callable[[], int], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run = DrawnJob(execute, "a", {"a": call("test.gated")})
    release = threading.Event()
    with Background(kill_grace=0.2) as stuck:
        STARTED.get(timeout=20)
        monkeypatch.setattr(stuck, "on_event", lambda *event: release.wait(30))
        stuck.inbox.put(("anything",))
        assert ends() == 1
        until(execute, "(SELECT state = 'stopped' FROM pgprocess_worker)")
        assert (run.get("a"), run.get("a", "reason")) == ("ready", "given back: its worker stood still")
        release.set()
    assert "worker stands still for 0.5 s and ends. Its loop is here:" in caplog.text
    assert "release.wait" in caplog.text


def test_the_doctor_and_the_health_probe_see_a_loop_that_stands_still(
    execute: Executes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "STUCK_AFTER", 0.1)
    release = threading.Event()
    with Background() as stuck:
        until(execute, "EXISTS (SELECT FROM pgprocess_worker)")
        assert not list(health("default"))
        monkeypatch.setattr(stuck, "on_event", lambda *event: release.wait(30))
        stuck.inbox.put(("anything",))
        deadline = time.monotonic() + 20
        while not execute("SELECT id FROM pgprocess_worker WHERE stuck_since IS NOT NULL"):
            assert time.monotonic() < deadline
            stuck.liveness.beat_now()
            time.sleep(0.05)
        assert [finding.check for finding in health("default")] == ["nobody_works"]
        assert "stuck_workers" in {finding.check for finding in examine("default")}
        release.set()
        monkeypatch.undo()
        until(execute, "EXISTS (SELECT FROM pgprocess_worker WHERE stuck_since IS NULL)")


def test_a_loop_that_is_slow_but_turns_is_left_alone(ends: Callable[[], int]) -> None:
    class Slow(Service):
        turns = 0

        def tick(self) -> float | None:
            self.turns += 1
            threading.Event().wait(0.2)
            return 0.0 if self.turns < 10 else None

    slow = Slow()
    slow.run()
    assert (slow.turns, slow.exit_code) == (10, 0)


def test_a_loop_that_waits_for_news_is_no_loop_that_stands_still(ends: Callable[[], int]) -> None:
    class Idle(Service):
        turns = 0

        def tick(self) -> float | None:
            self.turns += 1
            return 1.5 if self.turns < 2 else None

    idle = Idle()
    idle.run()
    assert idle.exit_code == 0


def test_one_error_that_is_not_the_database_s_ends_no_worker_and_loses_no_task(
    execute: Executes, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = DrawnJob(execute, "a -> b", {name: call("test.watched") for name in "ab"})
    once = worker()
    begin, faults = once.pool.begin, iter([ValueError("of another kind")])

    def begin_badly(*claimed: Any) -> None:
        for fault in faults:
            raise fault
        begin(*claimed)

    monkeypatch.setattr(once.pool, "begin", begin_badly)
    monkeypatch.setattr(once, "is_done", lambda now: run.job() != "running")
    once.has_ticked = True  # an error before it ever worked is for whoever starts it
    once.run()
    assert (once.exit_code, run.job()) == (0, "succeeded")


def test_one_error_after_the_other_ends_a_service_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(Service):
        TRY_AGAIN_AFTER = (0.0,)
        turns = 0

        def tick(self) -> float | None:
            self.turns += 1
            if self.turns == 1:
                return 0.0
            raise ValueError("again")

    broken = Broken()
    broken.run()
    assert (broken.turns, broken.exit_code) == (1 + service.MOST_FAULTS, 1)


@pytest.mark.parametrize("part", ["maintenance", "listener", "alerts"])
def test_a_cron_one_of_whose_threads_is_dead_ends_for_another_to_begin(transactional_db: None, part: str) -> None:
    cron = Cron(Database("default"), poll_interval=0.1)
    tick = cron.tick

    def lose_a_thread() -> float | None:
        getattr(cron, part).stop()
        return tick()

    cron.tick = lose_a_thread  # type: ignore[method-assign]
    cron.run()
    assert cron.exit_code == 1


@pytest.mark.parametrize("part", ["maintenance", "listener"])
def test_a_thread_of_a_cron_outlives_whatever_goes_wrong_in_it(transactional_db: None, part: str) -> None:
    cron = Cron(Database("default"), poll_interval=0.1)
    went_wrong, went_on = threading.Event(), threading.Event()
    thread = getattr(cron, part)
    name = {"maintenance": "maintain", "listener": "_listen"}[part]
    work = getattr(thread, name)

    def fail_once() -> None:
        if not went_wrong.is_set():
            went_wrong.set()
            raise ValueError("of another kind")
        went_on.set()
        work()

    setattr(thread, name, fail_once)
    running = threading.Thread(target=cron.run, daemon=True)
    running.start()
    assert went_on.wait(20)
    cron.stop()
    running.join(20)
    assert cron.exit_code == 0


def test_a_heartbeat_that_does_not_come_through_though_the_database_answers_ends_its_worker(execute: Executes) -> None:
    alone = worker(once=False)
    alone.connect()
    assert alone.liveness.heartbeat
    alone.liveness.heartbeat.on_beat = lambda *beat: None
    alone.liveness.beaten_at = float("-inf")
    alone.run()
    assert alone.exit_code == 1


def test_a_receiver_of_a_signal_that_ends_the_interpreter_ends_no_thread(execute: Executes) -> None:
    told: list[str] = []

    def leave(**_: Any) -> None:
        raise SystemExit

    def hear(task: str, **_: Any) -> None:
        told.append(task)

    signals.jobtask_succeeded.connect(hear)
    signals.jobtask_succeeded.connect(leave)
    try:
        DrawnJob(execute, "a -> b", {name: call("test.watched") for name in "ab"})
        worker().run()
    finally:
        signals.jobtask_succeeded.disconnect(leave)
        signals.jobtask_succeeded.disconnect(hear)
    assert told == ["a", "b"]
