"""What people do to tasks, from psql and from Python, while workers finish them and other people do the opposite."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

import psycopg
import pytest

from pgprocess.attempt import Outcome
from pgprocess.exceptions import TransitionError
from pgprocess.models import JobTask
from pgprocess.statuses import Status
from tests.builders.drawing import DrawnJob, Executes, Tasks, draw
from tests.builders.workers import Hands
from tests.races.together import Client, overtaken, together

Verb = Callable[[str, int], bool]

PSQL = {
    "retry": "UPDATE pgprocess_jobtask SET status = 'ready' WHERE id = %s AND status = 'failed' RETURNING id",
    "reopen": "UPDATE pgprocess_jobtask SET status = 'ready' WHERE id = %s RETURNING id",
}


@pytest.fixture(params=["psql", "python"])
def verb(request: pytest.FixtureRequest, client: Callable[[], Client]) -> Callable[[], Verb]:
    """Somebody who does something to a task, from psql or from Python; whether it applied."""

    def from_psql() -> Verb:
        somebody = client()
        return lambda what, jobtask: bool(somebody(PSQL[what], [jobtask]))

    def from_python() -> Verb:
        return said_in_python

    return from_psql if request.param == "psql" else from_python


def said_in_python(what: str, jobtask: int) -> bool:
    try:
        getattr(JobTask.objects.get(pk=jobtask), what)()
    except TransitionError:
        return False
    return True


# Against completions


def test_a_reopen_while_a_task_below_completes_sends_it_back_and_loses_no_count(
    verb: Callable[[], Verb], worker: Callable[[], Hands], execute: Executes, collisions: Callable[[], int]
) -> None:
    process = draw(execute, "a -> b -> c, a -> c")
    hands, somebody = worker(), verb()
    for _ in range(20):
        run = DrawnJob(execute, process)
        hands.complete(*hands.claim())
        claims, a = hands.claim(), run.get("a", "id")
        accepted, reopened = together(partial(hands.complete, *claims), partial(somebody, "reopen", a))
        assert reopened
        assert run.statuses == {"a": "ready", "b": "awaiting", "c": "awaiting"}
        assert (run.get("b", "attempt"), run.get("b", "finished_at"), run.job("tasks_left")) == (1, None, 3)
        [(kept,)] = execute(
            "SELECT status FROM pgprocess_attempt WHERE jobtask_id = %s AND number = 1", [run.get("b", "id")]
        )
        assert kept == ("succeeded" if accepted else "cancelled")
        run.set("a", "cancelled")
    assert collisions() == 0


def test_a_reopen_while_the_job_ends_leaves_a_job_that_runs(
    verb: Callable[[], Verb], worker: Callable[[], Hands], execute: Executes, collisions: Callable[[], int]
) -> None:
    process = draw(execute, "a, b")
    hands, somebody = worker(), verb()
    for _ in range(20):
        run = DrawnJob(execute, process)
        a, b = hands.claim()
        hands.complete(a)
        accepted, reopened = together(partial(hands.complete, b), partial(somebody, "reopen", a.id))
        assert (accepted, reopened) == ({b.id}, True)
        assert run.statuses == {"a": "ready", "b": "succeeded"}
        assert (run.job(), run.job("tasks_left"), run.job("finished_at")) == ("running", 1, None)
        run.set("a", "cancelled")
    assert collisions() == 0


def test_a_completion_waits_for_a_reopen_above_it_and_is_dropped(
    worker: Callable[[], Hands], client: Callable[[], Client], execute: Executes
) -> None:
    run = DrawnJob(execute, "a -> b")
    hands, somebody = worker(), client()
    hands.complete(*hands.claim())
    [claim] = hands.claim()
    accepted = overtaken(
        somebody.connection,
        lambda: somebody(PSQL["reopen"], [run.get("a", "id")]),
        lambda: hands.complete(claim),
        execute,
    )
    assert accepted == set()
    assert run.statuses == {"a": "ready", "b": "awaiting"}


def test_a_reopen_waits_for_a_completion_below_it_and_sends_it_back(
    worker: Callable[[], Hands], client: Callable[[], Client], execute: Executes
) -> None:
    run = DrawnJob(execute, "a -> b -> c")
    hands, somebody = worker(), client()
    hands.complete(*hands.claim())
    [claim] = hands.claim()
    overtaken(
        hands.connection,
        lambda: hands.complete(claim),
        lambda: somebody(PSQL["reopen"], [run.get("a", "id")]),
        execute,
    )
    assert run.statuses == {"a": "ready", "b": "awaiting", "c": "awaiting"}
    assert execute("SELECT status FROM pgprocess_attempt WHERE jobtask_id = %s", [claim.id]) == [("succeeded",)]


@pytest.mark.parametrize("what", ["force", "skip"])
def test_a_verb_that_waited_for_a_claim_says_that_it_does_not_apply(
    worker: Callable[[], Hands], execute: Executes, what: str
) -> None:
    run = DrawnJob(execute, "a")
    hands, a = worker(), run.get("a", "id")
    assert not overtaken(hands.connection, hands.claim, lambda: said_in_python(what, a), execute)
    assert run.get("a") == "running"


# Against each other


def failed_below(process: int, execute: Executes) -> DrawnJob:
    """A run whose first task succeeded, whose second failed, and whose third could not run."""
    run = DrawnJob(execute, process)
    run.do("p")
    run.do("c", "failed")
    assert run.statuses == {"c": "failed", "d": "upstream_failed", "p": "succeeded"}
    return run


def test_a_retry_while_a_task_above_is_reopened_waits_for_that_task(
    verb: Callable[[], Verb], execute: Executes
) -> None:
    process = draw(execute, "p -> c -> d")
    one, other = verb(), verb()
    for _ in range(20):
        run = failed_below(process, execute)
        p, c = run.get("p", "id"), run.get("c", "id")
        reopened, _ = together(partial(one, "reopen", p), partial(other, "retry", c))
        assert reopened
        assert run.statuses == {"p": "ready", "c": "awaiting", "d": "awaiting"}
        assert execute(
            "SELECT jobtask_id, number, status FROM pgprocess_attempt WHERE jobtask_id IN (%s, %s) ORDER BY 1",
            [p, c],
        ) == [(p, 1, "succeeded"), (c, 1, "failed")]


def test_two_retries_of_one_task_are_one(verb: Callable[[], Verb], execute: Executes) -> None:
    process = draw(execute, "p -> c -> d")
    one, other = verb(), verb()
    for _ in range(20):
        run = failed_below(process, execute)
        c = run.get("c", "id")
        assert sorted(together(partial(one, "retry", c), partial(other, "retry", c))) == [False, True]
        assert run.statuses == {"p": "succeeded", "c": "ready", "d": "awaiting"}


def test_reopening_two_tasks_of_one_job_together_sends_back_all_that_is_below(
    verb: Callable[[], Verb], execute: Executes
) -> None:
    process = draw(execute, "a -> c, b -> c, c -> d")
    one, other = verb(), verb()
    for _ in range(20):
        run = DrawnJob(execute, process)
        for names in ("a b", "c", "d"):
            run.do(names)
        a, b = run.get("a", "id"), run.get("b", "id")
        assert together(partial(one, "reopen", a), partial(other, "reopen", b)) == [True, True]
        assert run.statuses == {"a": "ready", "b": "ready", "c": "awaiting", "d": "awaiting"}


# Everything at once

MESS = "a -> c, b -> c, a -> d, c -> e, d -> e, d -> f, e -> g, f -> g, b -> h, h -> g"
RULES: Tasks = {"f": {"trigger_rule": "all_done"}, "h": {"trigger_rule": "one_failed"}, "d": {"max_attempts": 3}}
ENDINGS = [Status.SUCCEEDED] * 6 + [Status.FAILED, Status.SKIPPED, Status.READY]


def meddle(somebody: Client, jobs: list[int], chance: random.Random) -> None:
    """Somebody sets tasks and jobs to whatever comes to mind; the database refuses what it must."""
    for _ in range(40):
        job, name = chance.choice(jobs), chance.choice("abcdefgh")
        try:
            if chance.random() < 0.1:
                somebody("UPDATE pgprocess_job SET status = 'cancelled' WHERE id = %s", [job])
            else:
                somebody(
                    "UPDATE pgprocess_jobtask SET status = %s FROM pgprocess_task AS task "
                    "WHERE task.id = task_id AND job_id = %s AND task.name = %s",
                    [chance.choice(["ready", "forced", "skipped", "cancelled"]), job, name],
                )
        except psycopg.errors.CheckViolation:
            pass


def toil(hands: Hands, chance: random.Random) -> None:
    """A worker claims and completes, with good and bad endings."""
    for _ in range(60):
        for claim in hands.claim(2):
            hands.complete(claim, outcome=Outcome(status=chance.choice(ENDINGS)))


@pytest.mark.parametrize("seed", range(3))
def test_whatever_people_and_workers_do_at_once_every_job_comes_to_its_end(
    worker: Callable[[], Hands], client: Callable[[], Client], execute: Executes, seed: int
) -> None:
    process = draw(execute, MESS, RULES)
    runs = [DrawnJob(execute, process) for _ in range(3)]
    jobs = [run.id for run in runs]
    together(
        *(partial(toil, worker(), random.Random(seed * 10 + number)) for number in (1, 2)),
        *(partial(meddle, client(), jobs, random.Random(seed * 10 + number)) for number in (3, 4)),
    )
    last = worker()
    while claims := last.claim():
        last.complete(*claims)
    for run in runs:
        assert set(run.statuses.values()) <= {
            "succeeded",
            "forced",
            "failed",
            "upstream_failed",
            "skipped",
            "cancelled",
        }
        assert (run.job("tasks_left"), run.job("finished_at") is None, run.job() == "running") == (0, False, False)
    assert execute("SELECT count(*) FROM pgprocess_attempt GROUP BY jobtask_id, number HAVING count(*) > 1") == []
