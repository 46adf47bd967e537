"""Who looks first when all workers are told of work.

Postgres wakes every session that listens. Were all to look at once, the one that finds it would wait for a processor,
and so would the task. So a few look in the next two milliseconds, one after the other, and the rest, should these be
busy or gone, somewhat later: 50 idle workers on two cores took 20 ms to begin a task while all looked in turns.
"""

from __future__ import annotations

import random
import time

from pgprocess.queue.queue import Queue

FEW = 5
"""How many look first, on average: that none does is 1 in 150."""
TURN = 0.0004
"""Seconds that a worker needs to look for work."""
RESERVE_AFTER = 0.005
RESERVE_TURN = 0.004
RESERVE_WITHIN = 0.25
CALL_EVERY = 0.05


def patience(workers: int) -> float:
    """Seconds that one of so many workers leaves new work to the others before it gives it a thought: mostly none for
    the few, up to a quarter of a second for the rest."""
    if random.random() * workers < FEW:  # noqa: S311
        return 0.0
    return RESERVE_AFTER + random.uniform(0.0, min(RESERVE_TURN * workers, RESERVE_WITHIN))  # noqa: S311


def turn(workers: int) -> float:
    """Seconds until one of those that look now may: they follow one another."""
    return random.uniform(0.0, TURN * min(max(0, workers - 2), FEW))  # noqa: S311


class Others:
    """Workers that may have slots left: they are called when we have more work than slots, but not more often than it
    helps."""

    def __init__(self) -> None:
        self.called_at = float("-inf")
        self.call_at = float("inf")
        """When they will be called, of :func:`time.monotonic`."""

    def call(self) -> None:
        """They shall be called, soon."""
        self.call_at = min(self.call_at, self.called_at + CALL_EVERY)

    def spare(self) -> None:
        """There is nothing left to call them for."""
        self.call_at = float("inf")

    def look(self, queue: Queue) -> None:
        """They are called, if it is time to."""
        now = time.monotonic()
        if now >= self.call_at:
            self.called_at = now
            self.call_at = float("inf")
            queue.wake()
