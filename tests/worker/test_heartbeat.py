"""A worker's sign of life: what it tells the worker, and what it does for the tasks of the dead."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from typing import Any

import pytest

from pgprocess.maintenance import rescue
from pgprocess.maintenance.rescue import Rescuer
from pgprocess.postgres.connection import Database
from pgprocess.queue.claim import Demand
from pgprocess.queue.queue import Beat, Identity, Queue
from pgprocess.queue.selector import QueueSelector
from pgprocess.sql import query
from pgprocess.worker.heartbeat import Heartbeat
from tests.builders.drawing import DrawnJob, Executes
from tests.builders.waiting import until
from tests.builders.workers import ME

Beats = SimpleQueue[tuple[float, Beat]]


@pytest.fixture
def beat(queue: Queue) -> Iterator[Callable[[int], tuple[Heartbeat, Beats]]]:
    """Beat for a worker, in a thread; all have ended with the test."""
    started = []

    def start(worker: int) -> tuple[Heartbeat, Beats]:
        beats: Beats = SimpleQueue()
        beating = Heartbeat(
            Database("default"), worker, ME, lambda *told: beats.put(told), rescuer=Rescuer(), every=600.0
        )
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
    run = DrawnJob(execute, "a, b")
    a, b = queue.claim(Demand(worker, 10)).claims
    beating, beats = beat(worker)
    before = time.monotonic()
    assert beats.get(timeout=20)[1].owned == {(a.id, a.claim_token), (b.id, b.claim_token)}
    run.set("a", "cancelled")
    beating.beat_now()
    since, answer = beats.get(timeout=20)
    assert answer.owned == {(b.id, b.claim_token)}
    assert before <= since <= time.monotonic()


def test_a_beat_shows_in_the_worker_s_row(beat: Any, worker: int, execute: Executes) -> None:
    silent_for(execute, worker, 25)
    beating, beats = beat(worker)
    beats.get(timeout=20)
    assert execute("SELECT state, now() - last_seen < '20 s' FROM pgprocess_worker") == [("running", True)]
    beating.state = "stopping"
    beating.beat_now()
    beats.get(timeout=20)
    assert execute("SELECT state FROM pgprocess_worker") == [("stopping",)]


def test_a_lost_connection_is_made_again(beat: Any, queue: Queue, worker: int, execute: Executes) -> None:
    beating, beats = beat(worker)
    beats.get(timeout=20)
    execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE application_name = 'pgprocess heartbeat' AND datname = current_database()",
    )
    beating.beat_now()
    beats.get(timeout=20)


def test_no_task_can_hold_it_up(beat: Any, queue: Queue, worker: int, execute: Executes) -> None:
    DrawnJob(execute, "a")
    [claim] = queue.claim(Demand(worker, 10)).claims
    with queue.transaction():  # the worker's own connection is busy, and holds the task's row
        queue.connection.execute("SELECT FROM pgprocess_jobtask FOR UPDATE")
        _, beats = beat(worker)
        assert beats.get(timeout=20)[1].owned == {(claim.id, claim.claim_token)}


class Watch:
    """The clock of rescuers, set by the test."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    watch = Watch()
    monkeypatch.setattr(rescue, "time", watch)
    return watch


@pytest.fixture
def steady(queue: Queue, watch: Watch) -> Callable[..., Rescuer]:
    """A rescuer that has been in touch for so many seconds, over one connection or more."""

    def steady(seconds: float) -> Rescuer:
        rescuer = Rescuer()
        rescuer.rescue(queue)
        for _ in range(int(seconds / 2)):
            watch.now += 2.0
            rescuer.rescue(queue, suspicious=False)
        return rescuer

    return steady


def test_a_silent_worker_s_tasks_are_given_back_by_another(
    steady: Any, queue: Queue, worker: int, execute: Executes
) -> None:
    run = DrawnJob(execute, "a")
    queue.claim(Demand(worker, 10))
    silent_for(execute, worker, 31)
    steady(30).rescue(queue)
    assert (run.get("a"), run.get("a", "crashes"), run.get("a", "free_attempts")) == ("ready", 1, 1)
    assert execute("SELECT state FROM pgprocess_worker") == [("lost",)]


def test_a_worker_that_was_seen_lately_keeps_its_tasks(
    steady: Any, queue: Queue, worker: int, execute: Executes
) -> None:
    run = DrawnJob(execute, "a")
    queue.claim(Demand(worker, 10))
    rescuer = steady(60)
    silent_for(execute, worker, 20)
    rescuer.rescue(queue)
    assert run.get("a") == "running"


