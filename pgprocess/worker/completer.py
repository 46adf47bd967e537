"""Ended tasks on their way to the database, and from there to whoever listens to signals."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from pgprocess import signals
from pgprocess.attempt import Outcome
from pgprocess.logs.buffer import LogBuffer
from pgprocess.postgres.connection import Database, DatabaseTrouble
from pgprocess.queue.claim import NOTHING, Claimed, Completed, Demand, Refusal, Report
from pgprocess.queue.queue import Queue
from pgprocess.queue.selector import QueueSelector
from pgprocess.queue.within import complete_within
from pgprocess.statuses import Status
from pgprocess.worker.running import Running
from pgprocess.worker.signal_sender import SignalSender

logger = logging.getLogger("pgprocess")

LOST = Outcome(status=Status.READY, reason="given back: the answer to its claim got lost")

ABANDONED = Outcome(status=Status.READY, reason="given back: its worker stood still")

End = tuple[Running, Outcome]

AGAIN_AFTER = (0.5, 1.0, 2.0, 5.0, 10.0)
"""Seconds until an end that was refused is tried again; the last one repeats."""
REFUSED_AT_MOST = 5
"""How often a rule may refuse an end, before the task fails with that sentence; and before that is let go of, too."""


@dataclass(slots=True)
class Refused:
    """An end that the database could not take: a row was locked, or a rule refused it. Nobody else waits for it."""

    running: Running
    outcome: Outcome
    tries: int = 0
    refusals: int = 0
    again_at: float = 0.0

    def put_off(self, refusal: Refusal) -> bool:
        """Note when to try again, and with which outcome; return False where that is no use any more."""
        self.again_at = time.monotonic() + AGAIN_AFTER[min(self.tries, len(AGAIN_AFTER) - 1)]
        self.tries += 1
        self.refusals += not refusal.is_passing
        if self.refusals == REFUSED_AT_MOST:
            error = f"Its end was refused by the database: {refusal.error}."
            self.outcome = Outcome(status=Status.FAILED, error=error)
        return self.refusals < 2 * REFUSED_AT_MOST


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
        self.refused: dict[int, Refused] = {}
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

    @property
    def again_at(self) -> float:
        """When to send an end again that was refused (of :func:`time.monotonic`); infinity: none was."""
        return min((one.again_at for one in self.refused.values()), default=float("inf"))

    def send(self, queue: Queue, demand: Demand | None = None) -> tuple[float | None, Claimed]:
        """Send all unsent ends and all output in one transaction, and claim what is demanded with it.

        Returns in how many seconds the first retry is due (inf: none; None: nothing had ended), and what was claimed.
        Thread: the worker's, or the second one while the worker's collects nothing.
        """
        ends = self.unsent
        reports = [running.report(outcome) for running, outcome in ends if not outcome.committed]
        chunks = self.logs.take()
        done, claimed = NOTHING, Claimed([])
        if reports or chunks:
            try:
                done, claimed = queue.report(chunks, reports, tell=_has_listeners(), demand=demand)
            except DatabaseTrouble:
                self.logs.put_back(chunks)
                raise
        self.unsent = []
        retry_in = self._record(ends, done)
        now = time.monotonic()
        if again := [one for one in self.refused.values() if one.again_at <= now]:
            reports = [one.running.report(one.outcome) for one in again]
            done = queue.complete(reports, tell=_has_listeners())
            self._record([(one.running, one.outcome) for one in again], done)
        return retry_in, claimed

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
        ours = (*running, *(one for one, _ in self.unsent), *(one.running for one in self.refused.values()))
        known = {(one.claim.id, one.claim.claim_token) for one in ours}
        strangers = [Report(jobtask, token, LOST) for jobtask, token in sorted(owned - known)]
        lost = queue.complete(strangers).accepted if strangers else set()
        for jobtask in sorted(lost):
            logger.warning("Job task %s was claimed, but the answer got lost; it is given back.", jobtask)
        return bool(lost)

    def give_up(self, queue: Queue, running: Sequence[Running], patience: float) -> None:
        """Give back what runs, after ``patience`` seconds in which it may end.

        Thread: another one than the worker's, which stands still.
        """
        deadline = time.monotonic() + patience
        while len(self._added) < len(running) and time.monotonic() < deadline:
            time.sleep(0.1)
        queue.complete([one.report(ABANDONED) for one in running])

    def _record(self, ends: Sequence[End], done: Completed) -> float | None:
        """Send signals of the ends that the database has, and put off those that it refused.

        Returns in how many seconds the first retry is due.
        """
        refusals = {refusal.report.id: refusal for refusal in done.refused}
        jobs = list(done.jobs)
        for running, outcome in ends:
            if refusal := refusals.get(running.claim.id):
                self._put_off(running, outcome, refusal)
                continue
            self.refused.pop(running.claim.id, None)
            if outcome.committed or running.claim.id in done.accepted:
                self.signal_sender.task_ended(running, outcome)
                jobs += running.jobs
            elif outcome.status != Status.CANCELLED:  # a task that was cancelled knows, and has been stopped
                self._warn("%s was not ours any more when it ended; its outcome is dropped.", running)
        for job in jobs:
            self.signal_sender.job_ended(job)
        delays = (outcome.delay or 0.0 for _, outcome in ends if outcome.status == Status.SCHEDULED)
        return min(delays, default=float("inf")) if ends else None

    def _put_off(self, running: Running, outcome: Outcome, refusal: Refusal) -> None:
        one = self.refused.setdefault(running.claim.id, Refused(running, outcome))
        if not one.tries:
            self._warn("The end of %s can't be recorded now (%s); it is tried again.", running, refusal.error)
        if not one.put_off(refusal):
            del self.refused[running.claim.id]
            self._warn("The end of %s was refused for good (%s); it is let go.", running, refusal.error)

    def _warn(self, sentence: str, running: Running, *more: str) -> None:
        logger.warning(sentence, running, *more, extra=running.facts("refused", self.signal_sender.worker))


def commit_within(alias: str, running: Running, outcome: Outcome) -> bool:
    """Make the end part of the transaction that the task's own thread has open on ``alias``.

    Returns False where the task is not ours any more. Thread: the task's.
    """
    done = complete_within(alias, running.report(outcome), tell=_has_listeners())
    running.jobs = done.jobs
    return bool(done.accepted)


def _has_listeners() -> bool:
    return bool(signals.job_finished.has_listeners())
