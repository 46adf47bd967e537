"""What a worker that has more work than slots does besides: it reports while it claims, and calls others."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from pgprocess.queue import Queue

T = TypeVar("T")

CALL_EVERY = 0.05


class Beside:
    """A thread and a connection of its own, for one thing at a time."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="pgprocess-reports")

    @contextmanager
    def doing(self, action: Callable[[Queue], T]) -> Iterator[Future[T]]:
        """``action`` is done while what stands within is; afterwards both have ended. Raises what either raises."""
        done = self._thread.submit(action, self._queue)
        try:
            yield done
        finally:
            done.result()

    def close(self) -> None:
        """The connection is gone, and so is the thread."""
        self._queue.close()
        self._thread.shutdown()


class Others:
    """Workers that may have slots left: they look for work when we call them, but not more often than it helps."""

    def __init__(self) -> None:
        self.called_at = 0.0
        self.call_at = float("inf")

    def call(self, queue: Queue) -> None:
        """They are called, now or at ``call_at`` (of :func:`time.monotonic`)."""
        now = time.monotonic()
        self.call_at = min(self.call_at, max(now, self.called_at + CALL_EVERY))
        if now >= self.call_at:
            self.called_at = now
            self.call_at = float("inf")
            queue.wake()
