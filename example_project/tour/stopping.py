"""Ctrl-C, SIGTERM and SIGHUP: noted at once, obeyed between two steps, so that no step is torn apart."""

from __future__ import annotations

import signal
import time
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STEP = 0.1


class Stopped(Exception):
    """Somebody asked the demo to end; ``code`` is the exit code that says so."""

    def __init__(self, signum: int) -> None:
        super().__init__(signal.Signals(signum).name)
        self.code = 128 + signum


class Stopping:
    """Whether somebody asked the demo to end. The first signal asks, the next one insists."""

    def __init__(self) -> None:
        self._signum = 0
        for signum in SIGNALS:
            signal.signal(signum, self._note)

    def check(self) -> None:
        """Raises Stopped if somebody asked."""
        if self._signum:
            raise Stopped(self._signum)

    def wait(self, seconds: float) -> None:
        """Returns after some ``seconds``. Raises Stopped as soon as somebody asks."""
        end = time.monotonic() + seconds
        self.check()
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(STEP, left))
            self.check()

    def _note(self, signum: int, frame: FrameType | None) -> None:
        if self._signum:
            raise KeyboardInterrupt
        self._signum = signum
