"""Tasks that end at the same moment: no child is missed, none is readied twice, and nobody meets head-on."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import chain

import pytest

from tests.builders.drawing import DrawnJob, Executes, draw
from tests.builders.workers import Hands
from tests.races.together import Client, overtaken, together


def times_ready(execute: Executes) -> int:
    """How often any task ever became ready."""
    last: int
    [(last, called)] = execute("SELECT last_value, is_called FROM pgprocess_ready_seq")
    return last if called else last - 1


def test_a_child_of_parents_that_succeed_together_is_ready_exactly_once(
    client: Callable[[], Client], execute: Executes
) -> None:
    process = draw(execute, "a -> c, b -> c")
    one, other = client(), client()
    for _ in range(40):
        run = DrawnJob(execute, process)
        run.set("a b", "running")
        a, b, before = run.get("a", "id"), run.get("b", "id"), times_ready(execute)
        together(partial(one.set, "succeeded", a), partial(other.set, "succeeded", b))
        assert (run.get("c"), times_ready(execute) - before) == ("ready", 1)
    assert one.deadlocks + other.deadlocks == 0


def test_a_parent_that_succeeds_while_another_s_success_is_not_committed_readies_the_child(
    client: Callable[[], Client], execute: Executes
) -> None:
    run = DrawnJob(execute, "a -> c, b -> c")
    run.set("a b", "running")
    one, other = client(), client()
    overtaken(
        one.connection,
        lambda: one.set("succeeded", run.get("a", "id")),
        lambda: other.set("succeeded", run.get("b", "id")),
        execute,
    )
    assert run.statuses == {"a": "succeeded", "b": "succeeded", "c": "ready"}


def test_eight_parents_that_succeed_together_ready_their_child_exactly_once(
    client: Callable[[], Client], execute: Executes
) -> None:
    process = draw(execute, ", ".join(f"p{number} -> c" for number in range(8)))
    clients = [client() for _ in range(8)]
    for _ in range(10):
        run = DrawnJob(execute, process)
        names = [f"p{number}" for number in range(8)]
        run.set(" ".join(names), "running")
        ids, before = [run.get(name, "id") for name in names], times_ready(execute)
        together(*(partial(each.set, "succeeded", task) for each, task in zip(clients, ids, strict=True)))
        assert (run.get("c"), times_ready(execute) - before) == ("ready", 1)
    assert sum(each.deadlocks for each in clients) == 0


def test_parents_that_workers_complete_together_ready_their_child_exactly_once(
    worker: Callable[[], Hands], execute: Executes, collisions: Callable[[], int]
) -> None:
    process = draw(execute, "a -> c, b -> c")
    one, other = worker(), worker()
    for _ in range(40):
        run = DrawnJob(execute, process)
        [a], [b], before = one.claim(1), other.claim(1), times_ready(execute)
        assert together(partial(one.complete, a), partial(other.complete, b)) == [{a.id}, {b.id}]
        assert (run.get("c"), times_ready(execute) - before) == ("ready", 1)
        run.do("c")
    assert collisions() == 0


@pytest.mark.parametrize(
    ("trigger_rule", "endings", "child"),
    [
        ("all_succeeded", ("succeeded", "failed"), "upstream_failed"),
        ("all_succeeded", ("skipped", "succeeded"), "skipped"),
        ("one_succeeded", ("succeeded", "succeeded"), "ready"),
        ("one_failed", ("failed", "failed"), "ready"),
        ("all_done", ("failed", "skipped"), "ready"),
        ("none_failed_min_one_succeeded", ("skipped", "succeeded"), "ready"),
    ],
)
def test_parents_that_end_together_decide_their_child_once(
    client: Callable[[], Client], execute: Executes, trigger_rule: str, endings: tuple[str, str], child: str
) -> None:
    process = draw(execute, "a -> c, b -> c", {"c": {"trigger_rule": trigger_rule}})
    one, other = client(), client()
    for _ in range(10):
        run = DrawnJob(execute, process)
        run.set("a b", "running")
        a, b, before = run.get("a", "id"), run.get("b", "id"), times_ready(execute)
        together(partial(one.set, endings[0], a), partial(other.set, endings[1], b))
        assert (run.get("c"), times_ready(execute) - before) == (child, child == "ready")
    assert one.deadlocks + other.deadlocks == 0


def test_the_last_tasks_of_a_job_that_end_together_end_it(client: Callable[[], Client], execute: Executes) -> None:
    process = draw(execute, "a, b")
    one, other = client(), client()
    for endings, ending in [(("succeeded", "succeeded"), "succeeded"), (("succeeded", "failed"), "failed")] * 10:
        run = DrawnJob(execute, process)
        run.set("a b", "running")
        a, b = run.get("a", "id"), run.get("b", "id")
        together(partial(one.set, endings[0], a), partial(other.set, endings[1], b))
        assert (run.job(), run.job("tasks_left"), run.job("finished_at") is None) == (ending, 0, False)


LADDER = ", ".join(f"p{parent} -> c{child}" for parent in range(6) for child in range(3))
ODD, EVEN = ["p1", "p3", "p5"], ["p0", "p2", "p4"]


def crossing(process: int, execute: Executes) -> tuple[list[DrawnJob], list[int], list[int]]:
    """Two jobs, and two batches over both whose tasks share all children and come in opposite order."""
    runs = [DrawnJob(execute, process), DrawnJob(execute, process)]
    one = [run.get(name, "id") for run in runs for name in ODD]
    other = [run.get(name, "id") for run in reversed(runs) for name in reversed(EVEN)]
    return runs, one, other


def test_120_batches_of_siblings_in_opposite_order_never_deadlock(
    client: Callable[[], Client], execute: Executes
) -> None:
    process = draw(execute, LADDER)
    one, other = client(), client()
    for each in (one, other):
        each("SET enable_hashjoin = off")
        each("SET enable_mergejoin = off")
    for _ in range(60):
        runs, odd, even = crossing(process, execute)
        execute("UPDATE pgprocess_jobtask SET status = 'running' WHERE status = 'ready'")
        assert together(partial(one.set, "succeeded", *odd), partial(other.set, "succeeded", *even)) == [6, 6]
        for run in runs:
            assert [run.get(f"c{child}") for child in range(3)] == ["ready"] * 3
            run.do("c0 c1 c2")
    assert one.deadlocks + other.deadlocks == 0


def test_120_completions_of_siblings_in_opposite_order_never_collide(
    worker: Callable[[], Hands], execute: Executes, collisions: Callable[[], int]
) -> None:
    process = draw(execute, LADDER)
    one, other = worker(), worker()
    for _ in range(60):
        runs, odd, even = crossing(process, execute)
        claims = {claim.id: claim for claim in chain(one.claim(), other.claim())}
        accepted = together(
            partial(one.complete, *(claims[task] for task in odd)),
            partial(other.complete, *(claims[task] for task in even)),
        )
        assert accepted == [set(odd), set(even)]
        for run in runs:
            assert [run.get(f"c{child}") for child in range(3)] == ["ready"] * 3
            run.do("c0 c1 c2")
    assert collisions() == 0


def test_batches_over_two_jobs_take_them_in_one_order_whatever_their_own(
    client: Callable[[], Client], execute: Executes
) -> None:
    process = draw(execute, LADDER)
    one, other, holder = client(), client(), client()
    for _ in range(5):
        runs, odd, even = crossing(process, execute)
        execute("UPDATE pgprocess_jobtask SET status = 'running' WHERE status = 'ready'")
        # Each has what it could get while a third has the first job. Did one of them have the second, the
        # two would now wait for each other.
        overtaken(
            holder.connection,
            partial(holder, "SELECT FROM pgprocess_job WHERE id = %s FOR NO KEY UPDATE", [runs[0].id]),
            partial(together, partial(one.set, "succeeded", *odd), partial(other.set, "succeeded", *even)),
            execute,
            waiting=2,
        )
    assert one.deadlocks + other.deadlocks == 0
