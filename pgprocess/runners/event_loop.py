"""An asyncio event loop in a thread of its own, for threads that have none.

Async functions of tasks run on one (:mod:`pgprocess.runners.event_loops`), the timers of attempts and of the worker's
liveness on another.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import Any
from weakref import WeakKeyDictionary

logger = logging.getLogger("pgprocess")

EAGER: dict[str, Any] = {"eager_start": True} if sys.version_info >= (3, 12) else {}
"""Keywords of asyncio.Task: a coroutine that never waits ends when it is begun, without another turn of the loop."""

Work = Coroutine[Any, Any, object]


class EventLoop:
    """An event loop that starts when it is first needed. Thread: call its public methods from other threads.

    ``threads`` makes the threads of ``asyncio.to_thread``, if not those of asyncio itself are to be used. ``around`` is
    entered while coroutines begin, once for all of them.
    """

    def __init__(
        self,
        name: str,
        threads: Callable[[], ThreadPoolExecutor] | None = None,
        around: AbstractContextManager[object] | None = None,
    ) -> None:
        self.name = name
        self._threads = threads
        self._around = around or nullcontext()
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closing = asyncio.Event()
        self._thread: threading.Thread | None = None
        self._pending: deque[Work] = deque()
        self._held = self._woken = self._starts = False
        self._unbegun = 0
        self._tasks: set[asyncio.Task[object]] = set()  # asyncio itself holds its tasks only weakly
        self._parents: WeakKeyDictionary[asyncio.Task[Any], asyncio.Task[Any] | None] = WeakKeyDictionary()

    def spawn(self, coroutine: Work) -> None:
        """Run the coroutine soon, in the loop's thread. Many at once wake that thread once."""
        loop = self._running_loop()
        self._pending.append(coroutine)
        if not (self._woken or self._held):
            self._woken = True
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
        loop = asyncio.get_running_loop()
        self._woken, self._starts = False, True
        self._around.__enter__()
        while len(self._pending) > self._unbegun:
            self._unbegun += 1
            task = asyncio.Task(self._begin_next(), loop=loop, **EAGER)
            if not task.done():
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        loop.call_soon(self._around.__exit__, None, None, None)  # after all that has begun, eagerly or not
        self._starts = False

    async def _begin_next(self) -> None:
        """Run the next coroutine. It is pending until this moment: should one keep the loop, others go elsewhere."""
        self._unbegun -= 1
        if coroutine := self.take_pending():
            await coroutine

    def take_pending(self) -> Work | None:
        """Return the next coroutine that has not begun; it won't begin here any more."""
        try:
            return self._pending.popleft()
        except IndexError:
            return None

    @property
    def is_idle(self) -> bool:
        """Whether nothing runs on the loop, or is about to."""
        return not (self._tasks or self._pending or self._starts)

    def tasks(self) -> list[asyncio.Task[object]]:
        """Return the tasks of the coroutines that have begun and wait for something."""
        return list(self._tasks)

    def runs(self) -> asyncio.Task[Any] | None:
        """Return the task that has the loop at this moment; for a side task, the one that began it."""
        task = asyncio.current_task(self._loop) if self._loop else None
        while task and (parent := self._parents.get(task)):
            task = parent
        return task

    def place(self) -> str:
        """Return the line of code that the loop's thread executes at this moment."""
        frame = sys._current_frames().get(self._thread.ident or 0) if self._thread else None  # noqa: SLF001  documented
        stack = traceback.extract_stack(frame) if frame else []
        return f"{stack[-1].filename}:{stack[-1].lineno}" if stack else "an unknown place"

    def _side_task(self, loop: asyncio.AbstractEventLoop, coroutine: Any, **more: Any) -> asyncio.Task[Any]:
        """Make a task for asyncio, and remember who began it."""
        task = asyncio.Task(coroutine, loop=loop, **more)
        self._parents[task] = asyncio.current_task(loop)
        return task

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

    def threads(self) -> list[threading.Thread]:
        """Return the loop's thread, if it was started."""
        return [self._thread] if self._thread else []

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
                self._thread = threading.Thread(target=self._run, args=[started], name=self.name, daemon=True)
                self._thread.start()
                self._loop = started.result()
            return self._loop

    def _run(self, started: Future[asyncio.AbstractEventLoop]) -> None:
        """Run the loop until it is closed. A SystemExit in a callback or a side task, or a stop, ends nobody else."""
        with asyncio.Runner() as runner:
            loop = runner.get_loop()
            loop.set_task_factory(self._side_task)
            if self._threads:
                loop.set_default_executor(self._threads())
            started.set_result(loop)
            closed = loop.create_task(self._closing.wait())
            while not closed.done():
                try:
                    loop.run_until_complete(closed)
                except BaseException as error:  # noqa: BLE001  a RuntimeError, where somebody stopped the loop
                    logger.warning("Something on an event loop raised %r; the loop goes on.", error)
