"""Real connections, many at once; and after every test all counters are counted anew."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest

from pgprocess.attempt import Claim, Outcome
from pgprocess.postgres.connection import Database
from pgprocess.queue.claim import Demand, Report
from pgprocess.queue.queue import Identity, Queue
from pgprocess.sql import query
from pgprocess.statuses import Status
from tests.builders.drawing import Executes, on_connection
from tests.races.together import Client

ME = Identity("h", 1, 4)
SUCCEEDED = Outcome(status=Status.SUCCEEDED)


class Hands:
    """A worker without its loop: it claims and completes when it is told to."""

    def __init__(self) -> None:
        self.queue = Queue(Database("default"))
        self.connection = self.queue.connection
        self.connection.execute("SET deadlock_timeout = '20 ms'")
        self.id = self.queue.register(ME)

    def claim(self, slots: int = 100) -> list[Claim]:
        """Up to so many ready tasks are its own."""
        return self.queue.claim(Demand(self.id, slots)).claims

    def owned(self) -> set[tuple[int, Any]]:
        """It gives a sign of life: which claims are its own."""
        return self.queue.heartbeat(self.id, ME, "running").owned

    def complete(self, *claims: Claim, outcome: Outcome = SUCCEEDED) -> set[int]:
        """They ended so; which of them were still its own."""
        return self.queue.complete([Report(claim.id, claim.claim_token, outcome) for claim in claims]).accepted


@pytest.fixture
def execute(connect: Callable[..., psycopg.Connection[Any]]) -> Executes:
    """Execute on a connection of the test's own."""
    return on_connection(connect())


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
