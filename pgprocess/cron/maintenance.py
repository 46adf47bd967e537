"""What a cron looks after beside schedules, in a thread of its own: tasks that were lost with their worker, and what
may be deleted by now.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from datetime import timedelta

from pgprocess.maintenance.prune import prune_some, prune_workers
from pgprocess.maintenance.rescue import Rescuer
from pgprocess.postgres.connection import Database, DatabaseTrouble
from pgprocess.queue.queue import Queue
from pgprocess.statuses import JobStatus

EVERY = 2.0
CLEAR_EVERY = 60.0
CLEAR_WORKERS_EVERY = 86_400.0


class Lookout(threading.Thread):
    """Looks every two seconds until it is stopped; ``keep`` says by status for how long finished jobs are kept."""

    def __init__(
        self, database: Database, rescuer: Rescuer, *, keep: Mapping[JobStatus, timedelta] | None = None
    ) -> None:
        super().__init__(name="pgprocess-lookout", daemon=True)
        self.database = database
        self.rescuer = rescuer
        self.keep = keep or {}
        self.clear_at = self.clear_workers_at = float("-inf") if self.keep else float("inf")
        self.stopping = threading.Event()

    def run(self) -> None:
        """Look; a lost connection is made again, and whoever else notices it says so."""
        while not self.stopping.is_set():
            try:
                self.look_on()
            except DatabaseTrouble:
                self.stopping.wait(0.5)

    def look_on(self) -> None:
        """Look over one connection until it is lost or we are stopped."""
        queue = Queue(self.database, name="pgprocess lookout")
        try:
            while not self.stopping.is_set():
                self.rescuer.look(queue)
                self.clear_away(queue)
                self.stopping.wait(EVERY)
        finally:
            queue.close()

    def clear_away(self, queue: Queue) -> None:
        """Some of what nobody shall keep any longer is gone: a batch at a time, so that nothing waits for it."""
        now = time.monotonic()
        if now >= self.clear_at:
            more = prune_some(queue.connection, self.keep)
            self.clear_at = now if more else now + CLEAR_EVERY
        if now >= self.clear_workers_at:
            prune_workers(queue.connection, max(self.keep.values()))
            self.clear_workers_at = now + CLEAR_WORKERS_EVERY

    def stop(self) -> None:
        """It looks no more, and has ended soon."""
        self.stopping.set()
        if self.is_alive():
            self.join(timeout=5.0)
