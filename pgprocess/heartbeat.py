"""A worker's sign of life, from a thread and a connection of its own, so that no task can hold it up.

The answer tells which claims are still the worker's; what is missing was cancelled or taken away. The same
thread gives the tasks of other workers back when these were not seen for too long.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from uuid import UUID

from pgprocess.queue import ConnectionLost, Queue

logger = logging.getLogger("pgprocess")

EVERY = 5.0
LEASE = 30.0
MAX_CRASHES = 3


class Heartbeat(threading.Thread):
    """Beats every five seconds, and at once after :meth:`now`.

    ``beaten(since, owned)`` is told after each beat what was ours at some moment after ``since``
    (of :func:`time.monotonic`).
    """

    def __init__(self, alias: str, worker: int, beaten: Callable[[float, set[tuple[int, UUID]]], None]) -> None:
        super().__init__(name="pgprocess-heartbeat", daemon=True)
        self.alias = alias
        self.worker = worker
        self.beaten = beaten
        self.state = "running"
        self.stopping = False
        self.wanted = threading.Event()

    def run(self) -> None:
        """Beat until stopped; a lost connection is made again."""
        while not self.stopping:
            try:
                self.beat_on()
            except ConnectionLost as error:
                logger.warning("The heartbeat lost the database (%s).", str(error).strip())
                self.wanted.wait(1.0)

    def beat_on(self) -> None:
        """Beat over one connection until it is lost or we are stopped."""
        queue = Queue(self.alias)
        connected = time.monotonic()
        try:
            while not self.stopping:
                since = time.monotonic()
                self.beaten(since, queue.heartbeat(self.worker, self.state))
                # A connection younger than the lease may be the first after an outage, when all look dead.
                if since - connected > LEASE:
                    for task in queue.rescue(lease=LEASE, max_crashes=MAX_CRASHES):
                        logger.warning("Job task %s was lost with its worker; it is given back.", task)
                self.wanted.wait(EVERY)
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
