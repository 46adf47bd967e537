"""Whoever is in touch with the database gives the tasks of workers that are gone back: any worker, any cron."""

from __future__ import annotations

import logging
import time

from pgprocess.queue.queue import Queue

logger = logging.getLogger("pgprocess")

GAP = 4.0
"""Seconds between two looks after which we have been out of touch ourselves: after an outage all look dead."""
SWEEP_EVERY = 30.0
"""Seconds between two looks where nothing looks suspicious: for tasks whose worker has no row any more, say."""


class Rescuer:
    """Remembers for how long it has been in touch without a gap. A new connection is no gap; silence is."""

    def __init__(self, *, max_crashes: int = 3) -> None:
        self.max_crashes = max_crashes
        self.in_touch_since = time.monotonic()
        self.in_touch_at = float("-inf")
        self.swept_at = float("-inf")

    def look(self, queue: Queue, *, suspicious: bool = True) -> None:
        """What was lost is ready again, or has failed. Called every two seconds or so, on any connection."""
        now = time.monotonic()
        if now - self.in_touch_at > GAP:
            self.in_touch_since = now
        self.in_touch_at = now
        if not suspicious and now - self.swept_at < SWEEP_EVERY:
            return
        self.swept_at = now
        steady = now - self.in_touch_since
        for task in sorted(queue.rescue(steady=steady, max_crashes=self.max_crashes)):
            logger.warning("Job task %s was lost with its worker; it is given back.", task)
