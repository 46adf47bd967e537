"""Ended tasks on their way to the database, and from there to whoever listens to signals."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from uuid import UUID

from pgprocess import signals
from pgprocess.attempt import Outcome
from pgprocess.logs.buffer import LogBuffer
from pgprocess.postgres.connection import Database, DatabaseTrouble
from pgprocess.queue.claim import NOTHING, Claimed, Completed, Demand, Report
from pgprocess.queue.queue import Queue, complete_within
from pgprocess.queue.selector import QueueSelector
from pgprocess.statuses import Status
from pgprocess.worker.running import Running
from pgprocess.worker.signal_sender import SignalSender

logger = logging.getLogger("pgprocess")

LOST = Outcome(status=Status.READY, reason="given back: the answer to its claim got lost")

End = tuple[Running, Outcome]


class Completer:
    """Tasks that ended and whose end the database does not have yet. An end is kept until it is accepted or refused.

    Any thread adds an end; ``notify`` is called once for many. The worker's thread collects them and sends them, with
    what tasks wrote before: whoever sees that a task has ended can read all of its output. Where much ends and there
    is more work than slots, a second thread and connection send while the worker claims: many wait less for the disk.
    """

    def __init__(
        self,
        database: Database,
        selector: QueueSelector,
        *,
        logs: LogBuffer,
        signal_sender: SignalSender,
        notify: Callable[[], object],
    ) -> None:
        self.database = database
        self.selector = selector
        self.logs = logs
        self.signal_sender = signal_sender
        self.unsent: list[End] = []
        self._notify = notify
        self._notified = False
        self._added: deque[End] = deque()
        self._second: tuple[Queue, ThreadPoolExecutor] | None = None

    def add(self, running: Running, outcome: Outcome) -> None:
        """Take the end of a task. Thread: any."""
        self._added.append((running, outcome))
        if not self._notified:
            self._notified = True
            self._notify()

    def collect(self) -> list[End]:
        """Return the ends that were added since the last call; from now on they are unsent. Thread: the worker's."""
        self._notified = False
        collected = []
        while self._added:
            collected.append(self._added.popleft())
        self.unsent += collected
        return collected

    def send(self, queue: Queue, demand: Demand | None = None) -> tuple[float | None, Claimed]:
        """Send all unsent ends and all output in one transaction, and claim what is demanded with it.

        Returns in how many seconds the first retry is due (inf: none; None: nothing had ended), and what was claimed.
        Thread: the worker's, or the second one while the worker's collects nothing.
        """
        reports = [running.report(outcome) for running, outcome in self.unsent if not outcome.committed]
        chunks = self.logs.take()
        done, claimed = NOTHING, Claimed([])
        if reports or chunks:
            try:
                done, claimed = queue.report(chunks, reports, tell=_has_listeners(), demand=demand)
            except DatabaseTrouble:
                self.logs.put_back(chunks)
                raise
        return self._sent(done), claimed

    @contextmanager
    def sending(self) -> Iterator[Future[tuple[float | None, Claimed]]]:
        """Send in the second thread while the block runs, and wait for both. Raises what either raises."""
        if self._second is None:
            threads = ThreadPoolExecutor(1, thread_name_prefix="pgprocess-completer")
            self._second = Queue(self.database, selector=self.selector), threads
        queue, thread = self._second
        sent = thread.submit(self.send, queue)
        try:
            yield sent
        finally:
            sent.result()

    def disconnect(self) -> None:
        """Close the second connection and end its thread."""
        if self._second:
            queue, thread = self._second
            queue.close()
            thread.shutdown()
            self._second = None

    def give_back(self, queue: Queue, owned: set[tuple[int, UUID]], running: Iterable[Running]) -> bool:
        """Make ready again what the database calls ours and never reached us; tell whether there was anything.

        An answer to a claim gets lost where the connection does, and nobody takes a task from a worker that lives.
        A claim that has ended since the database said so has another token by now.
        """
        known = {(one.claim.id, one.claim.claim_token) for one in (*running, *(one for one, _ in self.unsent))}
        strangers = [Report(jobtask, token, LOST) for jobtask, token in sorted(owned - known)]
        lost = queue.complete(strangers).accepted if strangers else set()
        for jobtask in sorted(lost):
            logger.warning("Job task %s was claimed, but the answer got lost; it is given back.", jobtask)
        return bool(lost)

    def _sent(self, done: Completed) -> float | None:
        """Send signals of what the database has; return in how many seconds the first retry is due."""
        ends, self.unsent = self.unsent, []
        jobs = list(done.jobs)
        for running, outcome in ends:
            if outcome.committed or running.claim.id in done.accepted:
                self.signal_sender.task_ended(running, outcome)
                jobs += running.jobs
            elif outcome.status != Status.CANCELLED:  # a task that was cancelled knows, and has been stopped
                facts = running.facts("refused", self.signal_sender.worker)
                logger.warning("%s was not ours any more when it ended; its outcome is dropped.", running, extra=facts)
        for job in jobs:
            self.signal_sender.job_ended(job)
        delays = (outcome.delay or 0.0 for _, outcome in ends if outcome.status == Status.SCHEDULED)
        return min(delays, default=float("inf")) if ends else None


def commit_within(alias: str, running: Running, outcome: Outcome) -> bool:
    """Make the end part of the transaction that the task's own thread has open on ``alias``.

    Returns False where the task is not ours any more. Thread: the task's.
    """
    done = complete_within(alias, running.report(outcome), tell=_has_listeners())
    running.jobs = done.jobs
    return bool(done.accepted)


def _has_listeners() -> bool:
    return bool(signals.job_finished.has_listeners())
