"""A worker's life, as the database and other workers see it: registered, beating, listening; and fenced when it can't.

Threads of their own see to it, whatever the worker itself is at; what they learn goes into its inbox.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pgprocess.maintenance.rescue import Rescuer
from pgprocess.postgres.listener import CANCEL, WORK, Listener
from pgprocess.queue.queue import Beat, ConnectionLost, Identity, Queue
from pgprocess.runners.event_loop import Loop
from pgprocess.runners.executor import Executor
from pgprocess.worker import wakeups as turns
from pgprocess.worker.heartbeat import EVERY, Heartbeat
from pgprocess.worker.running import Running

logger = logging.getLogger("pgprocess")

Tell = Callable[[tuple[Any, ...]], object]


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


@dataclass
class Life:
    """``running`` is the worker's own table of what it runs; ``tell`` its inbox.

    ``listen_on``: the alias to listen on; empty: it only polls. ``pooled``: whether ``alias`` leads to a pooler.
    """

    alias: str
    identity: Identity
    executor: Executor
    running: dict[int, Running]
    tell: Tell
    rescuer: Rescuer
    fence_after: float
    listen_on: str = ""
    pooled: bool = False
    id: int | None = None
    beaten_at: float = float("-inf")
    workers: int = 1
    heartbeat: Heartbeat | None = None
    listener: Listener | None = None
    fence: Fence = field(init=False)

    def __post_init__(self) -> None:
        self.fence = Fence(self.executor.clock, self.fence_after, self.fence_off)

    def begin(self, queue: Queue) -> int:
        """It is there for everybody to see, and hears what happens; its id."""
        self.beaten_at = time.monotonic()
        self.id = queue.register(self.identity)
        self.heartbeat = Heartbeat(
            self.alias,
            self.id,
            self.identity,
            self.beaten,
            rescuer=self.rescuer,
            every=EVERY if self.listen_on else EVERY / 2,  # then it is also how it hears of a cancel
            pooled=self.pooled,
        )
        self.heartbeat.start()
        if self.listen_on:
            self.listener = Listener(
                self.listen_on, [WORK, CANCEL], lambda *heard: self.tell(heard), hold=self.hold, worker=self.id
            )
            self.listener.start()
        return self.id

    def hold(self, channel: str) -> float:
        """For how many seconds what all workers were told of is left to the others."""
        return turns.patience(self.workers) if channel == WORK else 0.0

    @property
    def is_certain(self) -> bool:
        """Whether others know that we live; if not, they may take back at once what we claim."""
        return time.monotonic() - self.beaten_at < self.fence_after / 2

    def beaten(self, since: float, beat: Beat) -> None:
        """The database knows that we live, as of ``since``. Called by the heartbeat's thread."""
        self.beaten_at = since
        self.fence.renew(since)
        self.executor.forge.pulse()
        self.workers = beat.workers
        self.tell(("owned", since, beat.owned))

    def disowned(self, since: float, owned: set[tuple[int, UUID]]) -> None:
        """These claims were ours at some moment after ``since``; of what began before, the rest is stopped."""
        for running in self.running.values():
            claim = running.claim
            if running.since < since and (claim.id, claim.claim_token) not in owned:
                running.stop.request("cancelled")

    def fence_off(self) -> None:
        """Nothing that we started runs on: soon others may run it. Called by the clock's thread."""
        running = list(self.running.values())
        if running:
            logger.warning("Worker %s can't tell that it lives; its %s tasks are stopped.", self.id, len(running))
        for task in running:
            task.stop.request("fenced")

    def look(self) -> None:
        """The next sign of life is at once, and tells what is still ours."""
        if self.heartbeat:
            self.heartbeat.now()

    def stopping(self) -> bool:
        """Others see that it takes no more; whether that is news."""
        if not self.heartbeat or self.heartbeat.state == "stopping":
            return False
        self.heartbeat.state = "stopping"
        self.look()
        return True

    def end(self, queue: Queue | None) -> None:
        """Its row says that it has stopped, if the database can be reached."""
        self.fence.open()
        if self.listener:
            self.listener.stop()
        if self.heartbeat:
            self.heartbeat.stop()
            self.heartbeat.join(timeout=5.0)
        if queue and self.id is not None:
            try:
                queue.heartbeat(self.id, self.identity, "stopped")
            except ConnectionLost:
                logger.warning("Worker %s could not say goodbye; its row will be seen as lost.", self.id)
