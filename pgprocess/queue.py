"""Everything that a worker says to Postgres: one statement of ``sql/queries`` each.

One plain psycopg connection in autocommit, so that every statement is its own short transaction and no
task ever runs inside one of ours. Not thread-safe: one Queue belongs to one thread.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import class_row, scalar_row

from pgprocess.logbook import Piece
from pgprocess.outcome import Outcome
from pgprocess.sql import query
from pgprocess.statuses import Status

logger = logging.getLogger("pgprocess")

ConnectionLost = psycopg.OperationalError
COLLISIONS = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)
CLEAN = str.maketrans({"\x00": "\N{REPLACEMENT CHARACTER}"})


@dataclass(frozen=True, slots=True)
class Claim:
    """A job task that is ours: the row, and what its run must know of its job and parents."""

    id: int
    job_id: int | None
    task_id: int
    version_id: int
    map_over: str
    map_index: int | None
    queue: str
    priority: int
    ready_seq: int
    attempt: int
    free_attempts: int
    claim_token: UUID
    parents_total: int
    process_name: str
    task_name: str
    params: dict[str, Any]
    logical_date: datetime | None
    parents: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Version:
    """What a task runs; never changes."""

    id: int
    kind: str
    code: str
    target: str
    interpreter: str
    arguments: str
    timeout: float | None
    max_attempts: int
    retry_delay: float
    backoff: str
    retry_jitter: float
    max_retry_delay: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """How a claim ended."""

    id: int
    token: UUID
    outcome: Outcome


class Lanes:
    """Where ready work lies (queue and priority), and from which place on each lane is still worth a look.

    ``ready_seq`` grows in the order in which tasks become ready, but transactions commit out of that order:
    hence the margin, and a look from the start again every few seconds.
    """

    MARGIN = 500
    AFRESH_EVERY = 5.0

    def __init__(self) -> None:
        self.floors: dict[tuple[str, int], int] = {}
        self.looked_at = float("-inf")

    @property
    def stale(self) -> bool:
        """Whether it is time to look from the start again."""
        return time.monotonic() - self.looked_at > self.AFRESH_EVERY

    def renew(self, lanes: Iterable[tuple[str, int]]) -> None:
        """These are all the lanes that there are, best first."""
        self.floors = dict.fromkeys(lanes, 0)
        self.looked_at = time.monotonic()

    def took(self, claims: Sequence[Claim]) -> None:
        """Raise the floors to what was just taken, less the margin."""
        lowest: dict[tuple[str, int], int] = {}
        for claim in claims:
            lane = claim.queue, claim.priority
            lowest[lane] = min(claim.ready_seq, lowest.get(lane, claim.ready_seq))
        for lane, seq in lowest.items():
            self.floors[lane] = max(0, seq - self.MARGIN)


class Queue:
    """A connection to the database that holds the queue, and the sentences to say on it."""

    def __init__(self, alias: str, *, serves: Sequence[str] | None = None) -> None:
        """``serves``: the queues whose work this connection will claim itself, so that nobody else is told of it.

        Empty: all of them; None: it claims nothing.
        """
        from django.db import connections

        params = dict(connections[alias].get_connection_params())
        params.pop("cursor_factory", None)
        params.pop("context", None)
        self.connection = psycopg.connect(
            **{**params, "autocommit": True, "application_name": "pgprocess", "connect_timeout": 10}
        )
        # Tiny statements over indexes, on tables whose statistics lag behind: never scan a table for them.
        self.connection.execute("SET enable_seqscan = off")
        self.connection.execute("SET jit = off")
        if serves is not None:
            self.connection.execute("SELECT set_config('pgprocess.quiet', %s, false)", [",".join(serves) or "*"])
        self.lanes = Lanes()
        self.versions: dict[int, Version] = {}

    def close(self) -> None:
        """The connection is gone."""
        self.connection.close()

    # a worker

    def register(self, *, host: str, pid: int, queues: Sequence[str], slots: int) -> int:
        """A worker's row is there; its id."""
        params = {"host": host, "pid": pid, "queues": ",".join(queues), "slots": slots}
        return int(self._value("register", params))

    def heartbeat(self, worker: int, state: str) -> set[tuple[int, UUID]]:
        """The worker was seen now; the claims (job task, token) that are still its own."""
        rows = self.connection.execute(query("heartbeat"), {"worker": worker, "state": state})
        return {(row[0], row[1]) for row in rows}

    def claim(self, worker: int, queues: Sequence[str], slots: int) -> list[Claim]:
        """Up to ``slots`` ready tasks are this worker's, running; of all queues where ``queues`` is empty."""
        claims = [] if self.lanes.stale else self._claim(worker, slots)
        if len(claims) == slots:
            return claims
        with self.connection.cursor() as cursor:
            cursor.execute(query("lanes"), {"queues": list(queues)})
            self.lanes.renew((row[0], row[1]) for row in cursor)
        return claims + self._claim(worker, slots - len(claims))

    def _claim(self, worker: int, slots: int) -> list[Claim]:
        if not self.lanes.floors:
            return []
        lanes = sorted(self.lanes.floors.items(), key=lambda lane: -lane[0][1])
        params = {
            "queues": [lane[0] for lane, _ in lanes],
            "priorities": [lane[1] for lane, _ in lanes],
            "floors": [floor for _, floor in lanes],
            "slots": slots,
            "worker": worker,
        }
        with self.connection.cursor(row_factory=class_row(Claim)) as cursor:
            claims = cursor.execute(query("claim"), params).fetchall()
        self.lanes.took(claims)
        self._learn({claim.version_id for claim in claims})
        return claims

    def _learn(self, versions: set[int]) -> None:
        if unknown := versions - self.versions.keys():
            with self.connection.cursor(row_factory=class_row(Version)) as cursor:
                for version in cursor.execute(query("versions"), {"ids": list(unknown)}):
                    self.versions[version.id] = version

    def complete(self, reports: Sequence[Report]) -> set[int]:
        """These claims ended so; the job tasks that took it. The others were not ours any more."""
        try:
            return self._complete(reports)
        except psycopg.DataError as error:
            # One outcome holds what Postgres can't; the others must not suffer for it.
            if len(reports) > 1:
                return {done for report in reports for done in self.complete([report])}
            [report] = reports
            sentence = f"Its outcome can't be stored: {str(error).strip().splitlines()[0]}."
            return self._complete([replace(report, outcome=Outcome(status=Status.FAILED, error=sentence))])

    def _complete(self, reports: Sequence[Report]) -> set[int]:
        outcomes = [report.outcome for report in reports]
        params = {
            "ids": [report.id for report in reports],
            "tokens": [report.token for report in reports],
            "statuses": [str(outcome.status) for outcome in outcomes],
            "exit_codes": [outcome.exit_code for outcome in outcomes],
            "errors": [outcome.error.translate(CLEAN) for outcome in outcomes],
            "reasons": [outcome.reason.translate(CLEAN) for outcome in outcomes],
            "results": [outcome.result for outcome in outcomes],
            "delays": [outcome.delay for outcome in outcomes],
        }
        while True:
            try:
                with self.connection.cursor(row_factory=scalar_row) as cursor:
                    return set(cursor.execute(query("complete"), params))
            except COLLISIONS:
                # Somebody's UPDATE from psql held a row and wanted the job: Postgres chose us to yield.
                logger.info("A completion collided with another transaction; once more.")

    def append(self, pieces: Sequence[Piece]) -> None:
        """What tasks wrote can be read by everybody."""
        params = {
            "jobtasks": [piece.jobtask for piece in pieces],
            "attempts": [piece.attempt for piece in pieces],
            "seqs": [piece.seq for piece in pieces],
            "streams": [piece.stream for piece in pieces],
            "texts": [piece.text.translate(CLEAN) for piece in pieces],
        }
        self.connection.execute(query("append"), params)

    def promote(self) -> tuple[int, float | None]:
        """What was scheduled and is due is ready: how many; and in how many seconds the next will be due."""
        row = self.connection.execute(query("promote")).fetchone()
        assert row is not None
        return row[0], row[1]

    def rescue(self, *, lease: float, max_crashes: int) -> list[int]:
        """Tasks of workers not seen for ``lease`` seconds are ready again, or failed; which ones."""
        params = {"lease": lease, "max_crashes": max_crashes}
        with self.connection.cursor(row_factory=scalar_row) as cursor:
            return cursor.execute(query("rescue"), params).fetchall()

    def wake(self, queue: str = "") -> None:
        """Other workers look for work."""
        self.connection.execute("SELECT pg_notify('pgprocess', %s)", [queue])

    def transaction(self) -> Any:
        """A context in which the sentences hold together."""
        return self.connection.transaction()

    def _value(self, name: str, params: dict[str, Any] | None = None) -> Any:
        with self.connection.cursor(row_factory=scalar_row) as cursor:
            return cursor.execute(query(name), params).fetchone()
