"""A second thread and connection of a worker that has more work than slots: it reports while the first claims."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from pgprocess.queue.queue import Queue

T = TypeVar("T")


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
