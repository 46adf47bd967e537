"""A service: something that ticks until it is told to stop, and outlives a database that goes away.

A service that can't go on ends with exit code 1, for a supervisor to start another one: a thread of it is dead, one
error follows the other, or its loop stands still, which the watchdog sees.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterable
from queue import Empty, SimpleQueue
from types import FrameType
from typing import Any

from pgprocess.text import first_line

logger = logging.getLogger("pgprocess")

EXAMINE_EVERY = 0.5
"""Seconds between two looks whether the service can go on."""
MOST_FAULTS, PEACE = 10, 60.0
"""A service gives up after so many errors that are not the database's, with less than so many seconds between two."""


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
        self.failures = self.faults = 0
        self.fault_at = float("-inf")
        self.has_ticked = False
        self.examined_at = float("-inf")
        self.exit_code = 0
        self.thread: threading.Thread | None = None
        self.busy_since: float | None = None
        """Since when the loop has been doing what it does now (of :func:`time.monotonic`); None: it waits."""

    @property
    def stopping(self) -> bool:
        """Whether the service was told to stop."""
        return self.stops > 0

    def run(self) -> None:
        """Run until stopped. After trouble with the database, or an error, connect anew, with a growing pause.

        Raises what it meets before it has ticked once, other than trouble with the database.
        """
        self.thread, watchdog = threading.current_thread(), Watchdog(self)
        watchdog.start()
        try:
            while True:
                try:
                    self.connect()
                    self.loop()
                    break
                except self.trouble as error:
                    if self.pause_after(error, "has trouble with the database"):
                        break
                except Exception as error:
                    if not self.has_ticked:  # it never worked: a setting, say
                        raise
                    logger.exception("%s met an error that is none of the database's.", self.name)
                    if self.is_one_too_many() or self.pause_after(error, "begins anew"):
                        break
        finally:
            self.busy_since = time.monotonic()
            self.finish()
            watchdog.stop()

    def loop(self) -> None:
        """Tick, wait, take in events; until there is nothing to wait for."""
        while True:
            self.busy_since = now = time.monotonic()
            if now - self.examined_at >= EXAMINE_EVERY:
                self.examined_at = now
                self.stop_if_crippled()
            if (timeout := self.tick()) is None:
                return
            self.failures, self.has_ticked = 0, True
            self.busy_since = None
            try:
                event = self.inbox.get(timeout=timeout)
                self.busy_since = time.monotonic()
                self.on_event(*event)
                while True:
                    self.on_event(*self.inbox.get_nowait())
            except Empty:
                pass

    def pause_after(self, error: Exception, what: str) -> bool:
        """Say what the trouble is and wait before the next try; tell instead whether none is worth it."""
        self.busy_since = None
        pause = self.TRY_AGAIN_AFTER[min(self.failures, len(self.TRY_AGAIN_AFTER) - 1)]
        self.failures += 1
        logger.warning("%s %s (%s); again in %s s.", self.name, what, first_line(error), pause)
        if self.gives_up():
            return True
        threading.Event().wait(pause)
        return False

    def is_one_too_many(self) -> bool:
        """Count an error that is not the database's; tell whether there were too many, so that the service gives up."""
        now = time.monotonic()
        self.faults = 1 if now - self.fault_at > PEACE else self.faults + 1
        self.fault_at = now
        if self.faults < MOST_FAULTS:
            return False
        logger.error("%s gives up: one error followed the other.", self.name)
        self.exit_code = 1
        return True

    def stop_if_crippled(self) -> None:
        """Stop, with exit code 1, where the service only seems to live: a supervisor starts another one."""
        if self.stopping or not (why := self.crippled()):
            return
        logger.error("%s can't go on: %s.", self.name, why)
        self.exit_code = 1
        self.stop()

    def crippled(self) -> str:
        """Return why the service can't do its work any more, whatever becomes of the database; empty: it can."""
        return next((f"its thread {thread.name} has ended" for thread in self.threads() if is_dead(thread)), "")

    def threads(self) -> Iterable[threading.Thread]:
        """Return the threads that the service can't do without, once they are started."""
        return ()

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

    def abandon(self) -> None:
        """Leave to others what the loop, which stands still, can't bring to its end. Thread: another one."""

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


def is_dead(thread: threading.Thread) -> bool:
    """Return whether the thread was started and has ended."""
    return thread.ident is not None and not thread.is_alive()


class Watchdog(threading.Thread):
    """Ends the process when a service's loop stands still; made and started in the loop's own thread.

    Counts looks, not seconds: a process that was frozen has stood still with all of its threads.
    """

    EVERY = 2.0
    """Seconds between two looks."""
    LOOKS = 75
    """How many looks in a row may find the loop at the same thing: longer than a pooler lets anybody wait (120 s)."""
    FAREWELL = 10.0
    """Seconds for what is left to say; even a log may be what holds everything up."""

    def __init__(self, service: Service) -> None:
        super().__init__(name="pgprocess-watchdog", daemon=True)
        self.service = service
        self.watched = threading.get_ident()
        self.over = threading.Event()

    def run(self) -> None:
        """Look until the service has ended, or stands still."""
        looks = 0
        at: float | None = None
        while not self.over.wait(self.EVERY):
            before, at = at, self.service.busy_since
            looks = looks + 1 if at is not None and at == before else 0
            if looks >= self.LOOKS:
                farewell = threading.Thread(target=self.say_farewell, name="pgprocess-farewell", daemon=True)
                farewell.start()
                farewell.join(self.FAREWELL)
                end_process(1)
                return

    def say_farewell(self) -> None:
        """Log where the loop stands, and leave to others what it was to do."""
        try:
            frame = sys._current_frames().get(self.watched)  # noqa: SLF001  the documented way
            where = "".join(traceback.format_stack(frame)) if frame else "unknown"
            seconds = self.EVERY * self.LOOKS
            logger.critical(
                "%s stands still for %g s and ends. Its loop is here:\n%s", self.service.name, seconds, where
            )
        finally:
            self.service.abandon()

    def stop(self) -> None:
        """Watch no more."""
        self.over.set()


def end_process(code: int) -> None:
    """End the process at once, whatever its threads are doing."""
    os._exit(code)
