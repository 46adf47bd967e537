"""Checks of queues: whether a worker takes their work, and in time."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from pgprocess.display.durations import rough_duration
from pgprocess.doctor.finding import Finding, Patient, Severity

LONG = 3600.0


def unserved(patient: Patient) -> Iterator[Finding]:
    """Every queue with ready work is served by a live worker."""
    lanes = {row["queue"]: row for row in reversed(patient.ask("doctor/waiting")) if not row["served"]}
    for queue, row in sorted(lanes.items()):
        sentence = f"No live worker serves queue {queue}, where {_first(row)}: start one with --queues {queue}."
        yield Finding("unserved", Severity.ERROR, sentence)


def waiting(patient: Patient) -> Iterator[Finding]:
    """No ready task has waited for an hour in a queue that a live worker serves."""
    for row in patient.ask("doctor/waiting"):
        if row["served"] and (row["seconds"] or 0.0) > LONG:
            yield _waits("waiting", Severity.WARNING, row)


def not_served(patient: Patient, names: Collection[str]) -> Iterator[Finding]:
    """Every queue of these names is served by a live worker, whether it has work or not."""
    for row in patient.rows(
        "SELECT name FROM unnest(%s::text[]) AS name WHERE NOT pgprocess_served(name)", [list(names)]
    ):
        sentence = f"No live worker serves queue {row['name']}: start one with --queues {row['name']}."
        yield Finding("not_served", Severity.ERROR, sentence)


def waits_too_long(patient: Patient, names: Collection[str], seconds: float) -> Iterator[Finding]:
    """No ready task of these queues, of all if none is named, has waited that long."""
    for row in patient.ask("doctor/waiting"):
        if (not names or row["queue"] in names) and (row["seconds"] or 0.0) > seconds:
            yield _waits("waits_too_long", Severity.ERROR, row)


def _waits(check: str, severity: Severity, row: dict[str, Any]) -> Finding:
    lane = f"In queue {row['queue']}, priority {row['priority']}, {_first(row)}"
    return Finding(check, severity, f"{lane}: start more workers, or give them more --concurrency.")


def _first(row: dict[str, Any]) -> str:
    waits = "waits" if row["seconds"] is None else f"has waited for {rough_duration(max(0.0, row['seconds']))}"
    return f"{row['task']} (job task {row['jobtask']}) {waits}"
