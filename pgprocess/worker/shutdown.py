"""How long the tasks of a worker that was told to stop may go on."""

from __future__ import annotations

import time


class Shutdown:
    """They may finish for ``timeout`` seconds; stopped then, they have ``grace`` seconds and two more to be gone."""

    def __init__(self, timeout: float, grace: float) -> None:
        self.timeout = timeout
        self.grace = grace
        self.ends_at = float("inf")

    def left(self, stops: int) -> float:
        """Seconds until they are stopped, by who was told to stop so many times: the second time it is at once."""
        now = time.monotonic()
        self.ends_at = min(self.ends_at, now + (self.timeout if stops == 1 else 0.0))
        return self.ends_at - now

    @property
    def gave_up(self) -> bool:
        """Whether they should be gone by now."""
        return time.monotonic() >= self.ends_at + self.grace + 2
