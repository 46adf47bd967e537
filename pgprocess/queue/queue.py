"""Everything that a worker says to Postgres: one statement of ``sql/queries/queue`` each.

Not thread-safe: one Queue belongs to one thread.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import reduce
from operator import or_
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

import psycopg
from psycopg.rows import args_row, class_row, scalar_row

from pgprocess.attempt import Claim, Outcome, Version
from pgprocess.conf import LEASE
from pgprocess.logs.buffer import LogChunk, columns
from pgprocess.postgres.connection import INDEXES_ONLY, ROW_BY_ROW, Connection, Database, DatabaseTrouble, is_passing
from pgprocess.queue.claim import NOTHING, Claimed, Completed, Demand, Ended, Refusal, Report, completion
from pgprocess.queue.one_by_one import OneByOne
from pgprocess.queue.selector import QueueSelector
from pgprocess.queue.watermarks import Lane, Watermarks, request
from pgprocess.statuses import Status
from pgprocess.text import first_line

logger = logging.getLogger("pgprocess")

COLLISIONS = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)
PATIENCE, LITTLE_PATIENCE = 1000, 100
"""Milliseconds to wait for a lock: of many statements together, and of those that are tried one by one afterwards."""
SUSPICIOUS = 3.0
"""Seconds of silence after which a worker's session is looked at, to see whether it has ended."""

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Identity(NamedTuple):
    """What a worker's row says about the worker."""

    host: str
    pid: int
    slots: int
    selector: QueueSelector = QueueSelector()
    lease: float = LEASE

    @property
    def columns(self) -> dict[str, Any]:
        """The identity as columns of the row."""
        queues, excluded = ",".join(self.selector.queues), ",".join(self.selector.excluded)
        named = {"host": self.host, "pid": self.pid, "slots": self.slots, "lease": self.lease}
        return named | {"queues": queues, "excluded_queues": excluded}


class Beat(NamedTuple):
    """The answer to a heartbeat: the claims (job task, token) that the worker still owns; how many workers serve the
    same queues, this one included; whether others are silent."""

    owned: set[tuple[int, UUID]]
    workers: int
    others_silent: bool


class Silence(NamedTuple):
    """A worker that was not seen lately, as of ``last_seen`` (text of the database), for ``seconds`` by that clock."""

    id: int
    last_seen: str
    lease: float
    seconds: float


