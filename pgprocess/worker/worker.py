"""The worker: claims ready tasks, has them executed, and reports how they ended.

One thread, the main one, claims and reports in batches, both in one transaction; where much ends and there is more
work than slots, it has the reports sent from a second thread and claims meanwhile. Tasks run in other threads and
processes, and everything that happens comes back through the inbox.
"""

from __future__ import annotations

import logging
import os
import platform
import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any

from pgprocess.attempt import Claim, Outcome
from pgprocess.logs.buffer import Logbook
from pgprocess.maintenance.rescue import LEASE, Rescuer
from pgprocess.postgres.listener import CANCEL, WORK
from pgprocess.queue.claim import Wish
from pgprocess.queue.queue import ConnectionLost, Identity, Queue
from pgprocess.queue.selector import Scope
from pgprocess.runners.executor import Executor
from pgprocess.service import Service
from pgprocess.statuses import Status
from pgprocess.worker import wakeups as turns
from pgprocess.worker.completer import Reports
from pgprocess.worker.liveness import Life
from pgprocess.worker.pool import Hands
from pgprocess.worker.running import Ends
from pgprocess.worker.second_connection import Beside
from pgprocess.worker.shutdown import Shutdown
from pgprocess.worker.signal_sender import Announcer
from pgprocess.worker.wakeups import Others

logger = logging.getLogger("pgprocess")

FLUSH_EVERY = 0.5
MANY = 5
"""Ends at once from which on reports and claims go different ways, and each waits for the disk by itself."""


