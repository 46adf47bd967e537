"""How tasks ended, on its way to the database; then to whoever listens to signals."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from uuid import UUID

from pgprocess import signals
from pgprocess.attempt import Claim, Outcome
from pgprocess.logs.buffer import Logbook
from pgprocess.queue.claim import Report, Wish
from pgprocess.queue.queue import Completed, ConnectionLost, Queue, complete_within
from pgprocess.statuses import Status
from pgprocess.worker.running import Running
from pgprocess.worker.signal_sender import Announcer

logger = logging.getLogger("pgprocess")

LOST = Outcome(status=Status.READY, reason="given back: the answer to its claim got lost")


class Reports:
    """What ended and is not in the database yet. It is kept until the database has it, or has refused it.

    What tasks write goes before it: whoever sees that a task has ended can read all of its output.
    """

    def __init__(self, announcer: Announcer, logbook: Logbook) -> None:
        self.announcer = announcer
        self.logbook = logbook
        self.ends: list[tuple[Running, Outcome]] = []

    def add(self, running: Running, outcome: Outcome) -> None:
        """A task ended so."""
        self.ends.append((running, outcome))

    def send(self, queue: Queue, wish: Wish | None = None) -> tuple[float | None, list[Claim]]:
        """The database has all of it; in how many seconds the first retry is due, infinity without one, None if nothing
        had ended. And what was claimed with it of what is wished for.

        May be called beside the main thread, while it adds nothing.
        """
        reports = [running.report(outcome) for running, outcome in self.ends if not outcome.committed]
        pieces = self.logbook.take()
        done, claims = Completed(set(), []), list[Claim]()
        if reports or pieces:
            try:
                done, claims = queue.report(pieces, reports, tell=_tell(), wish=wish)
            except ConnectionLost:
                self.logbook.put_back(pieces)
                raise
        return self._sent(done), claims

    def _sent(self, done: Completed) -> float | None:
        """Whoever listens to signals learns what the database has; in how many seconds the first retry is due."""
        ends, self.ends = self.ends, []
        jobs = list(done.jobs)
        for running, outcome in ends:
            if outcome.committed or running.claim.id in done.accepted:
                self.announcer.ended(running, outcome)
                jobs += running.jobs
            elif outcome.status != Status.CANCELLED:  # then it knows, and has been stopped
                facts = running.facts("refused", self.announcer.worker)
                logger.warning("%s was not ours any more when it ended; its outcome is dropped.", running, extra=facts)
        for job in jobs:
            self.announcer.finished(job)
        delays = (outcome.delay or 0.0 for _, outcome in ends if outcome.status == Status.SCHEDULED)
        return min(delays, default=float("inf")) if ends else None

    def give_back(self, queue: Queue, owned: set[tuple[int, UUID]], running: Iterable[Running]) -> bool:
        """What the database calls ours and never reached us is ready again; whether there was anything.

        An answer to a claim gets lost where the connection does, and nobody takes a task from a worker that lives.
        A claim that has ended since we were told of it has another token by now.
        """
        known = {(one.claim.id, one.claim.claim_token) for one in (*running, *(one for one, _ in self.ends))}
        strangers = [Report(jobtask, token, LOST) for jobtask, token in sorted(owned - known)]
        lost = queue.complete(strangers).accepted if strangers else set()
        for jobtask in sorted(lost):
            logger.warning("Job task %s was claimed, but the answer got lost; it is given back.", jobtask)
        return bool(lost)


def commit_within(alias: str, running: Running, outcome: Outcome) -> bool:
    """The end is part of the transaction that the task's own thread has open on ``alias``; False: not ours any more."""
    done = complete_within(alias, running.report(outcome), tell=_tell())
    running.jobs = done.jobs
    return bool(done.accepted)


def _tell() -> bool:
    return bool(signals.job_finished.has_listeners())
