"""When other workers are called."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from pgprocess.queue.watermarks import Lanes
from pgprocess.worker.wakeups import CALL_EVERY, Others
from tests.builders.background import worker


@pytest.fixture
def calls() -> list[str]:
    return []


@pytest.fixture
def queue(calls: list[str]) -> Any:
    return SimpleNamespace(wake=lambda: calls.append("wake"), overlooked=False, left_over=False, lanes=Lanes())


def test_they_are_called_at_once_and_then_not_too_often(queue: Any, calls: list[str]) -> None:
    others = Others()
    others.call()
    others.look(queue)
    others.call()
    others.look(queue)
    assert len(calls) == 1
    others.called_at -= CALL_EVERY
    others.call()
    others.look(queue)
    assert len(calls) == 2


def test_who_has_nothing_left_to_call_for_does_not(queue: Any, calls: list[str]) -> None:
    others = Others()
    others.call()
    others.spare()
    others.look(queue)
    assert calls == []


def test_a_worker_whose_call_is_due_makes_it_and_waits_though_it_has_no_work(queue: Any, calls: list[str]) -> None:
    caller = worker()
    try:
        caller.may_have_work, caller.once = False, False
        caller.poll_at = caller.promote_at = caller.look_at = float("inf")
        caller.others.call()
        assert caller.look(queue) == float("inf")
        assert calls == ["wake"]
    finally:
        caller.executor.close()
