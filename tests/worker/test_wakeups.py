"""Who looks first, and how long the rest leaves it to them."""

from __future__ import annotations

import random

import pytest

from pgprocess.worker.wakeups import FEW, RESERVE_AFTER, RESERVE_WITHIN, TURN, patience, turn


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
