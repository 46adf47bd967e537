"""The rules are tested by raw SQL only, so that they hold for any client."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.builders.drawing import DrawnJob, Executes, draw, on_django


@pytest.fixture
def execute(db: None) -> Executes:
    """Execute a statement within the test's transaction."""
    return on_django()


@pytest.fixture
def a_process(execute: Executes) -> Callable[..., int]:
    """Draw a process: ``a_process("a -> b")``; its id."""

    def make(drawing: str, tasks: Mapping[str, Mapping[str, Any]] | None = None, name: str = "p") -> int:
        return draw(execute, drawing, tasks, name)

    return make


@pytest.fixture
def a_job(execute: Executes) -> Callable[..., DrawnJob]:
    """Start a run: ``a_job("a -> b", {"b": {"trigger_rule": "all_done"}})``."""

    def make(drawing: str | int, tasks: Mapping[str, Mapping[str, Any]] | None = None, **job: Any) -> DrawnJob:
        return DrawnJob(execute, drawing, tasks, **job)

    return make
