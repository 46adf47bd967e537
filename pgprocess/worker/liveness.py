"""The liveness of a worker, as the database and other workers see it: registered, beating, listening, or fenced.

Threads of their own see to it, whatever the worker itself is doing; what they learn goes into the worker's inbox.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Thread
from typing import Any
from uuid import UUID

from pgprocess.maintenance.rescue import Rescuer
from pgprocess.postgres.connection import Database, DatabaseTrouble
from pgprocess.postgres.listener import CANCEL, WORK, Listener
from pgprocess.queue.queue import Beat, Identity, Queue
from pgprocess.runners.event_loop import EventLoop
from pgprocess.runners.executor import Executor
from pgprocess.worker import wakeups
from pgprocess.worker.heartbeat import EVERY, Heartbeat
from pgprocess.worker.running import Running

logger = logging.getLogger("pgprocess")

OVERDUE = 120.0
"""Seconds without a successful heartbeat, while the worker's own connection works, that no network explains."""

Notify = Callable[[tuple[Any, ...]], object]


class Fence:
    """Calls ``close`` when no heartbeat succeeded for ``seconds``.

    A timer on the event loop ``clock``, since the heartbeat's own thread may hang in the database, or may have been
    asleep; a timer that was asleep is late at most.
    """

    def __init__(self, clock: EventLoop, seconds: float, close: Callable[[], None]) -> None:
        self.clock = clock
        self.seconds = seconds
        self.close = close
        self._cancel: Callable[[], None] = lambda: None

    def renew(self, since: float) -> None:
        """Count from ``since`` (of :func:`time.monotonic`), when the last successful heartbeat was sent."""
        self._cancel()
        self._cancel = self.clock.later(max(0.0, since + self.seconds - time.monotonic()), self.close)

    def cancel(self) -> None:
        """Never close any more."""
        self._cancel()


@dataclass
class Liveness:
    """Keeps a worker visible.

    ``running`` is the worker's own table of what it runs; ``notify`` puts into its inbox; ``standing_since`` tells
    since when its loop has been at the same thing, if it does not wait.
    """

    database: Database
    identity: Identity
    executor: Executor
    running: dict[int, Running]
    notify: Notify
    rescuer: Rescuer
    fence_after: float
    standing_since: Callable[[], float | None] = lambda: None
    id: int | None = None
    beaten_at: float = float("-inf")
    workers: int = 1
    heartbeat: Heartbeat | None = None
    listener: Listener | None = None
    fence: Fence = field(init=False)

    def __post_init__(self) -> None:
        self.fence = Fence(self.executor.clock, self.fence_after, self.stop_tasks)

    def start(self, queue: Queue) -> int:
        """Register the worker, and begin to beat and to listen; return its id."""
        self.beaten_at = time.monotonic()
        self.id = queue.register(self.identity)
        self.heartbeat = Heartbeat(
            self.database.direct,
            self.id,
            self.identity,
            self.record_beat,
            rescuer=self.rescuer,
            standing_since=self.standing_since,
            every=EVERY if self.database.listen else EVERY / 2,  # without listening it also tells of a cancel
        )
        self.heartbeat.start()
        if self.database.listen:
            self.listener = Listener(
                self.database.listens_on,
                [WORK, CANCEL],
                lambda *event: self.notify(event),
                hold=self.hold,
                worker=self.id,
            )
            self.listener.start()
        return self.id

    def hold(self, channel: str) -> float:
        """Return for how many seconds news on the channel, which all workers were told, is left to the others."""
        return wakeups.patience(self.workers) if channel == WORK else 0.0

    @property
    def is_certain(self) -> bool:
        """Whether others know that the worker lives; if not, they may take back at once what it claims."""
        return time.monotonic() - self.beaten_at < self.fence_after / 2

    @property
    def is_overdue(self) -> bool:
        """Whether no heartbeat has succeeded for so long that something must be wrong with the heartbeat itself."""
        return self.id is not None and time.monotonic() - self.beaten_at > max(OVERDUE, 4 * self.identity.lease)

    def threads(self) -> list[Thread]:
        """Return the threads that keep the worker visible."""
        return [thread for thread in (self.heartbeat, self.listener) if thread]

    def record_beat(self, since: float, beat: Beat) -> None:
        """Record a successful heartbeat that was sent at ``since``. Thread: heartbeat."""
        self.beaten_at = since
        self.fence.renew(since)
        self.executor.forkserver.pulse()
        self.workers = beat.workers
        self.notify(("owned", since, beat.owned))

    def stop_disowned(self, since: float, owned: set[tuple[int, UUID]]) -> None:
        """Stop every task that began before ``since`` and whose claim is missing from ``owned``.

        Somebody cancelled it, or took it over. Thread: the worker's.
        """
        for running in self.running.values():
            claim = running.claim
            if running.since < since and (claim.id, claim.claim_token) not in owned:
                running.stop.request("cancelled")

    def stop_tasks(self) -> None:
        """Stop all tasks, since others may run them soon. Thread: the clock's."""
        running = list(self.running.values())
        if running:
            logger.warning("Worker %s can't tell that it lives; its %s tasks are stopped.", self.id, len(running))
        for task in running:
            task.stop.request("fenced")

    def beat_now(self) -> None:
        """Beat at once: the answer tells what is still ours."""
        if self.heartbeat:
            self.heartbeat.beat_now()

    def say_stopping(self) -> bool:
        """Let others see that the worker takes no more; tell whether that is new."""
        if not self.heartbeat or self.heartbeat.state == "stopping":
            return False
        self.heartbeat.state = "stopping"
        self.beat_now()
        return True

    def stop(self, queue: Queue | None) -> None:
        """End the threads, and say in the worker's row that it has stopped, if the database can be reached."""
        self.fence.cancel()
        if self.listener:
            self.listener.stop()
        if self.heartbeat:
            self.heartbeat.stop()
            self.heartbeat.join(timeout=5.0)
        if queue and self.id is not None:
            try:
                queue.heartbeat(self.id, self.identity, "stopped")
            except DatabaseTrouble:
                logger.warning("Worker %s could not say goodbye; its row will be seen as lost.", self.id)
