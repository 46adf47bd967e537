"""A ready task is one worker's, whoever else claims or cancels at that moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from pgprocess.attempt import Claim
from pgprocess.exceptions import TransitionError
from pgprocess.models import Job
from tests.builders.drawing import DrawnJob, Executes, draw
from tests.builders.workers import Hands
from tests.races.together import Client, overtaken, together


def claim_all(worker: Hands, slots: int) -> list[Claim]:
    """Everything that this worker got, so many at once, until nothing was left."""
    mine: list[Claim] = []
    while claims := worker.claim(slots):
        assert len(claims) <= slots
        mine += claims
    return mine


@pytest.mark.parametrize(("workers", "slots"), [(2, 1), (2, 50), (8, 1), (8, 7)])
def test_no_task_is_claimed_twice_and_none_is_left(
    worker: Callable[[], Hands], execute: Executes, workers: int, slots: int
) -> None:
    process = draw(execute, "a, b, c, d", {"b": {"queue": "etl"}, "c": {"priority": 5}, "d": {"priority": -5}})
    execute("INSERT INTO pgprocess_job (process_id) SELECT %s FROM generate_series(1, 50)", [process])
    everybody = [worker() for _ in range(workers)]
    got = together(*(partial(claim_all, one, slots) for one in everybody))
    claimed = Counter(claim.id for claims in got for claim in claims)
    assert (len(claimed), set(claimed.values())) == (200, {1})
    for one, claims in zip(everybody, got, strict=True):
        assert one.owned() == {(claim.id, claim.claim_token) for claim in claims}
    assert execute("SELECT DISTINCT status, attempt FROM pgprocess_jobtask") == [("running", 1)]


def test_what_another_worker_is_claiming_is_passed_over_without_waiting(
    worker: Callable[[], Hands], execute: Executes
) -> None:
    DrawnJob(execute, "a, b, c")
    one, other = worker(), worker()
    with one.queue.transaction():
        assert [claim.task_name for claim in one.claim(2)] == ["a", "b"]
        assert [claim.task_name for claim in other.claim(2)] == ["c"]
        assert other.claim(2) == []


def work_off(worker: Hands, execute: Executes) -> list[int]:
    """Claim and complete until no job runs; what was completed."""
    done: list[int] = []
    while execute("SELECT EXISTS (SELECT FROM pgprocess_job WHERE status = 'running')") == [(True,)]:
        claims = worker.claim(3)
        done += worker.complete(*claims)
    return done


def test_workers_that_claim_and_complete_all_at_once_run_every_task_once(
    worker: Callable[[], Hands], client: Callable[[], Client], execute: Executes, collisions: Callable[[], int]
) -> None:
    process = draw(execute, "a -> b -> d, a -> c -> d, d -> e, a -> e")
    execute("INSERT INTO pgprocess_job (process_id) SELECT %s FROM generate_series(1, 12)", [process])
    done = together(*(partial(work_off, worker(), client()) for _ in range(4)))
    finished = Counter(task for tasks in done for task in tasks)
    assert (len(finished), set(finished.values())) == (60, {1})
    assert execute("SELECT DISTINCT status, attempt FROM pgprocess_jobtask") == [("succeeded", 1)]
    assert execute("SELECT DISTINCT status, tasks_left FROM pgprocess_job") == [("succeeded", 0)]
    assert collisions() == 0


CANCEL = "UPDATE pgprocess_job SET status = 'cancelled' WHERE id = %s AND status = 'running' RETURNING id"


def test_a_job_that_is_cancelled_while_its_tasks_are_claimed_leaves_nothing_running(
    worker: Callable[[], Hands], client: Callable[[], Client], execute: Executes
) -> None:
    process = draw(execute, ", ".join(f"a{number} -> b" for number in range(8)))
    hands, somebody = worker(), client()
    for _ in range(20):
        run = DrawnJob(execute, process)
        claims, cancelled = together(partial(hands.claim, 5), partial(somebody, CANCEL, [run.id]))
        assert cancelled == [(run.id,)]
        assert set(run.statuses.values()) == {"cancelled"}
        assert run.job() == "cancelled"
        assert hands.owned() == set()
        assert hands.complete(*claims) == set()
    assert somebody.deadlocks == 0


def test_a_claim_that_is_not_committed_when_its_job_is_cancelled_is_cancelled(
    worker: Callable[[], Hands], client: Callable[[], Client], execute: Executes
) -> None:
    run = DrawnJob(execute, "a -> b")
    hands, somebody = worker(), client()
    claims: list[Claim] = []
    overtaken(
        hands.connection,
        lambda: claims.extend(hands.claim()),
        lambda: somebody(CANCEL, [run.id]),
        execute,
    )
    assert run.statuses == {"a": "cancelled", "b": "cancelled"}
    assert hands.complete(*claims) == set()


def test_a_job_whose_cancelling_is_not_committed_is_not_claimed(
    worker: Callable[[], Hands], client: Callable[[], Client], execute: Executes
) -> None:
    run = DrawnJob(execute, "a, b")
    hands, somebody = worker(), client()
    with somebody.connection.transaction():
        somebody(CANCEL, [run.id])
        assert hands.claim() == []
    assert hands.claim() == []


def test_a_job_that_is_cancelled_while_a_task_completes_keeps_or_drops_that_completion(
    worker: Callable[[], Hands], client: Callable[[], Client], execute: Executes, collisions: Callable[[], int]
) -> None:
    process = draw(execute, "a -> b -> c")
    hands, somebody = worker(), client()
    for _ in range(30):
        run = DrawnJob(execute, process)
        claims = hands.claim()
        accepted, cancelled = together(partial(hands.complete, *claims), partial(somebody, CANCEL, [run.id]))
        assert cancelled == [(run.id,)]
        assert (run.get("a"), run.get("b"), run.job()) == (
            "succeeded" if accepted else "cancelled",
            "cancelled",
            "cancelled",
        )
    assert (somebody.deadlocks, collisions()) == (0, 0)


def cancel(job: Job) -> bool:
    """Whether it could still be cancelled."""
    try:
        job.cancel()
    except TransitionError:
        return False
    return True


def test_a_job_that_is_cancelled_while_its_last_task_completes_is_one_or_the_other(
    worker: Callable[[], Hands], execute: Executes, collisions: Callable[[], int]
) -> None:
    process = draw(execute, "a")
    hands = worker()
    for _ in range(30):
        run = DrawnJob(execute, process)
        claims, job = hands.claim(), Job.objects.get(pk=run.id)
        accepted, cancelled = together(partial(hands.complete, *claims), partial(cancel, job))
        assert bool(accepted) != cancelled
        assert run.get("a") == run.job() == job.status == ("cancelled" if cancelled else "succeeded")
    assert collisions() == 0


@pytest.mark.parametrize("first", ["completion", "cancel"])
def test_completion_and_cancel_wait_for_each_other(
    worker: Callable[[], Hands], client: Callable[[], Client], execute: Executes, first: str
) -> None:
    run = DrawnJob(execute, "a")
    hands, somebody = worker(), client()
    claims = hands.claim()
    actions: dict[str, tuple[Any, Callable[[], Any]]] = {
        "completion": (hands.connection, partial(hands.complete, *claims)),
        "cancel": (somebody.connection, partial(somebody, CANCEL, [run.id])),
    }
    [second] = actions.keys() - {first}
    assert not overtaken(*actions[first], actions[second][1], execute)
    assert run.job() == ("succeeded" if first == "completion" else "cancelled")
