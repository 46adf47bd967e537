"""A service ticks, handles events, outlives a lost database, and ends when it is told to."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pgprocess.service import Service

FOREVER = 60.0


class Lost(ConnectionError):
    """The database went away."""


class Recording(Service):
    """A service that records what happens to it; each tick does a step of a script and returns how long to wait."""

    name = "recorder"
    trouble = Lost
    TRY_AGAIN_AFTER = (0.0, 0.001, 0.002)

    def __init__(self, *script: Callable[[], float | None] | float | None) -> None:
        super().__init__()
        self.script = list(script)
        self.notes: list[Any] = []
        self.refusals = 0

    def connect(self) -> None:
        if self.refusals:
            self.refusals -= 1
            self.notes.append("refused")
            raise Lost("nobody there")
        self.notes.append("connected")

    def tick(self) -> float | None:
        self.notes.append("tick")
        step = self.script.pop(0) if self.script else None
        return step() if callable(step) else step

    def on_event(self, event: str, *details: Any) -> None:
        self.notes.append((event, *details))

    def finish(self) -> None:
        self.notes.append("finished")


def lose() -> float | None:
    raise Lost("cut\n")


def test_it_ticks_until_there_is_nothing_more_to_do() -> None:
    service = Recording(0.0, 0.0, None)
    service.run()
    assert service.notes == ["connected", "tick", "tick", "tick", "finished"]


def test_what_happens_ends_the_wait_and_is_heard_in_order_before_the_next_tick() -> None:
    service = Recording(FOREVER, None)
    for number in range(3):
        service.inbox.put(("event", number))
    service.run()
    assert service.notes[1:-1] == ["tick", ("event", 0), ("event", 1), ("event", 2), "tick"]


def test_what_happens_in_another_thread_ends_the_wait() -> None:
    service = Recording(FOREVER, None)
    thread = threading.Thread(target=service.run)
    thread.start()
    service.inbox.put(("event",))
    thread.join(20)
    assert not thread.is_alive()
    assert ("event",) in service.notes


def test_a_stop_ends_the_wait_and_is_counted() -> None:
    service = Recording(FOREVER, None)
    assert not service.stopping
    service.stop()
    service.stop()
    assert (service.stopping, service.stops) == (True, 2)
    service.run()
    assert service.notes.count(("stop",)) == 2


def test_a_lost_connection_is_made_again() -> None:
    service = Recording(lose, 0.0, lose, None)
    service.run()
    once = ["connected", "tick"]
    assert service.notes == [*once, *once, "tick", *once, "finished"]


def test_what_happened_while_the_database_was_away_is_heard_afterwards() -> None:
    service = Recording(lose, 0.0, None)
    service.inbox.put(("event",))
    service.run()
    assert service.notes == ["connected", "tick", "connected", "tick", ("event",), "tick", "finished"]


def test_the_pause_grows_to_its_longest(caplog: pytest.LogCaptureFixture) -> None:
    service = Recording(lose, None)
    service.refusals = 4
    service.run()
    assert service.notes == ["refused"] * 4 + ["connected", "tick", "connected", "tick", "finished"]
    assert [record.getMessage().rpartition("; ")[2] for record in caplog.records] == [
        "again in 0.0 s.",
        "again in 0.001 s.",
        "again in 0.002 s.",
        "again in 0.002 s.",
        "again in 0.002 s.",
    ]
    assert caplog.records[-1].getMessage().startswith("recorder has trouble with the database (cut); ")


def test_the_pause_is_short_again_after_a_tick_that_went_well(caplog: pytest.LogCaptureFixture) -> None:
    Recording(lose, lose, 0.0, lose, None).run()
    assert [record.getMessage().rpartition("; ")[2] for record in caplog.records] == [
        "again in 0.0 s.",
        "again in 0.001 s.",
        "again in 0.0 s.",
    ]


def test_told_to_stop_while_the_database_is_away_it_does_not_wait_for_it() -> None:
    service = Recording()
    service.refusals = 10**6
    service.stop()
    service.run()
    assert service.notes == ["refused", "finished"]


def test_any_other_error_ends_it_after_it_has_finished_if_it_never_worked() -> None:
    service = Recording(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        service.run()
    assert service.notes == ["connected", "tick", "finished"]


@pytest.fixture
def signals() -> Iterator[None]:
    """Restore the handlers of signals after the test."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it(signals: None, number: signal.Signals) -> None:
    def signalled() -> float:
        os.kill(os.getpid(), number)
        return FOREVER

    service = Recording(signalled, None)
    service.stop_on_signals()
    service.run()
    assert service.stops == 1
    assert ("stop",) in service.notes
