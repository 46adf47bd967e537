"""The maintenance that a cron does beside schedules, in another thread: tasks of dead workers are given back, and jobs
that are kept for long enough are deleted.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from datetime import timedelta

from pgprocess.maintenance.prune import prune_some, prune_workers
from pgprocess.maintenance.rescue import Rescuer
from pgprocess.postgres.connection import Database, DatabaseTrouble
from pgprocess.queue.queue import Queue
from pgprocess.statuses import JobStatus

logger = logging.getLogger("pgprocess")

EVERY = 2.0
PRUNE_EVERY = 60.0
PRUNE_WORKERS_EVERY = 86_400.0


class Maintenance(threading.Thread):
    """Works every two seconds until stopped; ``keep`` says by status for how long finished jobs are kept."""

    def __init__(
        self, database: Database, rescuer: Rescuer, *, keep: Mapping[JobStatus, timedelta] | None = None
    ) -> None:
        super().__init__(name="pgprocess-maintenance", daemon=True)
        self.database = database
        self.rescuer = rescuer
        self.keep = keep or {}
        self.prune_at = self.prune_workers_at = float("-inf") if self.keep else float("inf")
        self.stopping = threading.Event()

    def run(self) -> None:
        """Work until stopped. A lost connection is made again, without a word: the cron's own thread logs it."""
        while not self.stopping.is_set():
            try:
                self.maintain()
            except DatabaseTrouble:
                self.stopping.wait(0.5)
            except Exception:
                logger.exception("Maintenance failed; it begins again.")
                self.stopping.wait(EVERY)

    def maintain(self) -> None:
        """Work over one connection until it is lost or the thread is stopped."""
        queue = Queue(self.database, name="pgprocess maintenance")
        try:
            while not self.stopping.is_set():
                self.rescuer.rescue(queue)
                self.prune(queue)
                self.stopping.wait(EVERY)
        finally:
            queue.close()

    def prune(self, queue: Queue) -> None:
        """Delete one batch of what was kept for long enough, if it is time. Nothing waits long for a batch."""
        now = time.monotonic()
        if now >= self.prune_at:
            more = prune_some(queue, self.keep)
            self.prune_at = now if more else now + PRUNE_EVERY
        if now >= self.prune_workers_at:
            prune_workers(queue, max(self.keep.values()))
            self.prune_workers_at = now + PRUNE_WORKERS_EVERY

    def stop(self) -> None:
        """Stop the thread, and wait until it has ended, five seconds at most. Thread: any."""
        self.stopping.set()
        if self.is_alive():
            self.join(timeout=5.0)
