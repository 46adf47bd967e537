"""Old jobs are deleted while others delete, reopen and complete: each goes whole and once, or stays whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from pgprocess.maintenance.prune import Gone, Old, prune
from pgprocess.maintenance.retention import OVER
from tests.builders.drawing import Executes, draw
from tests.builders.workers import Hands
from tests.races.together import Client, overtaken, together

OLD = Old(dict.fromkeys(OVER, timedelta(days=30)), batch=12)
ORPHANS = """
SELECT 'edge' FROM pgprocess_jobtaskdependency WHERE parent_id NOT IN (SELECT id FROM pgprocess_jobtask)
 UNION ALL SELECT 'edge' FROM pgprocess_jobtaskdependency WHERE child_id NOT IN (SELECT id FROM pgprocess_jobtask)
 UNION ALL SELECT 'piece' FROM pgprocess_logchunk WHERE jobtask_id NOT IN (SELECT id FROM pgprocess_jobtask)
"""
WHOLE = """
SELECT bool_and((SELECT count(*) FROM pgprocess_jobtask WHERE job_id = job.id) = 4) FROM pgprocess_job AS job
"""


@pytest.fixture
def histories(execute: Executes) -> Callable[[int], list[int]]:
    """So many jobs of four tasks that ended long ago, each with a piece of log; the ids of their roots."""
    process = draw(execute, "a -> b -> c -> d")

    def histories(number: int) -> list[int]:
        execute("INSERT INTO pgprocess_job (process_id) SELECT %s FROM generate_series(1, %s)", [process, number])
        execute("UPDATE pgprocess_job SET status = 'cancelled' WHERE status = 'running'")
        execute("UPDATE pgprocess_job SET finished_at = now() - interval '40 days'")
        execute(
            "INSERT INTO pgprocess_logchunk (jobtask_id, attempt, seq, stream, text) "
            "SELECT id, 1, 1, 'stdout', 'x' FROM pgprocess_jobtask WHERE parents_total = 0 ON CONFLICT DO NOTHING"
        )
        return [row[0] for row in execute("SELECT id FROM pgprocess_jobtask WHERE parents_total = 0 ORDER BY id")]

    return histories


def pruned(hands: Hands) -> Gone:
    return sum(prune(hands.queue, OLD), Gone())


def reopen(person: Client, roots: list[int]) -> None:
    for root in roots:
        person.set("ready", root)


def test_two_who_prune_delete_everything_once_between_them(
    worker: Callable[[], Hands], execute: Executes, histories: Callable[[int], list[int]]
) -> None:
    one, other = worker(), worker()
    for _ in range(10):
        histories(20)
        first, second = together(partial(pruned, one), partial(pruned, other))
        # What both were at, both may have left: the next pass takes it.
        assert first + second + pruned(one) == Gone(20, 80, 20)
        assert execute(ORPHANS) == []


def test_a_job_is_pruned_or_reopened_and_never_half_of_each(
    worker: Callable[[], Hands],
    client: Callable[[], Client],
    execute: Executes,
    histories: Callable[[int], list[int]],
) -> None:
    hands, person = worker(), client()
    for _ in range(10):
        roots = histories(20)
        gone, _ = together(partial(pruned, hands), partial(reopen, person, [*reversed(roots)]))
        assert execute(WHOLE) in ([(True,)], [(None,)])
        assert execute("SELECT count(*) FROM pgprocess_job") == [(20 - gone.jobs,)]
        assert execute(ORPHANS) == []
        execute("UPDATE pgprocess_job SET status = 'cancelled' WHERE status = 'running'")
        execute("UPDATE pgprocess_job SET finished_at = now() - interval '40 days'")
        pruned(hands)
    assert person.deadlocks == 0


def test_who_reopens_what_is_being_pruned_finds_nothing(
    worker: Callable[[], Hands],
    client: Callable[[], Client],
    execute: Executes,
    histories: Callable[[int], list[int]],
) -> None:
    hands, person = worker(), client()
    [root] = histories(1)
    reopened = overtaken(hands.connection, lambda: pruned(hands), lambda: person.set("ready", root), watch=execute)
    assert reopened == 0
    assert execute("SELECT count(*) FROM pgprocess_jobtask") == [(0,)]
