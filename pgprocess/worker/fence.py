"""A worker that could not tell for too long that it lives stops its tasks: by then others may run them."""

from __future__ import annotations

import time
from collections.abc import Callable

from pgprocess.runners.event_loop import Loop


class Fence:
    """Calls ``close`` once ``seconds`` have passed since the last sign of life, on ``clock``.

    A thread that waits for the database can't do that, nor one that was asleep; a timer that was is late at most.
    """

    def __init__(self, clock: Loop, seconds: float, close: Callable[[], None]) -> None:
        self.clock = clock
        self.seconds = seconds
        self.close = close
        self._forget: Callable[[], None] = lambda: None

    def renew(self, since: float) -> None:
        """There was a sign of life, sent at ``since`` (of :func:`time.monotonic`)."""
        self._forget()
        self._forget = self.clock.later(max(0.0, since + self.seconds - time.monotonic()), self.close)

    def open(self) -> None:
        """It will not close any more."""
        self._forget()
