"""A worker's sign of life, from a thread and a connection of its own, so that no task can hold it up.

The answer tells which claims are still the worker's; what is missing was cancelled or taken away. Where the
answer stays out for too long, the worker fences itself: others may run its tasks by then. The same thread gives
the tasks of other workers back when these are gone.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

import psycopg  # noqa: TID251  its name for what a lost connection raises

from pgprocess.maintenance.rescue import Rescuer
from pgprocess.queue.queue import Beat, Identity, Queue

logger = logging.getLogger("pgprocess")

EVERY = 2.0
"""Seconds between two signs of life."""
RECONNECT_AFTER = 0.5


class Heartbeat(threading.Thread):
    """Beats every ``every`` seconds, and at once after :meth:`now`.

    ``beaten(since, beat)`` is told after each what the database answered at some moment after ``since``
    (of :func:`time.monotonic`).
    """

    def __init__(
        self,
        alias: str,
        worker: int,
        identity: Identity,
        beaten: Callable[[float, Beat], None],
        *,
        rescuer: Rescuer,
        every: float = EVERY,
        pooled: bool = False,
    ) -> None:
        super().__init__(name="pgprocess-heartbeat", daemon=True)
        self.alias = alias
        self.worker = worker
        self.identity = identity
        self.beaten = beaten
        self.rescuer = rescuer
        self.every = every
        self.pooled = pooled
        self.state = "running"
        self.stopping = False
        self.wanted = threading.Event()

    def run(self) -> None:
        """Beat until stopped; a lost connection is made again."""
        while not self.stopping:
            try:
                self.beat_on()
            except psycopg.Error as error:
                logger.warning("The heartbeat lost the database (%s).", str(error).strip())
                self.wanted.wait(RECONNECT_AFTER)
                self.wanted.clear()

    def beat_on(self) -> None:
        """Beat over one connection until it is lost or we are stopped."""
        queue = Queue(self.alias, name="pgprocess heartbeat", pooled=self.pooled)
        try:
            while not self.stopping:
                since = time.monotonic()
                beat = queue.heartbeat(self.worker, self.identity, self.state)
                self.beaten(since, beat)
                self.rescuer.look(queue, suspicious=beat.others_silent)
                self.wanted.wait(self.every)
                self.wanted.clear()
        finally:
            queue.close()

    def now(self) -> None:
        """The next beat is at once."""
        self.wanted.set()

    def stop(self) -> None:
        """No more beats."""
        self.stopping = True
        self.wanted.set()
