"""What a worker is to the database: who it is, what it claims, what it reports; without a loop, told by the test."""

from __future__ import annotations

from uuid import UUID

from pgprocess.attempt import Claim, Outcome
from pgprocess.postgres.connection import Database
from pgprocess.queue.claim import Demand, Report
from pgprocess.queue.queue import Identity, Queue
from pgprocess.statuses import Status

ME = Identity("h", 1, 4)
DONE = Outcome(status=Status.SUCCEEDED)


def report(claim: Claim, outcome: Outcome = DONE) -> Report:
    """Return what a worker reports of a claim that ended so."""
    return Report(claim.id, claim.claim_token, outcome)


def bury(queue: Queue, *, max_crashes: int = 3) -> set[int]:
    """Rescue the tasks of workers that are silent for their lease by the database's clock; return the tasks' ids."""
    silent = [one for one in queue.silences() if one.seconds >= one.lease]
    return queue.rescue(silent, steady=60, max_crashes=max_crashes)


class Hands:
    """A worker without its loop, which claims and completes when it is told to."""

    def __init__(self) -> None:
        self.queue = Queue(Database("default"))
        self.connection = self.queue.connection
        self.connection.execute("SET deadlock_timeout = '20 ms'")
        self.id = self.queue.register(ME)

    def claim(self, slots: int = 100) -> list[Claim]:
        """Claim up to so many ready tasks."""
        return self.queue.claim(Demand(self.id, slots)).claims

    def owned(self) -> set[tuple[int, UUID]]:
        """Beat, and return which claims are still the worker's own."""
        return self.queue.heartbeat(self.id, ME, "running").owned

    def complete(self, *claims: Claim, outcome: Outcome = DONE) -> set[int]:
        """Report that the claims ended so; return which of them were still the worker's own."""
        return self.queue.complete([report(claim, outcome) for claim in claims]).accepted
