"""A database that is well, but for what a test does to it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pgprocess.doctor import Finding, examine
from tests.builders.drawing import Executes, on_django


@pytest.fixture
def execute(db: None) -> Executes:
    """Execute a statement within the test's transaction."""
    return on_django()


@pytest.fixture
def a_live_worker(execute: Executes) -> int:
    """A worker that was seen just now; its id."""
    [(worker,)] = execute("INSERT INTO pgprocess_worker (host, pid) VALUES ('h', 1) RETURNING id")
    return int(worker)


@pytest.fixture
def found(execute: Executes, a_live_worker: int) -> Callable[..., list[Finding]]:
    """What the doctor finds while one worker lives."""
    return lambda **options: list(examine("default", **options))


@pytest.fixture
def said(found: Callable[..., list[Finding]]) -> Callable[..., list[str]]:
    """What the doctor says while one worker lives: ``error: … [check]``."""

    def said(**options: bool) -> list[str]:
        return [f"{finding.severity}: {finding.sentence} [{finding.check}]" for finding in found(**options)]

    return said