@pytest.mark.parametrize("jump", [300, 86_400, -300, -86_400], ids=str)
def test_a_clock_of_the_database_that_is_set_kills_nobody_and_hides_no_death(
    steady: Any, queue: Queue, worker: int, execute: Executes, watch: Watch, jump: int
) -> None:
    run = DrawnJob(execute, "a")
    queue.claim(Demand(worker, 10))
    rescuer = steady(60)
    for _ in range(30):  # the worker beats, and the clock is set anew each time
        silent_for(execute, worker, jump)
        watch.now += 2.0
        rescuer.rescue(queue)
        jump += 1
    assert run.get("a") == "running"
    for _ in range(15):  # the worker is silent
        watch.now += 2.0
        rescuer.rescue(queue)
    assert run.get("a") == "ready"


@pytest.mark.parametrize(("lease", "status"), [(8.0, "ready"), (60.0, "running")])
def test_each_worker_is_given_up_after_its_own_lease(
    steady: Any, queue: Queue, execute: Executes, lease: float, status: str
) -> None:
    run = DrawnJob(execute, "a")
    worker = queue.register(Identity("h", 1, 4, lease=lease))
    queue.claim(Demand(worker, 10))
    silent_for(execute, worker, 31)
    steady(8).rescue(queue)
    assert run.get("a") == status


def test_who_was_out_of_touch_gives_nothing_back_since_all_look_dead_after_an_outage(
    steady: Any, queue: Queue, worker: int, execute: Executes, watch: Watch
) -> None:
    run = DrawnJob(execute, "a")
    queue.claim(Demand(worker, 10))
    rescuer = steady(60)
    silent_for(execute, worker, 31)
    watch.now += rescue.GAP + 1
    rescuer.rescue(queue)
    assert run.get("a") == "running"
    for _ in range(16):
        watch.now += 2.0
        rescuer.rescue(queue)
    assert run.get("a") == "ready"


def test_a_worker_whose_session_has_ended_is_gone_at_once(
    steady: Any, queue: Queue, worker: int, execute: Executes, connect: Callable[..., Any]
) -> None:
    run = DrawnJob(execute, "a")
    queue.claim(Demand(worker, 10))
    session = connect()
    session.execute(query("queue/hold_session_lock"), {"worker": worker})
    silent_for(execute, worker, 4)
    rescuer = steady(4)
    rescuer.rescue(queue)
    assert run.get("a") == "running"
    session.close()
    ours = "locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    until(execute, f"NOT EXISTS (SELECT FROM pg_locks WHERE {ours})")
    rescuer.rescue(queue)
    assert run.get("a") == "ready"


def test_a_worker_that_lost_its_session_but_was_seen_just_now_lives(
    steady: Any, queue: Queue, worker: int, execute: Executes, connect: Callable[..., Any]
) -> None:
    run = DrawnJob(execute, "a")
    queue.claim(Demand(worker, 10))
    connect().execute(query("queue/hold_session_lock"), {"worker": worker}).connection.close()
    silent_for(execute, worker, 2)
    steady(60).rescue(queue)
    assert run.get("a") == "running"


def test_a_silent_worker_without_a_session_has_its_whole_lease(
    steady: Any, queue: Queue, worker: int, execute: Executes
) -> None:
    run = DrawnJob(execute, "a")
    queue.claim(Demand(worker, 10))
    silent_for(execute, worker, 4)
    steady(24).rescue(queue)
    assert run.get("a") == "running"


def test_a_beat_tells_that_others_are_silent(queue: Queue, worker: int, execute: Executes) -> None:
    other = queue.register(Identity("h", 2, 4))
    assert not queue.heartbeat(other, ME, "running").others_silent
    silent_for(execute, worker, 4)
    assert queue.heartbeat(other, ME, "running").others_silent
    assert not queue.heartbeat(worker, ME, "running").others_silent


def test_a_row_that_somebody_deleted_is_back_with_the_next_beat(queue: Queue, worker: int, execute: Executes) -> None:
    execute("DELETE FROM pgprocess_worker")
    queue.heartbeat(worker, Identity("h", 1, 4, QueueSelector(("a", "b"), ("c",))), "running")
    assert execute("SELECT id, host, pid, slots, queues, excluded_queues FROM pgprocess_worker") == [
        (worker, "h", 1, 4, "a,b", "c")
    ]
