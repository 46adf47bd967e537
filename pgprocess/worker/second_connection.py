"""What a worker that has more work than slots does besides: it reports while it claims, and calls others."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from pgprocess.queue.queue import Queue

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
