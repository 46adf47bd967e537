"""A thing that runs for long: it ticks until it is told to stop, and outlives a database that goes away."""

from __future__ import annotations

import logging
import signal
import threading
from queue import Empty, SimpleQueue
from types import FrameType
from typing import Any

from pgprocess.text import first_line

logger = logging.getLogger("pgprocess")


class Service:
    """Calls :meth:`tick` until :meth:`stop`; what happens meanwhile arrives in ``inbox`` and ends the wait.

    A subclass says what to do in ``start``, ``tick`` (which returns how many seconds to wait at most, or None
    when there is nothing more to do), ``heard`` (one event from the inbox) and ``finish``.
    """

    name = "service"
    trouble: type[Exception] = ConnectionError
    """What a database raises that has gone, or can't do now what it should. It is tried again until it can."""
    TRY_AGAIN_AFTER = (0.1, 0.5, 1.0, 2.0, 5.0)

    def __init__(self) -> None:
        self.inbox: SimpleQueue[tuple[Any, ...]] = SimpleQueue()
        self.stops = 0
        self.failures = 0

    @property
    def stopping(self) -> bool:
        """Whether it was told to stop."""
        return self.stops > 0

    def run(self) -> None:
        """Run until stopped. After trouble with the database it connects anew, with a growing pause."""
        try:
            while True:
                try:
                    self.connect()
                    self.loop()
                    break
                except self.trouble as error:
                    pause = self.TRY_AGAIN_AFTER[min(self.failures, len(self.TRY_AGAIN_AFTER) - 1)]
                    self.failures += 1
                    words = first_line(error)
                    logger.warning("%s has trouble with the database (%s); again in %s s.", self.name, words, pause)
                    if self.gives_up():
                        break
                    threading.Event().wait(pause)
        finally:
            self.finish()

    def loop(self) -> None:
        """Tick, wait, take in what happened; until there is nothing to wait for."""
        while (timeout := self.tick()) is not None:
            self.failures = 0
            try:
                self.heard(*self.inbox.get(timeout=timeout))
                while True:
                    self.heard(*self.inbox.get_nowait())
            except Empty:
                pass

    def gives_up(self) -> bool:
        """Whether, in trouble with the database, nothing is worth another try."""
        return self.stopping

    def connect(self) -> None:
        """There is a database connection."""

    def tick(self) -> float | None:
        """Do what there is to do; how many seconds until there may be more, or None to end."""
        raise NotImplementedError

    def heard(self, event: str, *details: Any) -> None:
        """Something happened meanwhile."""

    def finish(self) -> None:
        """It has ended, one way or another."""

    def stop(self) -> None:
        """It ends soon: once politely, twice at once. From any thread, or a signal's handler."""
        self.stops += 1
        self.inbox.put(("stop",))

    def stop_on_signals(self) -> None:
        """SIGTERM and SIGINT stop it."""

        def handler(number: int, frame: FrameType | None) -> None:
            self.stop()

        signal.signal(signal.SIGTERM, handler)
        signal.signal(signal.SIGINT, handler)
