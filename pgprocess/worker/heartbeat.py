"""The heartbeat of a worker, from a thread and a connection of its own, so that no task can hold it up.

The answer tells which claims are still the worker's; a claim that is missing was cancelled or taken away. Where the
answer stays out for too long, the worker fences itself: others may run its tasks by then. The same thread gives the
tasks of other workers back when these workers are gone.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from pgprocess.maintenance.rescue import Rescuer
from pgprocess.postgres.connection import Database, DatabaseTrouble
from pgprocess.queue.queue import Beat, Identity, Queue
from pgprocess.text import first_line

logger = logging.getLogger("pgprocess")

EVERY = 2.0
"""Seconds between two heartbeats."""
RECONNECT_AFTER = 0.5
STUCK_AFTER = 10.0
"""Seconds at the same thing after which the worker's row says that its loop stands still."""


class Heartbeat(threading.Thread):
    """Beats every ``every`` seconds, and at once after :meth:`beat_now`.

    ``on_beat(since, beat)`` is called after each beat with what the database answered at some moment after ``since``
    (of :func:`time.monotonic`). ``state`` is the state that the worker's row shows.
    ``standing_since`` tells since when the worker's loop has been at the same thing, if it does not wait.
    """

    def __init__(
        self,
        database: Database,
        worker: int,
        identity: Identity,
        on_beat: Callable[[float, Beat], None],
        *,
        rescuer: Rescuer,
        standing_since: Callable[[], float | None] = lambda: None,
        every: float = EVERY,
    ) -> None:
        super().__init__(name="pgprocess-heartbeat", daemon=True)
        self.database = database
        self.worker = worker
        self.identity = identity
        self.on_beat = on_beat
        self.rescuer = rescuer
        self.standing_since = standing_since
        self.every = every
        self.state = "running"
        self.stopping = False
        self.warned_of: float | None = None
        self.wanted = threading.Event()

    def run(self) -> None:
        """Beat until stopped; make a lost connection again."""
        while not self.stopping:
            try:
                self.beat_until_lost()
            except DatabaseTrouble as error:
                logger.warning("The heartbeat lost the database (%s).", first_line(error))
            except Exception:
                logger.exception("The heartbeat failed; it begins again.")
            if not self.stopping:
                self.wanted.wait(RECONNECT_AFTER)
                self.wanted.clear()

    def beat_until_lost(self) -> None:
        """Beat over one connection until it is lost or the thread is stopped."""
        queue = Queue(self.database, name="pgprocess heartbeat")
        try:
            while not self.stopping:
                since = time.monotonic()
                beat = queue.heartbeat(self.worker, self.identity, self.state, stuck=self.stuck_for())
                self.on_beat(since, beat)
                self.rescue(queue, beat)
                self.wanted.wait(self.every)
                self.wanted.clear()
        finally:
            queue.close()

    def stuck_for(self) -> float | None:
        """Return for how many seconds the worker's loop has stood still; None while it turns."""
        since = self.standing_since()
        seconds = 0.0 if since is None else time.monotonic() - since
        if seconds <= STUCK_AFTER:
            return None
        if since != self.warned_of:
            self.warned_of = since
            logger.warning(
                "The worker's loop has waited %.0f s for the database, or stands still; "
                "is a pooler's pool smaller than what runs?",
                seconds,
            )
        return seconds

    def rescue(self, queue: Queue, beat: Beat) -> None:
        """Give tasks of other workers back; where somebody's lock is in the way, the next beat tries again."""
        try:
            self.rescuer.rescue(queue, suspicious=beat.others_silent)
        except DatabaseTrouble as error:
            if queue.is_lost:
                raise
            logger.warning("Tasks of lost workers can't be given back now (%s).", first_line(error))

    def beat_now(self) -> None:
        """Beat at once. Thread: any."""
        self.wanted.set()

    def stop(self) -> None:
        """End the thread after the present beat."""
        self.stopping = True
        self.wanted.set()
