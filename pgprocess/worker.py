"""The worker: claims ready tasks, has them executed, and reports how they ended.

One thread, the main one, talks to the database: it alone claims and completes, in batches. Tasks run in other
threads and processes, and everything that happens comes back through the inbox.
"""

from __future__ import annotations

import logging
import os
import platform
import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

from pgprocess.execute import Executor
from pgprocess.heartbeat import Heartbeat
from pgprocess.listen import CANCEL, WORK, Listener
from pgprocess.logbook import Logbook
from pgprocess.outcome import Outcome
from pgprocess.queue import Claim, ConnectionLost, Queue, Report, Version
from pgprocess.running import Running, ended_as, run_of
from pgprocess.service import Service
from pgprocess.statuses import Status

logger = logging.getLogger("pgprocess")

FLUSH_EVERY = 0.5
CALL_OTHERS_EVERY = 0.05
SPARE_THREADS = 100


class Worker(Service):
    """Runs up to ``concurrency`` tasks at once, of these ``queues`` (none given: of all).

    ``once``: ends when nothing is ready, running or about to be. Times are seconds.
    """

    name = "worker"
    lost_connection = ConnectionLost

    def __init__(
        self,
        *,
        alias: str,
        queues: Sequence[str] = (),
        concurrency: int = 8,
        shutdown_timeout: float = 30.0,
        poll_interval: float = 5.0,
        kill_grace: float = 5.0,
        result_limit: int = 1_000_000,
        log_limit: int = 2_000_000,
        listen: bool = True,
        once: bool = False,
    ) -> None:
        super().__init__()
        self.alias = alias
        self.queues = list(queues)
        self.concurrency = concurrency
        self.shutdown_timeout = shutdown_timeout
        self.poll_interval = poll_interval
        self.kill_grace = kill_grace
        self.once = once

        self.id: int | None = None
        self.queue: Queue | None = None
        self.executor = Executor(grace=kill_grace, result_limit=result_limit)
        # More than concurrency, for threads that an abandoned task keeps.
        self.threads = ThreadPoolExecutor(concurrency + SPARE_THREADS, thread_name_prefix="pgprocess-task")
        self.logbook = Logbook(limit=log_limit, urgent=lambda: self.inbox.put(("log",)))
        self.listener = Listener(alias, [WORK, CANCEL], lambda *heard: self.inbox.put(heard)) if listen else None
        self.heartbeat: Heartbeat | None = None

        self.running: dict[int, Running] = {}
        self.reports: list[Report] = []
        self.may_have_work = True
        self.poll_at = 0.0
        self.promote_at = 0.0
        self.called_others_at = 0.0
        self.call_others_at = float("inf")
        self.stop_tasks_at = float("inf")

    # the loop

    def connect(self) -> None:
        """Connected; the first time also registered, beating and listening."""
        if self.queue:
            self.queue.close()
        self.queue = Queue(self.alias, serves=self.queues)
        if self.id is None:
            self.id = self.queue.register(
                host=platform.node(), pid=os.getpid(), queues=self.queues, slots=self.concurrency
            )
            self.heartbeat = Heartbeat(self.alias, self.id, lambda *told: self.inbox.put(("owned", *told)))
            self.heartbeat.start()
            if self.listener:
                self.listener.start()
            serving = ", ".join(self.queues) or "every queue"
            logger.info("Worker %s started: %s, %s at once.", self.id, serving, self.concurrency)

    def tick(self) -> float | None:
        """Report what ended, take what there is; how long nothing more is to do, or None at the end."""
        assert self.queue
        self.write_logs(self.queue)
        self.report(self.queue)
        if self.stopping:
            return self.wind_down(self.queue)
        now = time.monotonic()
        if now >= self.poll_at:
            self.poll_at = now + self.poll_interval * random.uniform(0.8, 1.0)  # noqa: S311
            self.promote_at = now
            self.may_have_work = True
        if now >= self.promote_at:
            self.promote(self.queue, now)
        self.take(self.queue)
        if self.once and not self.running and not self.reports and self.promote_at > now + self.poll_interval:
            return None
        wake_at = min(
            self.poll_at, self.promote_at, self.call_others_at, now + FLUSH_EVERY if self.running else float("inf")
        )
        return max(0.0, wake_at - time.monotonic())

    def heard(self, event: str, *details: Any) -> None:
        """Something happened: in a task, in the database, or to us."""
        if event == "done":
            self.ended(*details)
        elif event == WORK:
            if not self.queues or details[0] in ("", *self.queues):
                self.may_have_work = True
                self.promote_at = 0.0
        elif event == CANCEL and self.heartbeat:
            self.heartbeat.now()
        elif event == "owned":
            self.disowned(*details)

    # taking and executing

    def promote(self, queue: Queue, now: float) -> None:
        """What is due is ready, and we know when to look again."""
        promoted, next_in = queue.promote()
        self.promote_at = float("inf") if next_in is None else now + next_in
        if promoted:
            self.may_have_work = True

    def take(self, queue: Queue) -> None:
        """As many ready tasks as there are free slots are ours and have begun."""
        free = self.concurrency - len(self.running)
        if not self.may_have_work:
            return
        if free <= 0:
            self.call_others(queue)
            return
        assert self.id
        claims = queue.claim(self.id, self.queues, free)
        self.may_have_work = len(claims) == free
        for claim in claims:
            self.begin(claim, queue.versions[claim.version_id])
        if self.may_have_work:
            self.call_others(queue)

    def begin(self, claim: Claim, version: Version) -> None:
        """The task runs; its end will come through the inbox."""
        running = Running(claim, self.logbook.page(claim.id, claim.attempt))
        self.running[claim.id] = running
        logger.info("%s started, attempt %s.", running, claim.attempt)

        def done(outcome: Outcome) -> None:
            running.page.close()
            self.inbox.put(("done", running, outcome))

        run = run_of(claim, version)
        if self.executor.blocks(run):
            self.threads.submit(self.executor.start, run, running.page, running.stop, done)
        else:
            self.executor.start(run, running.page, running.stop, done)

    def call_others(self, queue: Queue) -> None:
        """All our slots are taken and there may be more work: others look for it. Not more often than it helps."""
        now = time.monotonic()
        self.call_others_at = min(self.call_others_at, max(now, self.called_others_at + CALL_OTHERS_EVERY))
        if now >= self.call_others_at:
            self.called_others_at = now
            self.call_others_at = float("inf")
            queue.wake()

    # reporting

    def ended(self, running: Running, outcome: Outcome) -> None:
        """A task ended; its slot is free, and its report waits to be sent."""
        if self.running.get(running.claim.id) is running:
            del self.running[running.claim.id]
        took = time.monotonic() - running.since
        why = f": {outcome.error or outcome.reason}" if outcome.error or outcome.reason else ""
        logger.info("%s %s in %.1f s%s", running, ended_as(outcome), took, why or ".")
        self.reports.append(Report(running.claim.id, running.claim.claim_token, outcome))

    def report(self, queue: Queue) -> None:
        """What ended is in the database. It is kept until the database has it."""
        if not self.reports:
            return
        accepted = queue.complete(self.reports)
        for report in self.reports:
            if report.id not in accepted:
                logger.warning("Job task %s was not ours any more when it ended; its outcome is dropped.", report.id)
        now = time.monotonic()
        delays = [report.outcome.delay for report in self.reports if report.outcome.status == Status.SCHEDULED]
        self.promote_at = min([self.promote_at, *(now + (delay or 0.0) for delay in delays)])
        self.reports = []
        self.may_have_work = True

    def write_logs(self, queue: Queue) -> None:
        """What tasks have written so far can be read."""
        pieces = self.logbook.take()
        if not pieces:
            return
        try:
            queue.append(pieces)
        except ConnectionLost:
            self.logbook.put_back(pieces)
            raise

    def disowned(self, since: float, owned: set[tuple[int, UUID]]) -> None:
        """These claims were ours at some moment after ``since``; of what began before, the rest is stopped."""
        for running in self.running.values():
            claim = running.claim
            if running.since < since and (claim.id, claim.claim_token) not in owned:
                running.stop.request("cancelled")

    # ending

    def wind_down(self, queue: Queue) -> float | None:
        """Nothing more is claimed; tasks may finish for a while, then they are stopped and given back."""
        now = time.monotonic()
        if self.heartbeat and self.heartbeat.state != "stopping":
            self.heartbeat.state = "stopping"
            self.heartbeat.now()
            self.stop_tasks_at = now + self.shutdown_timeout
            logger.info("Worker %s stops; %s tasks may finish.", self.id, len(self.running))
        if self.stops > 1:
            self.stop_tasks_at = min(self.stop_tasks_at, now)
        if not self.running:
            return None
        if now >= self.stop_tasks_at:
            for running in self.running.values():
                running.stop.request("shutdown")
        if now >= self.stop_tasks_at + self.kill_grace + 1:
            for running in list(self.running.values()):
                self.ended(running, Outcome(status=Status.READY, reason="given back: its worker stopped"))
            self.report(queue)
            return None
        return min(FLUSH_EVERY, max(0.05, self.stop_tasks_at - now))

    def finish(self) -> None:
        """Nothing of it runs on, and its row says so."""
        if self.listener:
            self.listener.stop()
        if self.heartbeat:
            self.heartbeat.stop()
            self.heartbeat.join(timeout=5.0)
        self.executor.close()
        self.threads.shutdown(wait=False, cancel_futures=True)
        if self.queue:
            try:
                if self.id is not None:
                    self.queue.heartbeat(self.id, "stopped")
            except ConnectionLost:
                logger.warning("Worker %s could not say goodbye; its row will be seen as lost.", self.id)
            self.queue.close()
        logger.info("Worker %s stopped.", self.id)
