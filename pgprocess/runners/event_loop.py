"""An asyncio event loop in a thread of its own, for threads that have none.

Async functions of tasks run on one, the timers of attempts and of the worker's liveness on another.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import Any

EAGER: dict[str, Any] = {"eager_start": True} if sys.version_info >= (3, 12) else {}
"""Keywords of asyncio.Task: a coroutine that never waits ends when it is begun, without another turn of the loop."""


class EventLoop:
    """An event loop that starts when it is first needed. Thread: call its public methods from other threads."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closing = asyncio.Event()
        self._thread: threading.Thread | None = None
        self._pending: list[Coroutine[Any, Any, object]] = []
        self._held = False
        self._tasks: set[asyncio.Task[object]] = set()  # asyncio itself holds its tasks only weakly

    def spawn(self, coroutine: Coroutine[Any, Any, object]) -> None:
        """Run the coroutine soon, in the loop's thread. Many at once wake that thread once."""
        loop = self._running_loop()
        with self._lock:
            self._pending.append(coroutine)
            wakes = len(self._pending) == 1 and not self._held
        if wakes:
            loop.call_soon_threadsafe(self._start_pending)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Let coroutines that are spawned within the ``with`` block begin after it, all at once.

        Two threads that run Python at the same time take turns, which costs both of them.
        """
        self._held = True
        try:
            yield
        finally:
            self._held = False
            if self._pending:
                self._running_loop().call_soon_threadsafe(self._start_pending)

    def _start_pending(self) -> None:
        with self._lock:
            pending, self._pending = self._pending, []
        loop = asyncio.get_running_loop()
        for coroutine in pending:
            task = asyncio.Task(coroutine, loop=loop, **EAGER)
            if not task.done():
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    def call(self, function: Callable[..., object], *args: Any) -> None:
        """Call ``function`` soon, in the loop's thread; do nothing once the loop is closed."""
        with suppress(RuntimeError):
            self._running_loop().call_soon_threadsafe(function, *args)

    def later(self, seconds: float, function: Callable[..., object], *args: Any) -> Callable[[], None]:
        """Call ``function`` after ``seconds``, in the loop's thread. Returns a function that cancels the call."""
        timers: list[asyncio.TimerHandle] = []

        def begin() -> None:
            timers.append(asyncio.get_running_loop().call_later(seconds, function, *args))

        self.call(begin)
        return lambda: self.call(lambda: timers[0].cancel())

    def close(self, timeout: float = 5.0) -> None:
        """Cancel everything on the loop, and wait at most ``timeout`` seconds for its thread to end."""
        with self._lock:
            loop, thread = self._loop, self._thread
        if loop and thread:
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._closing.set)
            thread.join(timeout)

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                started: Future[asyncio.AbstractEventLoop] = Future()
                self._thread = threading.Thread(
                    target=lambda: asyncio.run(self._run_until_closed(started)), name=self.name, daemon=True
                )
                self._thread.start()
                self._loop = started.result()
            return self._loop

    async def _run_until_closed(self, started: Future[asyncio.AbstractEventLoop]) -> None:
        started.set_result(asyncio.get_running_loop())
        await self._closing.wait()
