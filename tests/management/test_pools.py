"""Pools in OPTIONS that are smaller than what a worker runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections

from pgprocess.management.pools import SPARE, widen_pools
from tests.builders.commands import ended
from tests.builders.drawing import DrawnJob, Executes


@pytest.fixture
def options(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """The OPTIONS of the default alias, as they were before once the test is over."""
    options = dict(connections["default"].settings_dict["OPTIONS"])
    monkeypatch.setitem(connections["default"].settings_dict, "OPTIONS", options)
    yield options


@pytest.mark.parametrize(
    ("pool", "size"),
    [
        (True, 8 + SPARE),
        ({"min_size": 2}, 8 + SPARE),
        ({"max_size": 5, "timeout": 3}, 8 + SPARE),
        ({"max_size": 100}, 100),
    ],
    ids=str,
)
def test_a_pool_has_room_for_every_task(options: dict[str, Any], pool: Any, size: int) -> None:
    options["pool"] = pool
    widen_pools(8)
    assert options["pool"]["max_size"] == size
    assert {**options["pool"], **(pool if pool is not True else {}), "max_size": size} == options["pool"]


def test_without_a_pool_nothing_changes(options: dict[str, Any]) -> None:
    before = dict(options)
    widen_pools(8)
    assert options == before


def test_tasks_that_hold_more_connections_than_the_pool_has_all_run(execute: Executes) -> None:
    names = "abcdefgh"
    task = {"kind": "sql", "code": "SELECT pg_sleep(0.3)"}
    run = DrawnJob(execute, ", ".join(names), dict.fromkeys(names, task))
    code, said = ended("pgprocess_worker", "--once", "--concurrency", "8", settings="tests.management.pooled")
    assert (code, set(run.statuses.values())) == (0, {"succeeded"}), said
    assert "8 tasks may run at once" in said
