"""A worker that was taken for dead reports after all: its tasks are its own, or they were given back; never both."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.builders.drawing import DrawnJob, Executes, draw
from tests.builders.workers import Hands, bury
from tests.races.together import overtaken, together

SILENT = "UPDATE pgprocess_worker SET last_seen = now() - interval '31 s' WHERE id = %s"


def a_silent_worker(worker: Callable[[], Hands], execute: Executes) -> Hands:
    """A worker that has not been seen for longer than a lease."""
    hands = worker()
    execute(SILENT, [hands.id])
    return hands


def rescue(hands: Hands, max_crashes: int = 3) -> set[int]:
    return bury(hands.queue, max_crashes=max_crashes)


@pytest.mark.parametrize(("max_crashes", "ending"), [(3, "ready"), (0, "ready")], ids=["a loss", "a neighbour's loss"])
def test_a_task_is_completed_or_given_back(
    worker: Callable[[], Hands],
    execute: Executes,
    collisions: Callable[[], int],
    max_crashes: int,
    ending: str,
) -> None:
    process = draw(execute, "a -> c, b -> c")
    silent, rescuer = a_silent_worker(worker, execute), worker()
    for _ in range(20):
        runs = [DrawnJob(execute, process) for _ in range(4)]
        claims = {claim.id: claim for claim in silent.claim()}
        completed, rescued = together(partial(silent.complete, *claims.values()), partial(rescue, rescuer, max_crashes))
        assert completed | rescued == claims.keys()
        assert completed & rescued == set()
        statuses = dict(execute("SELECT id, status FROM pgprocess_jobtask WHERE id = ANY (%s)", [list(claims)]))
        assert statuses == dict.fromkeys(completed, "succeeded") | dict.fromkeys(rescued, ending)
        assert silent.complete(*claims.values()) == set()
        for run in runs:
            execute("UPDATE pgprocess_job SET status = 'cancelled' WHERE id = %s AND status = 'running'", [run.id])
    assert collisions() == 0


def test_two_rescuers_give_each_task_back_once(worker: Callable[[], Hands], execute: Executes) -> None:
    process = draw(execute, "a, b, c, d, e")
    silent, one, other = a_silent_worker(worker, execute), worker(), worker()
    for _ in range(20):
        run = DrawnJob(execute, process)
        claimed = {claim.id for claim in silent.claim()}
        first, second = together(partial(rescue, one), partial(rescue, other))
        assert (first | second, first & second) == (claimed, set())
        assert execute("SELECT DISTINCT status, crashes FROM pgprocess_jobtask WHERE job_id = %s", [run.id]) == [
            ("ready", 1)
        ]
        execute("UPDATE pgprocess_job SET status = 'cancelled' WHERE id = %s", [run.id])


def test_what_is_being_completed_is_passed_over_without_waiting(worker: Callable[[], Hands], execute: Executes) -> None:
    run = DrawnJob(execute, "a")
    silent, rescuer = a_silent_worker(worker, execute), worker()
    claims = silent.claim()
    with silent.queue.transaction():
        silent.complete(*claims)
        assert rescue(rescuer) == set()
    assert (run.get("a"), rescue(rescuer)) == ("succeeded", set())


def test_a_completion_waits_for_a_rescue_and_is_dropped(worker: Callable[[], Hands], execute: Executes) -> None:
    run = DrawnJob(execute, "a")
    silent, rescuer = a_silent_worker(worker, execute), worker()
    claims = silent.claim()
    rescued: list[Any] = []
    completed = overtaken(
        rescuer.connection,
        lambda: rescued.extend(rescue(rescuer)),
        lambda: silent.complete(*claims),
        execute,
    )
    assert (rescued, completed) == ([run.get("a", "id")], set())
    assert (run.get("a"), run.get("a", "crashes")) == ("ready", 1)


def test_a_task_that_was_given_back_and_claimed_anew_is_not_ended_by_its_first_worker(
    worker: Callable[[], Hands], execute: Executes
) -> None:
    run = DrawnJob(execute, "a")
    silent, rescuer = a_silent_worker(worker, execute), worker()
    old = silent.claim()
    rescue(rescuer)
    new = rescuer.claim()
    assert silent.complete(*old) == set()
    assert run.get("a") == "running"
    assert rescuer.complete(*new) == {run.get("a", "id")}
    assert (run.get("a"), run.get("a", "attempt"), run.job()) == ("succeeded", 2, "succeeded")
