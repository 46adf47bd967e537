"""Who looks for work first when all workers are told of it, and when a worker tells the others.

Postgres wakes every session that listens. Were all to look at once, the one that finds the work would wait for a
processor, and so would the task. So a few look in the next two milliseconds, one after the other, and the rest, should
these be busy or gone, somewhat later: 50 idle workers on two cores took 20 ms to begin a task while all looked.
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
"""Seconds between two calls of one worker to the others."""


def patience(workers: int) -> float:
    """Return for how many seconds one of so many workers leaves new work to the others before it gives it a thought.

    Mostly none for the few, up to a quarter of a second for the rest.
    """
    if random.random() * workers < FEW:  # noqa: S311
        return 0.0
    return RESERVE_AFTER + random.uniform(0.0, min(RESERVE_TURN * workers, RESERVE_WITHIN))  # noqa: S311


def turn(workers: int) -> float:
    """Return the seconds until one of the workers that look now may look: they follow one another."""
    return random.uniform(0.0, TURN * min(max(0, workers - 2), FEW))  # noqa: S311


class Calls:
    """Calls to other workers, which may have slots left while this one has more work than slots.

    ``call_at``: when the next call is due (of :func:`time.monotonic`); infinity: none is.
    """

    def __init__(self) -> None:
        self.called_at = float("-inf")
        self.call_at = float("inf")

    def plan(self) -> None:
        """Call soon, but not more often than it helps."""
        self.call_at = min(self.call_at, self.called_at + CALL_EVERY)

    def cancel(self) -> None:
        """Call nobody: nothing is left to do."""
        self.call_at = float("inf")

    def call_if_due(self, queue: Queue) -> None:
        """Wake the other workers, if it is time to."""
        now = time.monotonic()
        if now >= self.call_at:
            self.called_at = now
            self.call_at = float("inf")
            queue.wake()