class Queue(Connection):
    """A connection to the database that holds the queue, and the requests to send over it."""

    def __init__(self, database: Database, *, selector: QueueSelector | None = None, name: str = "pgprocess") -> None:
        """``selector``: what this connection will claim, so that nobody else is told of it; None: nothing.

        A connection that claims sends the same few statements over and over: to parse and plan them took an eighth of
        their time.
        """
        settings = ROW_BY_ROW | {"pgprocess.quiet": selector.quiet} if selector else INDEXES_ONLY
        settings = settings | {"lock_timeout": f"{PATIENCE} ms"}
        super().__init__(database, name=name, settings=settings, prepared=selector is not None)
        self.selector = selector or QueueSelector()
        self.watermarks = Watermarks()
        self.versions: dict[int, Version] = {}
        self.one_by_one = OneByOne(self)

    # a worker

    def register(self, identity: Identity) -> int:
        """Insert a worker's row; return its id."""
        return int(self.value("queue/register", identity.columns))

    def heartbeat(self, worker: int, identity: Identity, state: str, *, stuck: float | None = None) -> Beat:
        """Record that the worker was seen now, and for how many seconds its loop has been stuck, if it is."""
        params = identity.columns | {"id": worker, "state": state, "stuck": stuck, "suspicious": SUSPICIOUS}
        ids, tokens, workers, others_silent = self.row("queue/heartbeat", params)
        return Beat(set(zip(ids, tokens, strict=True)), workers, others_silent)

    def claim(self, demand: Demand) -> Claimed:
        """Make ready tasks running and this worker's, as many as are demanded and there are.

        A task that can't be claimed keeps no other from being claimed (:mod:`pgprocess.queue.one_by_one`).
        """
        try:
            return self._claim_together(demand)
        except DatabaseTrouble as error:
            if self.is_lost or is_passing(error):
                raise
            return self.one_by_one.claim(demand, error)

    def _claim_together(self, demand: Demand) -> Claimed:
        room = self.selector.room(demand.busy)
        if not self.watermarks.stale and (claims := self._claim(demand, room)):
            return self._claimed(claims, demand)
        params = {"queues": list(self.selector.queues), "excluded": list(self.selector.excluded)}
        ready = self.rows("queue/ready_lanes", params)
        self.watermarks.renew(ready)
        left_over = any(room.get(queue, 1) <= 0 for queue, _ in ready)
        return Claimed(self._claim(demand, room, among=ready), left_over)

    def _claim(
        self, demand: Demand, room: dict[str, int], among: Sequence[tuple[str, int]] | None = None
    ) -> list[Claim]:
        return self.claim_from(self.watermarks.lanes(demand.slots, room, among), demand)

    def claim_from(self, lanes: Sequence[Lane], demand: Demand) -> list[Claim]:
        """Claim what is demanded, and no more than these lanes have room for."""
        claims = self.rows("queue/claim", request(lanes, demand), row=args_row(Claim)) if lanes else []
        self._learn(claims)
        return claims

    def _claimed(self, claims: list[Claim], demand: Demand) -> Claimed:
        """Return claims out of lanes that were known: where some slots are left, there may be work in others."""
        if len(claims) == demand.slots:
            return Claimed(claims)
        return Claimed(claims, look_at=self.watermarks.look_at)

    def _learn(self, claims: list[Claim]) -> None:
        """Raise the marks, and read the versions that are not known yet."""
        self.watermarks.raise_to(claims)
        if unknown := {claim.version_id for claim in claims} - self.versions.keys():
            for version in self.rows("queue/versions", {"ids": list(unknown)}, row=class_row(Version)):
                self.versions[version.id] = version

    def complete(self, reports: Sequence[Report], *, tell: bool = False) -> Completed:
        """Write down how these claims ended. With ``tell``, the answer has the jobs that ended with them as well.

        An outcome that Postgres can't store fails its own task; one that meets a lock or is refused is in the answer,
        for the caller to try again. The others do not suffer for it.
        """

        def salvage(report: Report, error: Exception) -> Completed:
            if not isinstance(error, psycopg.DataError):
                return Completed(set(), [], [Refusal(report, first_line(error), is_passing(error))])
            sentence = f"Its outcome can't be stored: {first_line(error)}."
            failed = report._replace(outcome=Outcome(status=Status.FAILED, error=sentence))
            return self._complete([failed], tell)

        return reduce(or_, self._halved(reports, lambda part: self._complete(part, tell), salvage), NOTHING)

    def _complete(self, reports: Sequence[Report], tell: bool) -> Completed:
        while True:
            try:
                return self._complete_once(completion(reports), tell)
            except COLLISIONS:
                # Somebody's UPDATE from psql held a row and wanted the job: Postgres chose us to yield.
                logger.info("A completion collided with another transaction; once more.")

    def _complete_once(self, params: dict[str, Any], tell: bool) -> Completed:
        with self.transaction():
            self.connection.execute("SELECT set_config('lock_timeout', %s, true)", [f"{LITTLE_PATIENCE} ms"])
            done = self.rows("queue/complete", params, row=scalar_row)
            jobs = self.rows("queue/jobs_ended", {"ids": done}, row=class_row(Ended)) if tell else []
            return Completed(set(done), jobs, [])

    def report(
        self, chunks: Sequence[LogChunk], reports: Sequence[Report], *, tell: bool = False, demand: Demand | None = None
    ) -> tuple[Completed, Claimed]:
        """Write down what tasks wrote and how claims ended; then claim what is demanded, if a known lane has it.

        All of it is one pipeline and one transaction: one answer to wait for, and the disk once. As a claim waits for
        nobody, it may well follow what holds locks. Where that fails, be it for what can't be stored, a collision, or
        a claim that somebody's trigger refuses, all but the claim is sent once more, each by itself.
        """
        if not self.pooled:
            try:
                return self._report(chunks, reports, tell, demand)
            except DatabaseTrouble as error:
                if self.is_lost:
                    raise
                logger.info(
                    "A report and a claim failed together (%s); the report is sent by itself.", first_line(error)
                )
        if chunks:
            self.append(chunks)
        return self.complete(reports, tell=tell) if reports else NOTHING, Claimed([])

    def _report(
        self, chunks: Sequence[LogChunk], reports: Sequence[Report], tell: bool, demand: Demand | None
    ) -> tuple[Completed, Claimed]:
        lanes = []
        if demand and not self.watermarks.stale:
            lanes = self.watermarks.lanes(demand.slots, self.selector.room(demand.busy))
        done = jobs = claimed = None
        with self.connection.pipeline():
            if chunks:
                self.execute("queue/append_log", columns(chunks))
            if reports:
                done = self.execute("queue/complete", completion(reports), scalar_row)
                if tell:
                    jobs = self.execute("queue/jobs_ended", {"ids": [one.id for one in reports]}, class_row(Ended))
            if demand and lanes:
                claimed = self.execute("queue/claim", request(lanes, demand), args_row(Claim))
        completed = Completed(set(done.fetchall()) if done else set(), jobs.fetchall() if jobs else [], [])
        if not demand:
            return completed, Claimed([])
        claims = claimed.fetchall() if claimed else []
        if not claims:
            self.watermarks.forget()
        self._learn(claims)
        return completed, self._claimed(claims, demand)

    def append(self, chunks: Sequence[LogChunk]) -> None:
        """Write down what tasks wrote; in place of a chunk that this database can't store, say so."""

        def send(part: Sequence[LogChunk]) -> None:
            self.rows("queue/append_log", columns(part))

        def replaced(chunk: LogChunk, error: Exception) -> None:
            if not isinstance(error, psycopg.DataError):
                raise error
            send([replace(chunk, text=f"… output that can't be stored: {first_line(error)} …\n")])

        self._halved(chunks, send, replaced)

    def _halved(
        self,
        items: Sequence[Item],
        send: Callable[[Sequence[Item]], Answer],
        salvage: Callable[[Item, Exception], Answer],
    ) -> Iterable[Answer]:
        r"""Send the items together; where that fails, half by half, until ``salvage`` has the one to blame alone."""
        try:
            return [send(items)]
        except DatabaseTrouble as error:
            if self.is_lost:
                raise
            if len(items) == 1:
                return [salvage(items[0], error)]
        half = len(items) // 2
        return [*self._halved(items[:half], send, salvage), *self._halved(items[half:], send, salvage)]

    def wake(self, queue: str = "") -> None:
        """Tell other workers to look for work."""
        self.connection.execute("SELECT pg_notify('pgprocess', %s)", [queue])

    # a worker, and who looks after things for workers

    def promote(self) -> tuple[int, float | None]:
        """Make ready what was scheduled and is due. Return how many, and in how many seconds the next will be due."""
        promoted, next_in = self.row("queue/promote")
        return promoted, next_in

    def silences(self) -> list[Silence]:
        """Return the workers that are up and were not seen within the last seconds."""
        return self.rows("queue/silences", {"suspicious": SUSPICIOUS}, row=class_row(Silence))

    def rescue(self, silent: Sequence[Silence] = (), *, steady: float, max_crashes: int) -> set[int]:
        """Make tasks of workers that are gone ready again, or failed; return their ids.

        ``silent``: the workers that were silent for their lease. ``steady``: for how many seconds the caller has itself
        been in touch.
        """
        params = {
            "silent": [one.id for one in silent],
            "last_seen": [one.last_seen for one in silent],
            "steady": steady,
            "suspicious": SUSPICIOUS,
            "max_crashes": max_crashes,
        }
        return set(self.rows("queue/rescue", params, row=scalar_row))
