"""The doctor examines a database in use, and says in a sentence each what is wrong and what to do about it.

The doctor only reads, in short transactions, and takes no lock that anybody could wait for. One check is one small
function: to add a check, write it into the file of its subject and name it in :data:`CHECKS`. The docstring of a check
says what must be true; the check yields a finding for each exception.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial

from django.db import Error, OperationalError, connections, transaction

from pgprocess.doctor import counts, engine, queues, rules, server
from pgprocess.doctor.finding import Check, Finding, Patient, Severity
from pgprocess.text import first_line

__all__ = ["CHECKS", "Finding", "Severity", "examine", "health"]

CHECKS: tuple[Check, ...] = (
    rules.migrations,
    rules.triggers,
    rules.functions,
    rules.views,
    counts.drift,
    engine.nobody_works,
    engine.nobody_ticks,
    engine.paused,
    engine.dead_workers,
    engine.stuck_workers,
    engine.lost_tasks,
    queues.unserved,
    queues.waiting,
    server.old_snapshots,
    server.dead_rows,
)


def examine(alias: str, *, everything: bool = False) -> Iterator[Finding]:
    """Yield all that is wrong with a database, by every check; ``everything`` counts jobs of long ago anew as well."""
    return _run({check.__name__: check for check in CHECKS}, Patient(alias, everything))


def health(alias: str, *, queues_served: Collection[str] = (), max_wait: float | None = None) -> Iterator[Finding]:
    """Yield what a probe must know, for a few probes of indexes: whether a worker works and a cron ticks.

    If asked for, also whether a worker serves these queues, and whether in them (or in all, without any) no ready task
    waits longer than ``max_wait`` seconds.
    """
    checks: dict[str, Check] = {"nobody_works": engine.nobody_works, "nobody_ticks": engine.nobody_ticks}
    if queues_served:
        checks["not_served"] = partial(queues.not_served, names=queues_served)
    if max_wait is not None:
        checks["waits_too_long"] = partial(queues.waits_too_long, names=queues_served, seconds=max_wait)
    return _run(checks, Patient(alias))


def _run(checks: dict[str, Check], patient: Patient) -> Iterator[Finding]:
    try:
        connections[patient.alias].ensure_connection()
    except OperationalError as error:
        yield Finding("database", Severity.ERROR, f"The database does not answer ({first_line(error)}): start it.")
        return
    for name, check in checks.items():
        try:
            with transaction.atomic(using=patient.alias), connections[patient.alias].cursor() as cursor:
                cursor.execute("SET TRANSACTION READ ONLY")
                found = list(check(patient))
        except Error as error:
            why = first_line(error)
            sentence = (
                f"{name} could not be looked at ({why}): apply all migrations, and let this user read the tables."
            )
            found = [Finding(name, Severity.ERROR, sentence)]
        yield from found
