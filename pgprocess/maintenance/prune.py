"""Jobs and tasks that are over for long enough are deleted, batch by batch, each in a short transaction of its own.

Nothing unfinished is touched. A row that somebody else has locked is left for another time. A batch is a walk along an
index from where the last batch ended, so that it costs the same beside any history.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass
from datetime import timedelta
from typing import Any

import psycopg
from psycopg.rows import class_row

from pgprocess.exceptions import RetentionError
from pgprocess.postgres.connection import Connection
from pgprocess.statuses import FAILING, OK, JobStatus, Status

logger = logging.getLogger("pgprocess")

BATCH = 1000
ALONE = {
    JobStatus.SUCCEEDED: OK,
    JobStatus.FAILED: FAILING - {Status.CANCELLED},
    JobStatus.CANCELLED: {Status.CANCELLED},
    JobStatus.SKIPPED: {Status.SKIPPED},
}
"""How a task without a job ends, by how a job of this task alone would end."""


@dataclass(frozen=True, slots=True)
class Gone:
    """How many rows were deleted, or would be."""

    jobs: int = 0
    tasks: int = 0
    pieces: int = 0

    def __add__(self, other: Gone) -> Gone:
        return Gone(*(one + another for one, another in zip(astuple(self), astuple(other), strict=True)))

    def __bool__(self) -> bool:
        return any(astuple(self))


@dataclass(frozen=True, slots=True)
class Old:
    """Which jobs are old: those of a status that are over for its age; of one ``process`` only, if it is given.

    The newest ``keep_last`` jobs of each process are never old. ``batch`` is about how many rows, jobs and tasks
    together, one transaction deletes.
    """

    ages: Mapping[JobStatus, timedelta]
    process: int | None = None
    keep_last: int = 0
    batch: int = BATCH


def prune(connection: Connection, old: Old) -> Iterator[Gone]:
    """Delete what is old, and yield after each batch how much was deleted.

    Raises :class:`RetentionError` where a foreign key of somebody else's table forbids it.
    """
    return (_answer(connection, "maintenance/prune", batch) for batch in _batches(connection, old))


def count(connection: Connection, old: Old) -> Iterator[Gone]:
    """Count what :func:`prune` would delete, batch by batch; nothing is locked or changed."""
    return (_answer(connection, "maintenance/count", batch) for batch in _batches(connection, old))


def prune_some(connection: Connection, ages: Mapping[JobStatus, timedelta], *, batch: int = BATCH) -> bool:
    """Delete one batch of what is old, if there is any; return whether there may be more.

    A call with nothing to do costs a few probes of an index. Where a foreign key forbids the deletion, that is logged,
    and nothing more is tried this time.
    """
    try:
        return any(prune(connection, Old(ages, batch=batch)))
    except RetentionError as error:
        logger.warning("%s", error)
        return False


def prune_workers(connection: Connection, age: timedelta, *, dry_run: bool = False) -> int:
    """Delete the workers not seen for ``age``, at least an hour, that nothing names any more; return how many.

    The statement reads all job tasks: once a day is enough. With ``dry_run`` the workers are only counted.
    """
    with connection.transaction():
        connection.connection.execute("SET LOCAL enable_seqscan = on")
        return int(connection.value("maintenance/prune_workers", {"age": age, "really": not dry_run}))


def _batches(connection: Connection, old: Old) -> Iterator[dict[str, Any]]:
    for status, age in old.ages.items():
        for rows in _pages(connection, "maintenance/old_jobs", old, status, age):
            yield {"jobs": [row[0] for row in rows], "tasks": [], "seen": rows[-1][1]}
        for ending in sorted(ALONE[status]):
            for rows in _pages(connection, "maintenance/old_tasks", old, ending, age):
                yield {"jobs": [], "tasks": [row[0] for row in rows], "seen": rows[-1][1]}


def _pages(connection: Connection, name: str, old: Old, status: str, age: timedelta) -> Iterator[list[Any]]:
    after, after_id = "-infinity", 0
    params = {"process": old.process, "keep_last": old.keep_last, "batch": old.batch}
    while True:
        place = {"status": str(status), "age": age, "after": after, "after_id": after_id}
        rows = connection.rows(name, params | place)
        if not rows:
            return
        yield rows
        after_id, after = rows[-1]


def _answer(connection: Connection, name: str, batch: dict[str, Any]) -> Gone:
    try:
        [gone] = connection.rows(name, batch, row=class_row(Gone))
    except psycopg.errors.ForeignKeyViolation as error:
        raise RetentionError(f"Old jobs can't be deleted. {error.diag.message_detail}") from error
    except psycopg.errors.LockNotAvailable as error:
        raise RetentionError("Old jobs can't be deleted now: somebody has locked what belongs to them.") from error
    return gone  # type: ignore[no-any-return]
