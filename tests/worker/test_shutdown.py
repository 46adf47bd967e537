"""How long tasks may go on after their worker was told to stop."""

from __future__ import annotations

import time

import pytest

from pgprocess.worker.shutdown import Shutdown


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_the_time_runs_from_the_first_word(clock: list[float]) -> None:
    shutdown = Shutdown(30, 5)
    assert shutdown.left(1) == 30
    clock[0] += 20
    assert shutdown.left(1) == 10
    assert not shutdown.gave_up


def test_a_second_word_ends_it_at_once(clock: list[float]) -> None:
    shutdown = Shutdown(30, 5)
    shutdown.left(1)
    clock[0] += 1
    assert shutdown.left(2) == 0
    assert shutdown.left(2) <= 0


def test_what_is_not_gone_after_its_grace_is_given_up(clock: list[float]) -> None:
    shutdown = Shutdown(30, 5)
    shutdown.left(1)
    clock[0] += 36.9
    assert not shutdown.gave_up
    clock[0] += 0.1
    assert shutdown.gave_up
