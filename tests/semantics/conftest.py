"""A duel is played in a transaction of its own, which the next one rolls back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.semantics.duel import Duel


@pytest.fixture
def start(connect: Callable[..., Any]) -> Callable[..., Duel]:
    """Begin a duel: ``start("a -> b", {"b": {"trigger_rule": "all_done"}})``."""
    connection = connect(autocommit=False)

    def start(drawing: str, tasks: Mapping[str, Mapping[str, Any]] | None = None) -> Duel:
        connection.rollback()
        return Duel(connection, drawing, tasks)

    return start
