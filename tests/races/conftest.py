"""Real connections, many at once; and after every test all counters are counted anew."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest

from pgprocess.sql import query
from tests.builders.drawing import Executes
from tests.builders.workers import Hands
from tests.races.together import Client


@pytest.fixture
def client(connect: Callable[..., psycopg.Connection[Any]]) -> Callable[[], Client]:
    """Somebody at psql."""
    return lambda: Client(connect())


@pytest.fixture
def worker(transactional_db: None) -> Iterator[Callable[[], Hands]]:
    """A worker; its connection is closed at the end."""
    with ExitStack() as opened:

        def register() -> Hands:
            hands = Hands()
            opened.callback(hands.queue.close)
            return hands

        yield register


@pytest.fixture(autouse=True)
def nothing_drifts(execute: Executes) -> Iterator[None]:
    """What the rules count is what is there, after every race."""
    yield
    assert execute(query("doctor/drift"), {"recent": None}) == []


@pytest.fixture
def collisions(caplog: pytest.LogCaptureFixture) -> Callable[[], int]:
    """How often a worker had to send a completion again."""
    caplog.set_level(logging.INFO, "pgprocess")
    return lambda: sum("collided" in record.getMessage() for record in caplog.records)
