"""Tasks of dead workers are given back by whoever is in touch with the database: any worker, any cron."""

from __future__ import annotations

import logging
import time

from pgprocess.queue.queue import SUSPICIOUS, Queue, Silence

logger = logging.getLogger("pgprocess")

GAP = 4.0
"""Seconds between two rescues that are a gap, after which the rescuer trusts nothing: after an outage all look dead."""
SWEEP_EVERY = 30.0
"""Seconds between two rescues where no worker is silent: for tasks whose worker has no row any more, say."""


class Rescuer:
    """Remembers for how long it has been in touch without a gap, and for how long which worker has been silent.

    A new connection is no gap; silence is one. Both are told by the clock of this machine, which nobody can set: when
    the database's clock jumps, every worker looks silent for a moment.
    """

    def __init__(self, *, max_crashes: int = 3) -> None:
        self.max_crashes = max_crashes
        self.in_touch_since = time.monotonic()
        self.in_touch_at = float("-inf")
        self.swept_at = float("-inf")
        self.silent_since: dict[tuple[int, str], float] = {}

    def rescue(self, queue: Queue, *, suspicious: bool = True) -> None:
        """Give the tasks of dead workers back to the queue; see ``queue/rescue.sql`` for those that fail.

        To be called every two seconds or so, on any connection. ``suspicious``: whether another worker is silent.
        """
        now, before = time.monotonic(), self.in_touch_at
        if now - before > GAP:
            self.in_touch_since = before = now
            self.silent_since = {}
        self.in_touch_at = now
        if not suspicious and now - self.swept_at < SWEEP_EVERY:
            return
        self.swept_at = now
        silent = self.silent_for_their_lease(queue, now, before)
        for task in sorted(queue.rescue(silent, steady=now - self.in_touch_since, max_crashes=self.max_crashes)):
            logger.warning("Job task %s was lost with its worker; it is given back.", task)

    def silent_for_their_lease(self, queue: Queue, now: float, before: float) -> list[Silence]:
        """Return the workers whose rows have not changed for their leases; ``before``: the time of the last look.

        At that look a worker that is silent for the first time now had been seen within the last seconds.
        """
        silences = queue.silences()
        first = before if before == now else before - SUSPICIOUS
        self.silent_since = {
            (one.id, one.last_seen): self.silent_since.get(
                (one.id, one.last_seen), max(first, min(now, now - one.seconds))
            )
            for one in silences
        }
        return [one for one in silences if now - self.silent_since[one.id, one.last_seen] >= one.lease]
