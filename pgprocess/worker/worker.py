"""The worker: claims ready tasks, has them executed, and reports how they ended.

One thread, the main one, claims and reports in batches, both in one transaction; where much ends and there is more
work than slots, a second thread sends the reports while the first claims. Tasks run in other threads and processes,
and everything that happens comes back through the inbox.
"""

from __future__ import annotations

import logging
import os
import platform
import random
import time
from collections import Counter
from threading import Thread
from typing import Any

from pgprocess.attempt import Outcome
from pgprocess.logs.buffer import LogBuffer
from pgprocess.maintenance.rescue import Rescuer
from pgprocess.postgres.connection import DatabaseTrouble
from pgprocess.postgres.listener import CANCEL, WORK
from pgprocess.queue.claim import Claimed, Demand
from pgprocess.queue.queue import Identity, Queue
from pgprocess.service import Service
from pgprocess.statuses import Status
from pgprocess.worker import wakeups
from pgprocess.worker.completer import Completer
from pgprocess.worker.liveness import Liveness
from pgprocess.worker.options import WorkerOptions
from pgprocess.worker.pool import Pool
from pgprocess.worker.shutdown import Shutdown
from pgprocess.worker.signal_sender import SignalSender

logger = logging.getLogger("pgprocess")

FLUSH_EVERY = 0.5
MANY = 5
"""Ends at once from which on reports and claims go different ways, and each waits for the disk by itself."""
NEVER = float("inf")


