"""Everything that a worker says to Postgres: one statement of ``sql/queries`` each.

Not thread-safe: one Queue belongs to one thread.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from psycopg.rows import args_row, class_row, scalar_row

from pgprocess.attempt import Claim, Outcome, Version
from pgprocess.logs.buffer import Piece, written
from pgprocess.postgres.connection import INDEXES_ONLY, ROW_BY_ROW, Connected
from pgprocess.queue.claim import Ended, Report, Wish, completion
from pgprocess.queue.selector import Scope
from pgprocess.queue.watermarks import Lanes, request
from pgprocess.sql import query
from pgprocess.statuses import Status
from pgprocess.text import first_line

logger = logging.getLogger("pgprocess")

ConnectionLost = psycopg.Error
COLLISIONS = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)
SUSPICIOUS = 3.0
"""Seconds of silence after which a worker's session is looked at, to see whether it has ended."""


class Identity(NamedTuple):
    """What a worker's row says of it."""

    host: str
    pid: int
    slots: int
    scope: Scope = Scope()

    @property
    def columns(self) -> dict[str, Any]:
        """As the columns of its row."""
        queues, excluded = ",".join(self.scope.queues), ",".join(self.scope.excluded)
        return {"host": self.host, "pid": self.pid, "slots": self.slots, "queues": queues, "excluded_queues": excluded}


class Beat(NamedTuple):
    """The answer to a sign of life: the claims (job task, token) that are still ours; how many workers serve
    the same queues, this one included; whether others are silent."""

    owned: set[tuple[int, UUID]]
    workers: int
    others_silent: bool


class Completed(NamedTuple):
    """The job tasks that took their completion (the others were not ours any more), and the jobs that ended with it."""

    accepted: set[int]
    jobs: list[Ended]