class Worker(Service):
    """Runs up to ``concurrency`` tasks at once, of what is in its scope: ``queues`` (none given: all) less
    ``exclude_queues``, and of the queues in ``caps`` only so many.

    ``once``: ends when nothing is ready, running or about to be. ``max_tasks``: ends after so many. ``listen_alias``:
    the alias to LISTEN on, where ``alias`` leads to a pooler; without ``listen`` it polls. Times are seconds.
    """

    name = "worker"
    trouble = ConnectionLost

    def __init__(
        self,
        *,
        alias: str,
        queues: Sequence[str] = (),
        exclude_queues: Sequence[str] = (),
        caps: Mapping[str, int] | None = None,
        concurrency: int = 8,
        shutdown_timeout: float = 30.0,
        poll_interval: float = 5.0,
        kill_grace: float = 5.0,
        result_limit: int = 1_000_000,
        log_limit: int = 2_000_000,
        listen: bool = True,
        listen_alias: str = "",
        once: bool = False,
        max_tasks: int | None = None,
        max_crashes: int = 3,
        lease: float = LEASE,
        script_dirs: Sequence[str | PathLike[str]] = (),
        code_allowed: bool = True,
        warm: bool = False,
    ) -> None:
        super().__init__()
        self.alias = alias
        self.scope = Scope(tuple(queues), tuple(exclude_queues), caps or {})
        self.concurrency = concurrency
        self.shutdown = Shutdown(shutdown_timeout, kill_grace)
        self.poll_interval = poll_interval
        self.once = once
        self.tasks_left = float("inf") if max_tasks is None else max_tasks
        self.warm = warm
        self.pooled = not listen or listen_alias not in ("", alias)

        self.queue: Queue | None = None
        self.executor = Executor(
            grace=kill_grace,
            result_limit=result_limit,
            script_dirs=script_dirs,
            alias=alias,
            code_allowed=code_allowed,
            # The forge looks once a second and lets a second pass between TERM and KILL: gone before others take over.
            lease=max(lease - 3.0, lease / 2),
        )
        logbook = Logbook(limit=log_limit, urgent=lambda: self.inbox.put(("log",)))
        ends = Ends(lambda: self.inbox.put(("done",)))
        self.hands = Hands(self.executor, logbook, ends, alias=alias, slots=concurrency)
        self.running = self.hands.running
        self.announcer = Announcer(type(self))
        self.reports = Reports(self.announcer, logbook)
        self.beside: Beside | None = None
        self.others = Others()
        self.life = Life(
            alias=alias,
            identity=Identity(platform.node(), os.getpid(), concurrency, self.scope),
            executor=self.executor,
            running=self.running,
            tell=self.inbox.put,
            rescuer=Rescuer(lease=lease, max_crashes=max_crashes),
            # So early that what runs is gone by the time others take it over.
            fence_after=max(lease - kill_grace, lease / 2),
            listen_on=(listen_alias or alias) if listen else "",
            pooled=self.pooled,
        )

        self.may_have_work = True
        self.poll_at = 0.0
        self.promote_at = 0.0
        self.look_at = float("inf")

    @property
    def id(self) -> int | None:
        """Its row, once it has one."""
        return self.life.id

    # the loop

    def connect(self) -> None:
        """Connected; the first time also registered, beating and listening."""
        self.disconnect()
        self.queue = Queue(self.alias, scope=self.scope, pooled=self.pooled)
        if self.id is None:
            self.announcer.worker = self.hands.worker = self.life.begin(self.queue)
            if self.warm:
                self.executor.forge.start()
            logger.info("Worker %s started: %s, %s at once.", self.id, self.scope, self.concurrency)

    def disconnect(self) -> None:
        """Its own connections are gone; the heartbeat has another."""
        if self.queue:
            self.queue.close()
        if self.beside:
            self.beside.close()
            self.beside = None

    def tick(self) -> float | None:
        """Report what ended, take what there is; how long nothing more is to do, or None at the end."""
        assert self.queue
        if self.stopping:
            self.told(self.reports.send(self.queue)[0])
            return self.wind_down(self.queue)
        if self.may_have_work and len(self.reports.ends) >= MANY and not self.scope.caps:  # these count rows
            return self.send_beside(self.queue)
        self.send_and_take(self.queue)
        if self.tasks_left <= 0 and not self.running:
            return None
        return self.look(self.queue)

    def look(self, queue: Queue) -> float | None:
        """Take what there is; how long nothing more is to do, or None at the end."""
        now = time.monotonic()
        if now >= self.poll_at:
            self.poll_at = now + self.poll_interval * random.uniform(0.8, 1.0)  # noqa: S311
            self.promote_at = now
            self.may_have_work = True
        if now >= self.look_at:
            self.look_at = float("inf")
            self.may_have_work = True
            if queue.overlooked or self.life.workers > 2:  # somebody else may have it by now
                queue.lanes.doubt()
        self.take(queue)
        self.others.look(queue)
        if now >= self.promote_at and self.promote(queue, now):
            return 0.0
        if self.once and not self.running and not self.reports.ends and self.promote_at > now + self.poll_interval:
            return None
        flush_at = now + FLUSH_EVERY if self.running else float("inf")
        wake_at = min(self.poll_at, self.promote_at, self.look_at, self.others.call_at, flush_at)
        return max(0.0, wake_at - time.monotonic())

    def heard(self, event: str, *details: Any) -> None:
        """Something happened: in a task, in the database, or to us."""
        if event == "done":
            for end in self.hands.ended():
                self.reports.add(*end)
        elif event == WORK and (not details[0] or self.scope.serves(details[0])):
            self.look_at = min(self.look_at, time.monotonic() + turns.turn(self.life.workers))
            if not details[0]:
                self.promote_at = min(self.promote_at, self.look_at)
        elif event == CANCEL:
            self.life.look()
        elif event == "owned":
            self.life.disowned(*details)
            assert self.queue
            self.may_have_work |= self.reports.give_back(self.queue, details[1], self.running.values())

    # taking and executing

    def promote(self, queue: Queue, now: float) -> bool:
        """What is due is ready, and we know when to look again; whether there was any."""
        promoted, next_in = queue.promote()
        self.promote_at = float("inf") if next_in is None else now + next_in
        self.may_have_work |= promoted > 0
        return promoted > 0

    @property
    def free(self) -> int:
        """How many tasks it may take, if others know that it lives; else they might take back what it claims."""
        return int(min(self.hands.free, self.tasks_left)) if self.life.is_certain else 0

    @property
    def wish(self) -> Wish:
        """As many ready tasks as there are free slots."""
        assert self.id
        busy = Counter(running.claim.queue for running in self.running.values()) if self.scope.caps else {}
        return Wish(self.id, self.free, busy)

    def take(self, queue: Queue) -> None:
        """As many ready tasks as there are free slots are ours and have begun."""
        if not self.may_have_work or not self.life.is_certain:
            return
        wish = self.wish
        if wish.slots > 0:
            self.begin(queue, queue.claim(*wish), wish)
        else:
            self.others.call()

    def begin(self, queue: Queue, claims: Sequence[Claim], wish: Wish) -> None:
        """What was claimed runs; there may be more only if that is all that was wished for."""
        self.may_have_work = len(claims) == wish.slots
        self.tasks_left -= len(claims)
        self.look_at = queue.lanes.look_at if queue.overlooked else float("inf")
        self.hands.begin(claims, queue.versions)
        if self.may_have_work or queue.left_over:
            self.others.call()
        else:
            self.others.spare()

    # reporting

    def send_beside(self, queue: Queue) -> float:
        """What ended is reported by a second thread while we take what there is: many wait less for the disk so."""
        self.beside = self.beside or Beside(Queue(self.alias, scope=self.scope, pooled=self.pooled))
        with self.beside.doing(self.reports.send) as sending:
            self.look(queue)
        self.told(sending.result()[0])
        return 0.0

    def send_and_take(self, queue: Queue) -> None:
        """What ended is reported, and what follows it taken at once: few wait for the disk only once so."""
        wish = self.wish if self.reports.ends and self.free > 0 else None
        retry_in, claims = self.reports.send(queue, wish)
        self.told(retry_in)
        if wish and claims:
            self.begin(queue, claims, wish)

    def told(self, retry_in: float | None) -> None:
        """The database has the reports, and there may be more work now; ``retry_in``: what sending them gave."""
        if retry_in is not None:
            self.promote_at = min(self.promote_at, time.monotonic() + retry_in)
            self.may_have_work = True

    # ending

    def wind_down(self, queue: Queue) -> float | None:
        """Nothing more is claimed; tasks may finish for a while, then they are stopped and given back."""
        if self.life.stopping():
            logger.info("Worker %s stops; %s tasks may finish.", self.id, len(self.running))
        left = self.shutdown.left(self.stops)
        if not self.running:
            return None
        if left <= 0:
            self.hands.stop("shutdown")
        if self.shutdown.gave_up:
            given_back = Outcome(status=Status.READY, reason="given back: its worker stopped")
            for running in list(self.running.values()):
                self.hands.let_go(running, given_back)
                self.reports.add(running, given_back)
            self.reports.send(queue)
            return None
        return min(FLUSH_EVERY, max(0.05, left))

    def gives_up(self) -> bool:
        """Stopping, and nothing is to be told, or the time in which tasks may finish is over."""
        return self.stopping and (self.shutdown.left(self.stops) <= 0 or not (self.running or self.reports.ends))

    def finish(self) -> None:
        """Nothing of it runs on, and its row says so."""
        self.hands.close()
        self.life.end(self.queue)
        self.disconnect()
        self.announcer.close()
        logger.info("Worker %s stopped.", self.id)