class Worker(Service):
    """Runs up to ``concurrency`` tasks at once, of the queues that its selector names."""

    name = "worker"
    trouble = DatabaseTrouble

    def __init__(self, options: WorkerOptions) -> None:
        super().__init__()
        self.options = options
        self.selector = options.selector
        self.shutdown = Shutdown(options.shutdown_timeout, options.kill_grace)
        self.tasks_left = NEVER if options.max_tasks is None else options.max_tasks
        self.queue: Queue | None = None
        self.executor = options.executor()
        logs = LogBuffer(limit=options.log_limit, urgent=lambda: self.inbox.put(("output",)))
        self.completer = Completer(
            options.database,
            options.selector,
            logs=logs,
            signal_sender=SignalSender(type(self)),
            notify=lambda: self.inbox.put(("ended",)),
        )
        self.pool = Pool(
            self.executor,
            logs,
            alias=options.database.alias,
            slots=options.concurrency,
            ended=self.completer.add,
            max_crashes=options.max_crashes,
        )
        self.liveness = Liveness(
            options.database,
            Identity(platform.node(), os.getpid(), options.concurrency, options.selector, options.lease),
            self.executor,
            self.pool.running,
            self.inbox.put,
            Rescuer(max_crashes=options.max_crashes),
            options.fence_after,
            standing_since=lambda: self.busy_since,
        )
        self.calls = wakeups.Calls()
        self.may_have_work = True
        self.may_have_other_lanes = False
        self.poll_at = self.promote_at = 0.0
        self.look_at = NEVER

    @property
    def id(self) -> int | None:
        """The id of the worker's row, once there is one."""
        return self.liveness.id

    # the loop

    def connect(self) -> None:
        """Connect; the first time also register, beat and listen."""
        self.disconnect()
        self.queue = Queue(self.options.database, selector=self.selector)
        if self.id is None:
            self.completer.signal_sender.worker = self.pool.worker = self.liveness.start(self.queue)
            if self.options.warm:
                self.executor.forkserver.start()
            logger.info("Worker %s started: %s, %s at once.", self.id, self.selector, self.options.concurrency)

    def disconnect(self) -> None:
        """Close the worker's own connections; the heartbeat has another."""
        if self.queue:
            self.queue.close()
        self.completer.disconnect()

    def tick(self) -> float | None:
        """Report what ended, take what there is. Return for how many seconds nothing is to do, or None at the end."""
        assert self.queue
        self.collect()
        if self.stopping:
            self.record_retry(self.completer.send(self.queue)[0])
            return self.wind_down(self.queue)
        if self.may_have_work and len(self.completer.unsent) >= MANY and not self.selector.caps:  # caps count rows
            return self.send_while_looking(self.queue)
        self.send_and_take(self.queue)
        if self.tasks_left <= 0 and not self.pool.running and not self.completer.refused:
            return None
        return self.look(self.queue)

    def look(self, queue: Queue) -> float | None:
        """Take what there is. Return for how many seconds nothing is to do, or None at the end."""
        now = time.monotonic()
        if now >= self.poll_at:
            self.poll_at = now + self.options.poll_interval * random.uniform(0.8, 1.0)  # noqa: S311
            self.promote_at = now
            self.may_have_work = True
        if now >= self.look_at:
            self.look_at = NEVER
            self.may_have_work = True
            if self.may_have_other_lanes or self.liveness.workers > 2:  # somebody else may have the known ones by now
                queue.watermarks.forget()
        self.take(queue)
        self.calls.call_if_due(queue)
        if now >= self.promote_at and self.promote(queue, now):
            return 0.0
        if self.is_done(now):
            return None
        flush_at = now + FLUSH_EVERY if self.pool.running else NEVER
        wake_at = min(
            self.poll_at, self.promote_at, self.look_at, self.calls.call_at, self.completer.again_at, flush_at
        )
        return max(0.0, wake_at - time.monotonic())

    def is_done(self, now: float) -> bool:
        """Tell whether a worker that runs once has nothing left to run, to report or to wait for."""
        busy = self.pool.running or self.completer.unsent or self.completer.refused
        return self.options.once and not busy and self.promote_at > now + self.options.poll_interval

    def on_event(self, event: str, *details: Any) -> None:
        """Take in what happened: in a task (an end needs no more than the next tick), in the database, or to us."""
        if event == WORK and (not details[0] or self.selector.serves(details[0])):
            self.look_at = min(self.look_at, time.monotonic() + wakeups.turn(self.liveness.workers))
            if not details[0]:
                self.promote_at = min(self.promote_at, self.look_at)
        elif event == CANCEL:
            self.liveness.beat_now()
        elif event == "owned":
            self.liveness.stop_disowned(*details)
            assert self.queue
            self.may_have_work |= self.completer.give_back(self.queue, details[1], self.pool.running.values())

    # taking and executing

    def promote(self, queue: Queue, now: float) -> bool:
        """Make ready what is due, and note when to do so again; tell whether there was any."""
        promoted, next_in = queue.promote()
        self.promote_at = NEVER if next_in is None else now + next_in
        self.may_have_work |= promoted > 0
        return promoted > 0

    @property
    def free(self) -> int:
        """How many tasks may be taken, if others know that we live; else they might take back what we claim."""
        return int(min(self.pool.free, self.tasks_left)) if self.liveness.is_certain else 0

    @property
    def demand(self) -> Demand:
        """As many ready tasks as there are free slots."""
        assert self.id
        capped = self.selector.caps
        busy = Counter(running.claim.queue for running in self.pool.running.values()) if capped else {}
        return Demand(self.id, self.free, busy)

    def take(self, queue: Queue) -> None:
        """Claim and begin as many ready tasks as there are free slots."""
        if not self.may_have_work or not self.liveness.is_certain:
            return
        demand = self.demand
        if demand.slots > 0:
            self.begin(queue, queue.claim(demand), demand)
        else:
            self.calls.plan()

    def begin(self, queue: Queue, claimed: Claimed, demand: Demand) -> None:
        """Run what was claimed; there may be more only if that is all that was demanded."""
        self.may_have_work = len(claimed.claims) == demand.slots
        self.tasks_left -= len(claimed.claims)
        self.look_at = claimed.look_at
        self.may_have_other_lanes = claimed.look_at < NEVER
        self.pool.begin(claimed.claims, queue.versions)
        if self.may_have_work or claimed.left_over:
            self.calls.plan()
        else:
            self.calls.cancel()

    # reporting

    def collect(self) -> None:
        """Free the slots of the tasks that ended."""
        for running, outcome in self.completer.collect():
            self.pool.release(running, outcome)

    def send_while_looking(self, queue: Queue) -> float:
        """Let a second thread report what ended while this one takes what there is."""
        with self.completer.sending() as sent:
            self.look(queue)
        self.record_retry(sent.result()[0])
        return 0.0

    def send_and_take(self, queue: Queue) -> None:
        """Report what ended and take at once what follows: where little ends, it waits for the disk only once."""
        demand = self.demand if self.completer.unsent and self.free > 0 else None
        retry_in, claimed = self.completer.send(queue, demand)
        self.record_retry(retry_in)
        if demand and claimed.claims:
            self.begin(queue, claimed, demand)

    def record_retry(self, retry_in: float | None) -> None:
        """Look for work again, if anything had ended, and no later than the first retry (``retry_in`` seconds)."""
        if retry_in is not None:
            self.promote_at = min(self.promote_at, time.monotonic() + retry_in)
            self.may_have_work = True

    # ending

    def threads(self) -> list[Thread]:
        """Return the heartbeat, the listener and the threads of event loops."""
        return [*self.liveness.threads(), *self.executor.threads()]

    def crippled(self) -> str:
        """Return why the worker can't go on; empty: it can."""
        if self.pool.is_used_up:
            return "tasks that don't end keep all of its threads"
        if self.liveness.is_overdue and not self.failures:
            return "its heartbeat does not come through, though the database answers"
        return super().crippled()

    def abandon(self) -> None:
        """Stop what runs, and give it back. Thread: the watchdog's."""
        self.pool.stop("shutdown")
        queue = Queue(self.options.database, name="pgprocess farewell")
        self.completer.give_up(queue, list(self.pool.running.values()), self.options.kill_grace)
        self.liveness.stop(queue)
        queue.close()

    def wind_down(self, queue: Queue) -> float | None:
        """Claim nothing more; let tasks finish for a while, then stop them and give them back."""
        if self.liveness.say_stopping():
            logger.info("Worker %s stops; %s tasks may finish.", self.id, len(self.pool.running))
        left = self.shutdown.left(self.stops)
        if not self.pool.running and not (self.completer.refused and left > 0):
            return None
        if left <= 0:
            self.pool.stop("shutdown")
        if self.shutdown.gave_up:
            given_back = Outcome(status=Status.READY, reason="given back: its worker stopped")
            ends = [(running, given_back) for running in self.pool.running.values()]
            for running, outcome in ends:
                self.pool.release(running, outcome)
            self.completer.unsent += ends
            self.completer.send(queue)
            return None
        return min(FLUSH_EVERY, max(0.05, left))

    def gives_up(self) -> bool:
        """Tell whether to stop though the database is away: nothing is to be sent, or the time for it is over."""
        busy = self.pool.running or self.completer.unsent
        return self.stopping and (self.shutdown.left(self.stops) <= 0 or not busy)

    def finish(self) -> None:
        """End everything that runs, and say so in the worker's row."""
        self.pool.close()
        self.liveness.stop(self.queue)
        self.disconnect()
        self.completer.signal_sender.close()
        logger.info("Worker %s stopped.", self.id)