class Queue(Connected):
    """A connection to the database that holds the queue, and the sentences to say on it."""

    def __init__(
        self, alias: str, *, scope: Scope | None = None, name: str = "pgprocess", pooled: bool = False
    ) -> None:
        """``scope``: what this connection will claim itself, so that nobody else is told of it; None: nothing.

        One that claims says the same few sentences over and over: to parse and plan them took an eighth of their time.
        """
        settings = ROW_BY_ROW | {"pgprocess.quiet": scope.quiet} if scope else INDEXES_ONLY
        super().__init__(alias, name=name, settings=settings, prepared=scope is not None, pooled=pooled)
        self.scope = scope or Scope()
        self.lanes = Lanes()
        self.left_over = False
        """Whether the last claim left work lying that the scope's caps have no room for."""
        self.overlooked = False
        """Whether the last claim looked only at the lanes it knew, so that there may be work in others."""
        self.versions: dict[int, Version] = {}

    # a worker

    def register(self, identity: Identity) -> int:
        """A worker's row is there; its id."""
        return int(self.value("queue/register", identity.columns))

    def heartbeat(self, worker: int, identity: Identity, state: str) -> Beat:
        """The worker was seen now."""
        params = identity.columns | {"id": worker, "state": state, "suspicious": SUSPICIOUS}
        ids, tokens, workers, others_silent = self.row("queue/heartbeat", params)
        return Beat(set(zip(ids, tokens, strict=True)), workers, others_silent)

    def claim(self, worker: int, slots: int, busy: Mapping[str, int] | None = None) -> list[Claim]:
        """Up to ``slots`` ready tasks are this worker's, running; ``busy`` counts its running tasks by queue."""
        self.left_over = self.overlooked = False
        room = self._room(busy or {})
        claims = [] if self.lanes.stale else self._claim(worker, slots, room)
        if claims:
            self.overlooked = len(claims) < slots
            return claims
        params = {"queues": list(self.scope.queues), "excluded": list(self.scope.excluded)}
        lanes = self.rows("queue/ready_lanes", params)
        self.lanes.renew(lanes)
        claims = self._claim(worker, slots, room, lanes)
        self.left_over = self.lanes.shut(room, lanes)
        return claims

    def _room(self, busy: Mapping[str, int]) -> dict[str, int]:
        return {queue: cap - busy.get(queue, 0) for queue, cap in self.scope.caps.items()}

    def _claim(
        self, worker: int, slots: int, room: Mapping[str, int], among: Sequence[tuple[str, int]] | None = None
    ) -> list[Claim]:
        lanes = self.lanes.open(slots, room, among)
        if not lanes:
            return []
        return self._took(self.rows("queue/claim", request(lanes, slots, worker), row=args_row(Claim)))

    def _took(self, claims: list[Claim]) -> list[Claim]:
        self.lanes.took(claims)
        self._learn({claim.version_id for claim in claims})
        return claims

    def _learn(self, versions: set[int]) -> None:
        if unknown := versions - self.versions.keys():
            for version in self.rows("queue/versions", {"ids": list(unknown)}, row=class_row(Version)):
                self.versions[version.id] = version

    def complete(self, reports: Sequence[Report], *, tell: bool = False) -> Completed:
        """These claims ended so. With ``tell``, the answer has the jobs that came to their end with it as well."""
        try:
            return self._complete(reports, tell)
        except psycopg.DataError as error:
            # One outcome holds what Postgres can't; the others must not suffer for it.
            if len(reports) > 1:
                each = [self.complete([report], tell=tell) for report in reports]
                return Completed(
                    set().union(*(one.accepted for one in each)), [job for one in each for job in one.jobs]
                )
            [report] = reports
            sentence = f"Its outcome can't be stored: {first_line(error)}."
            return self._complete([report._replace(outcome=Outcome(status=Status.FAILED, error=sentence))], tell)

    def _complete(self, reports: Sequence[Report], tell: bool) -> Completed:
        while True:
            try:
                return self._and_jobs("queue/complete", completion(reports), tell)
            except COLLISIONS:
                # Somebody's UPDATE from psql held a row and wanted the job: Postgres chose us to yield.
                logger.info("A completion collided with another transaction; once more.")

    def _and_jobs(self, name: str, params: Mapping[str, Any], tell: bool) -> Completed:
        if not tell:
            return Completed(set(self.rows(name, params, row=scalar_row)), [])
        with self.transaction():
            done = self.rows(name, params, row=scalar_row)
            return Completed(set(done), self.rows("queue/jobs_ended", {"ids": done}, row=class_row(Ended)))

    def report(
        self, pieces: Sequence[Piece], reports: Sequence[Report], *, tell: bool = False, wish: Wish | None = None
    ) -> tuple[Completed, list[Claim]]:
        """What tasks wrote is there, and these claims ended so; then what is wished for is ours, if a lane that is
        known has it. All of it is said in one go and one transaction: one answer to wait for, and the disk once. As a
        claim waits for nobody, it may well follow what holds locks.

        Where that fails, be it for what can't be stored, a collision, or a claim that somebody's trigger refuses, all
        but the claim is said once more, each by itself.
        """
        if not self._pooled:
            try:
                return self._report(pieces, reports, tell, wish)
            except psycopg.Error as error:
                if self.connection.closed:
                    raise
                words = first_line(error)
                logger.info("A report and a claim failed together (%s); the report is sent by itself.", words)
        if pieces:
            self.append(pieces)
        return self.complete(reports, tell=tell) if reports else Completed(set(), []), []

    def _report(
        self, pieces: Sequence[Piece], reports: Sequence[Report], tell: bool, wish: Wish | None
    ) -> tuple[Completed, list[Claim]]:
        lanes = self.lanes.open(wish.slots, self._room(wish.busy)) if wish and not self.lanes.stale else []
        done = jobs = claimed = None
        with self.connection.pipeline():
            if pieces:
                self._ask("queue/append_log", written(pieces))
            if reports:
                done = self._ask("queue/complete", completion(reports), scalar_row)
                if tell:
                    jobs = self._ask("queue/jobs_ended", {"ids": [report.id for report in reports]}, class_row(Ended))
            if wish and lanes:
                claimed = self._ask("queue/claim", request(lanes, wish.slots, wish.worker), args_row(Claim))
        completed = Completed(set(done.fetchall()) if done else set(), jobs.fetchall() if jobs else [])
        return completed, self._followed(claimed.fetchall() if claimed else [], wish)

    def _followed(self, claims: list[Claim], wish: Wish | None) -> list[Claim]:
        """Claimed together with a report: of the lanes that were known."""
        if wish:
            self.left_over, self.overlooked = False, len(claims) < wish.slots
            if not claims:
                self.lanes.doubt()
        return self._took(claims)

    def append(self, pieces: Sequence[Piece]) -> None:
        """What tasks wrote can be read by everybody; a piece that this database can't store says so instead."""
        try:
            self._append(pieces)
        except psycopg.DataError as error:
            for piece in pieces if len(pieces) > 1 else []:
                self.append([piece])
            if len(pieces) == 1:
                words = first_line(error)
                self._append([replace(pieces[0], text=f"… output that can't be stored: {words} …\n")])

    def _append(self, pieces: Sequence[Piece]) -> None:
        self.rows("queue/append_log", written(pieces))

    def wake(self, queue: str = "") -> None:
        """Other workers look for work."""
        self.connection.execute("SELECT pg_notify('pgprocess', %s)", [queue])

    # a worker, and who looks after things for workers

    def promote(self) -> tuple[int, float | None]:
        """What was scheduled and is due is ready: how many; and in how many seconds the next will be due."""
        promoted, next_in = self.row("queue/promote")
        return promoted, next_in

    def rescue(self, *, steady: float, lease: float, max_crashes: int) -> set[int]:
        """Tasks of workers that are gone are ready again, or failed; which ones.

        ``steady``: for how many seconds we have ourselves been in touch; ``lease``: how long a worker may be silent.
        """
        params = {"steady": steady, "lease": lease, "suspicious": SUSPICIOUS, "max_crashes": max_crashes}
        return set(self.rows("queue/rescue", params, row=scalar_row))


def complete_within(alias: str, report: Report, *, tell: bool = False) -> Completed:
    """The claim ended so, if the transaction that Django has open on ``alias`` is committed; no row: not ours.

    For :func:`~pgprocess.registry.task` with ``transactional``: the task's own writes and its end are one.
    """
    from django.db import connections

    with connections[alias].cursor() as cursor:
        cursor.execute(query("queue/complete"), completion([report]))
        accepted = [row[0] for row in cursor.fetchall()]
        if not tell:
            return Completed(set(accepted), [])
        cursor.execute(query("queue/jobs_ended"), {"ids": accepted})
        return Completed(set(accepted), [Ended(*row) for row in cursor.fetchall()])
