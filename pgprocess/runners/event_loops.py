"""The event loops of async functions: one for all, until a function blocks it; then a fresh one for those that follow.

A function that keeps its loop for itself (a ``time.sleep``, a driver that is not async) would keep everybody else's
from beginning, going on and ending. What had not begun goes to the fresh loop; what had begun waits, and is given up
when that takes too long. Nobody is blamed for time that somebody else took.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from pgprocess.runners.event_loop import EventLoop

logger = logging.getLogger("pgprocess")

LOOK_EVERY = 1.0
"""Seconds between two looks whether a loop answers; one that did not answer meanwhile is blocked."""
PATIENCE = 30.0
"""Seconds that a loop may be blocked until what else runs on it is given up, as for a worker that is silent."""
MOST_BLOCKED = 10
"""Loops that may be blocked at the same time; each of them keeps a thread."""


@dataclass(eq=False)
class Block:
    """A time during which ``culprit``, an asyncio task, kept its loop for itself, since ``since``."""

    culprit: asyncio.Task[Any] | None
    since: float
    until: float = float("inf")


@dataclass(eq=False)
class Watched:
    """An event loop, and whether it answers."""

    loop: EventLoop
    asked_at: float | None = None
    """When the loop was asked for an answer that it has not given yet (of :func:`time.monotonic`)."""
    block: Block | None = None

    def ask(self, now: float) -> None:
        """Ask for an answer, unless one is still awaited."""
        if self.asked_at is None:
            self.asked_at = now
            self.loop.call(self.answer)

    def answer(self) -> None:
        """Note that the loop turns. Thread: the loop's."""
        self.asked_at = None
        if self.block:
            self.block.until = time.monotonic()
            self.block = None


@dataclass
class EventLoops:
    """The loop for new coroutines, and those that are blocked or were, until they are idle.

    ``clock`` is an event loop for timers, ``name_of(task)`` names a task for people, ``side_threads`` makes the
    threads of ``asyncio.to_thread``, ``around`` is entered around each beginning. ``give_up(loop)`` is called when a
    loop has been blocked for too long, or by a task that was abandoned: whatever else runs there shall not wait for it.
    Thread: any.
    """

    clock: EventLoop
    give_up: Callable[[EventLoop], object]
    name_of: Callable[[asyncio.Task[Any]], str]
    side_threads: Callable[[], ThreadPoolExecutor] | None = None
    around: AbstractContextManager[object] | None = None
    name: str = "pgprocess-async"
    current: Watched = field(init=False)
    left: list[Watched] = field(default_factory=list)
    blocks: deque[Block] = field(default_factory=lambda: deque(maxlen=100))
    looking: bool = False

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self.current = Watched(EventLoop(self.name, self.side_threads, around=self.around))

    def spawn(self, coroutine: Coroutine[Any, Any, object]) -> None:
        """Run the coroutine soon, on a loop that is not known to be blocked."""
        loop = self.current.loop
        loop.spawn(coroutine)
        if loop is not self.current.loop:  # replaced at this very moment
            self._move_from(loop)
        with self._lock:
            looks, self.looking = self.looking, True
        if not looks:
            self.clock.later(LOOK_EVERY, self._look)

    def together(self) -> AbstractContextManager[None]:
        """Let coroutines that are spawned within the ``with`` block begin after it, all at once."""
        return self.current.loop.together()

    @property
    def are_used_up(self) -> bool:
        """Whether so many loops are blocked that another one would not help."""
        return len(self.left) > MOST_BLOCKED and sum(one.block is not None for one in list(self.left)) > MOST_BLOCKED

    def were_blocked(self, since: float, *, by_other_than: asyncio.Task[Any] | None) -> bool:
        """Return whether another task than this one kept a loop for itself at any time after ``since``."""
        return any(block.until > since and block.culprit is not by_other_than for block in list(self.blocks))

    def abandon(self, task: asyncio.Task[Any]) -> None:
        """Give up what else runs on the loop that this task, which nobody waits for any more, keeps, if it does."""
        for one in [self.current, *self.left]:
            if one.loop.runs() is task:
                self.give_up(one.loop)

    def threads(self) -> list[threading.Thread]:
        """Return the thread of the current loop, if it was started."""
        return self.current.loop.threads()

    def close(self) -> None:
        """End all loops, and cancel everything on them."""
        deadline = time.monotonic() + 5.0
        loops = [self.current.loop, *(one.loop for one in self.left)]
        for loop in loops:
            loop.close(timeout=0.0)
        for loop in loops:
            loop.close(timeout=max(0.0, deadline - time.monotonic()))

    def _look(self) -> None:
        """Look whether the loops answer. Thread: the clock's."""
        now = time.monotonic()
        if self.current.asked_at is not None:
            self._replace(self.current)
        for one in list(self.left):
            if one.block is None and one.loop.is_idle:
                self.left.remove(one)
                one.loop.close(timeout=0.0)
                continue
            if one.block and now - one.block.since > PATIENCE:
                self.give_up(one.loop)
            one.ask(now)
        with self._lock:
            self.looking = looks = bool(self.left) or not self.current.loop.is_idle
        if looks:
            self.current.ask(now)
            self.clock.later(LOOK_EVERY, self._look)

    def _replace(self, blocked: Watched) -> None:
        """Let a fresh loop run what has not begun on a blocked one, and all that comes."""
        culprit = blocked.loop.runs()
        blocked.block = block = Block(culprit, blocked.asked_at or time.monotonic())
        self.blocks.append(block)
        self.left.append(blocked)
        self.current = Watched(EventLoop(self.name, self.side_threads, around=self.around))
        self._move_from(blocked.loop)
        logger.warning(
            "%s blocks its event loop, at %s: an async function should await what takes time, or be a sync function.",
            self.name_of(culprit) if culprit else "Something",
            blocked.loop.place(),
        )

    def _move_from(self, loop: EventLoop) -> None:
        """Let the current loop run what has not begun on this one."""
        while coroutine := loop.take_pending():
            self.current.loop.spawn(coroutine)
