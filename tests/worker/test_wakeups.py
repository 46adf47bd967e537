"""Who looks first, how long the rest leaves it to them, and when other workers are called."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import Any

import pytest

from pgprocess.queue.watermarks import Watermarks
from pgprocess.worker.wakeups import CALL_EVERY, FEW, RESERVE_AFTER, RESERVE_WITHIN, TURN, Calls, patience, turn
from tests.builders.background import worker


@pytest.fixture(autouse=True)
def seeded() -> None:
    random.seed(7)


@pytest.mark.parametrize("workers", [1, 2, FEW])
def test_a_few_all_look_at_once(workers: int) -> None:
    assert {patience(workers) for _ in range(1000)} == {0.0}


@pytest.mark.parametrize("workers", [20, 50, 1000])
def test_of_many_a_few_look_first_and_the_rest_within_a_quarter_of_a_second(workers: int) -> None:
    waits = [patience(workers) for _ in range(20_000)]
    first = sum(wait == 0.0 for wait in waits) / len(waits) * workers
    assert FEW * 0.5 < first < FEW * 1.5
    rest = [wait for wait in waits if wait]
    assert min(rest) >= RESERVE_AFTER
    assert max(rest) <= RESERVE_AFTER + RESERVE_WITHIN


def test_one_or_two_do_not_wait_for_a_turn() -> None:
    assert (turn(1), turn(2)) == (0.0, 0.0)


def test_the_few_follow_one_another() -> None:
    assert max(turn(1000) for _ in range(1000)) <= FEW * TURN
    assert max(turn(1000) for _ in range(1000)) > FEW * TURN / 2


@pytest.fixture
def calls() -> list[str]:
    return []


@pytest.fixture
def queue(calls: list[str]) -> Any:
    return SimpleNamespace(wake=lambda: calls.append("wake"), watermarks=Watermarks())


def test_others_are_called_at_once_and_then_not_too_often(queue: Any, calls: list[str]) -> None:
    others = Calls()
    others.plan()
    others.call_if_due(queue)
    others.plan()
    others.call_if_due(queue)
    assert len(calls) == 1
    others.called_at -= CALL_EVERY
    others.plan()
    others.call_if_due(queue)
    assert len(calls) == 2


def test_who_has_nothing_left_to_call_for_does_not(queue: Any, calls: list[str]) -> None:
    others = Calls()
    others.plan()
    others.cancel()
    others.call_if_due(queue)
    assert calls == []


def test_a_worker_whose_call_is_due_makes_it_and_waits_though_it_has_no_work(queue: Any, calls: list[str]) -> None:
    caller = worker(once=False)
    try:
        caller.may_have_work = False
        caller.poll_at = caller.promote_at = caller.look_at = float("inf")
        caller.calls.plan()
        assert caller.look(queue) == float("inf")
        assert calls == ["wake"]
    finally:
        caller.executor.close()
