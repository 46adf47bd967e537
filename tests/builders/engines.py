"""Fixtures for all tests: engines on the test's own database, over real connections: such a test is transactional."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pgprocess.cron.agenda import Agenda
from pgprocess.cron.cron import Cron
from pgprocess.postgres.connection import Database
from pgprocess.queue.queue import Queue
from tests.builders.drawing import Executes, on_connection
from tests.builders.workers import ME


@pytest.fixture
def execute(connect: Callable[..., Any]) -> Executes:
    """Execute on a connection of the test's own."""
    return on_connection(connect())


@pytest.fixture
def queues(transactional_db: None) -> Iterator[Callable[[], Queue]]:
    """Open Queues; they are closed at the end."""
    opened: list[Queue] = []

    def open_queue() -> Queue:
        opened.append(Queue(Database("default")))
        return opened[-1]

    yield open_queue
    for queue in opened:
        queue.close()


@pytest.fixture
def queue(queues: Callable[[], Queue]) -> Queue:
    """One Queue."""
    return queues()


@pytest.fixture
def worker(queue: Queue) -> int:
    """The id of a worker that is registered, and does nothing by itself."""
    return queue.register(ME)


@pytest.fixture
def agenda(transactional_db: None) -> Iterator[Agenda]:
    """An Agenda; it is closed at the end."""
    agenda = Agenda(Database("default"))
    yield agenda
    agenda.close()


@pytest.fixture
def cron(transactional_db: None) -> Iterator[Cron]:
    """A cron that only ticks when it is told to."""
    cron = Cron(Database("default", listen=False), poll_interval=5.0)
    cron.connect()
    yield cron
    cron.finish()
