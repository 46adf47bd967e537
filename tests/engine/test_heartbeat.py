"""A worker's sign of life: what it tells the worker, and what it does for the tasks of the dead."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from types import SimpleNamespace
from typing import Any

import pytest

from pgprocess import heartbeat
from pgprocess.heartbeat import Heartbeat
from pgprocess.queue import Queue
from tests.drawing import Executes, Run
from tests.waiting import until

Beats = SimpleQueue[tuple[float, set[Any]]]


@pytest.fixture
def worker(queue: Queue) -> int:
    return queue.register(host="h", pid=1, queues=[], slots=4)


@pytest.fixture
def beat(queue: Queue) -> Iterator[Callable[[int], tuple[Heartbeat, Beats]]]:
    """Beat for a worker, in a thread; all have ended with the test."""
    started = []

    def start(worker: int) -> tuple[Heartbeat, Beats]:
        beats: Beats = SimpleQueue()
        beating = Heartbeat("default", worker, lambda *told: beats.put(told))
        beating.start()
        started.append(beating)
        return beating, beats

    yield start
    for beating in started:
        beating.stop()
    for beating in started:
        beating.join(20)
        assert not beating.is_alive()


def silent_for(execute: Executes, worker: int, seconds: int) -> None:
    execute(
        "UPDATE pgprocess_worker SET last_seen = now() - make_interval(secs => %s) WHERE id = %s", [seconds, worker]
    )


def test_a_beat_tells_what_is_still_ours(beat: Any, queue: Queue, worker: int, execute: Executes) -> None:
    run = Run(execute, "a, b")
    a, b = queue.claim(worker, [], 10)
    beating, beats = beat(worker)
    before = time.monotonic()
    assert beats.get(timeout=20)[1] == {(a.id, a.claim_token), (b.id, b.claim_token)}
    run.set("a", "cancelled")
    beating.now()
    since, owned = beats.get(timeout=20)
    assert owned == {(b.id, b.claim_token)}
    assert before <= since <= time.monotonic()


def test_a_beat_shows_in_the_worker_s_row(beat: Any, worker: int, execute: Executes) -> None:
    silent_for(execute, worker, 25)
    beating, beats = beat(worker)
    beats.get(timeout=20)
    assert execute("SELECT state, now() - last_seen < '20 s' FROM pgprocess_worker") == [("running", True)]
    beating.state = "stopping"
    beating.now()
    beats.get(timeout=20)
    assert execute("SELECT state FROM pgprocess_worker") == [("stopping",)]


def test_a_lost_connection_is_made_again(beat: Any, queue: Queue, worker: int, execute: Executes) -> None:
    beating, beats = beat(worker)
    beats.get(timeout=20)
    execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE application_name = 'pgprocess' AND datname = current_database() AND pid <> %s",
        [queue.connection.info.backend_pid],
    )
    beating.now()
    beats.get(timeout=20)


def test_no_task_can_hold_it_up(beat: Any, queue: Queue, worker: int, execute: Executes) -> None:
    Run(execute, "a")
    [claim] = queue.claim(worker, [], 10)
    with queue.transaction():  # the worker's own connection is busy, and holds the task's row
        queue.connection.execute("SELECT FROM pgprocess_jobtask FOR UPDATE")
        _, beats = beat(worker)
        assert beats.get(timeout=20)[1] == {(claim.id, claim.claim_token)}


@pytest.fixture
def time_flies(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than a lease passes between two looks at the clock."""
    clock = itertools.count(0.0, heartbeat.LEASE + 1)
    monkeypatch.setattr(heartbeat, "time", SimpleNamespace(monotonic=lambda: next(clock)))


def test_a_silent_worker_s_tasks_are_given_back_by_another(
    beat: Any, queue: Queue, worker: int, execute: Executes, time_flies: None
) -> None:
    run = Run(execute, "a")
    queue.claim(worker, [], 10)
    silent_for(execute, worker, 31)
    beat(queue.register(host="h", pid=2, queues=[], slots=4))
    until(execute, "EXISTS (SELECT FROM pgprocess_jobtask WHERE status = 'ready')")
    assert (run.get("a", "crashes"), run.get("a", "free_attempts")) == (1, 1)


def test_a_worker_that_was_seen_lately_keeps_its_tasks(
    beat: Any, queue: Queue, worker: int, execute: Executes, time_flies: None
) -> None:
    run = Run(execute, "a")
    queue.claim(worker, [], 10)
    silent_for(execute, worker, 20)
    beating, beats = beat(queue.register(host="h", pid=2, queues=[], slots=4))
    for _ in range(3):
        beats.get(timeout=20)
        beating.now()
    assert run.get("a") == "running"


def test_a_young_connection_gives_nothing_back_since_all_look_dead_after_an_outage(
    beat: Any, queue: Queue, worker: int, execute: Executes
) -> None:
    run = Run(execute, "a")
    queue.claim(worker, [], 10)
    silent_for(execute, worker, 31)
    beating, beats = beat(queue.register(host="h", pid=2, queues=[], slots=4))
    for _ in range(3):
        beats.get(timeout=20)
        beating.now()
    assert run.get("a") == "running"
