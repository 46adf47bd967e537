"""A service: something that ticks until it is told to stop, and outlives a database that goes away."""

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
    """Calls :meth:`tick` until :meth:`stop`; an event that is put into ``inbox`` meanwhile ends the wait.

    A subclass says what to do in ``connect``, ``tick``, ``on_event`` and ``finish``. Thread: all of these are called in
    the thread that calls :meth:`run`; ``inbox`` and :meth:`stop` are for any thread.
    """

    name = "service"
    trouble: type[Exception] = ConnectionError
    """What a database raises that is gone, or can't do now what it should. It is tried again until it can."""
    TRY_AGAIN_AFTER: tuple[float, ...] = (0.1, 0.5, 1.0, 2.0, 5.0)
    """Seconds between two tries; the last one repeats."""

    def __init__(self) -> None:
        self.inbox: SimpleQueue[tuple[Any, ...]] = SimpleQueue()
        self.stops = 0
        self.failures = 0

    @property
    def stopping(self) -> bool:
        """Whether the service was told to stop."""
        return self.stops > 0

    def run(self) -> None:
        """Run until stopped. After trouble with the database connect anew, with a growing pause."""
        try:
            while True:
                try:
                    self.connect()
                    self.loop()
                    break
                except self.trouble as error:
                    if self.pause_after(error):
                        break
        finally:
            self.finish()

    def loop(self) -> None:
        """Tick, wait, take in events; until there is nothing to wait for."""
        while (timeout := self.tick()) is not None:
            self.failures = 0
            try:
                self.on_event(*self.inbox.get(timeout=timeout))
                while True:
                    self.on_event(*self.inbox.get_nowait())
            except Empty:
                pass

    def pause_after(self, error: Exception) -> bool:
        """Say what the trouble is and wait before the next try; tell instead whether none is worth it."""
        pause = self.TRY_AGAIN_AFTER[min(self.failures, len(self.TRY_AGAIN_AFTER) - 1)]
        self.failures += 1
        logger.warning("%s has trouble with the database (%s); again in %s s.", self.name, first_line(error), pause)
        if self.gives_up():
            return True
        threading.Event().wait(pause)
        return False

    def gives_up(self) -> bool:
        """Tell whether, in trouble with the database, nothing is worth another try."""
        return self.stopping

    def connect(self) -> None:
        """Connect to the database, anew after trouble."""

    def tick(self) -> float | None:
        """Do what there is to do. Return after how many seconds there may be more, or None to end."""
        raise NotImplementedError

    def on_event(self, event: str, *details: Any) -> None:
        """Take in one event from the inbox."""

    def finish(self) -> None:
        """Clean up, however the service ended."""

    def stop(self) -> None:
        """End soon: once politely, twice at once. Thread: any, or a signal's handler."""
        self.stops += 1
        self.inbox.put(("stop",))

    def stop_on_signals(self) -> None:
        """Stop on SIGTERM and SIGINT."""

        def handler(number: int, frame: FrameType | None) -> None:
            self.stop()

        signal.signal(signal.SIGTERM, handler)
        signal.signal(signal.SIGINT, handler)
