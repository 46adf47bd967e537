"""Tasks of dead workers are given back by whoever is in touch with the database: any worker, any cron."""

from __future__ import annotations

import logging
import time

from pgprocess.queue.queue import Queue

logger = logging.getLogger("pgprocess")

GAP = 4.0
"""Seconds between two rescues that are a gap, after which the rescuer trusts nothing: after an outage all look dead."""
SWEEP_EVERY = 30.0
"""Seconds between two rescues where no worker is silent: for tasks whose worker has no row any more, say."""


class Rescuer:
    """Remembers for how long it has been in touch without a gap. A new connection is no gap; silence is one."""

    def __init__(self, *, max_crashes: int = 3) -> None:
        self.max_crashes = max_crashes
        self.in_touch_since = time.monotonic()
        self.in_touch_at = float("-inf")
        self.swept_at = float("-inf")

    def rescue(self, queue: Queue, *, suspicious: bool = True) -> None:
        """Give the tasks of dead workers back to the queue, or let them fail after ``max_crashes`` losses.

        To be called every two seconds or so, on any connection. ``suspicious``: whether another worker is silent.
        """
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
