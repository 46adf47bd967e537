"""How long the tasks of a worker that was told to stop may go on."""

from __future__ import annotations

import time


class Shutdown:
    """Tasks may go on for ``timeout`` seconds; those that are stopped then have ``grace`` seconds and two more."""

    def __init__(self, timeout: float, grace: float) -> None:
        self.timeout = timeout
        self.grace = grace
        self.ends_at = float("inf")

    def left(self, stops: int) -> float:
        """Return the seconds until tasks are stopped, by a worker that was told ``stops`` times: the second time, 0."""
        now = time.monotonic()
        self.ends_at = min(self.ends_at, now + (self.timeout if stops == 1 else 0.0))
        return self.ends_at - now

    @property
    def gave_up(self) -> bool:
        """Whether the tasks should be gone by now."""
        return time.monotonic() >= self.ends_at + self.grace + 2
