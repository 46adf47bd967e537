"""Checks of what the rules have counted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby
from operator import itemgetter

from pgprocess.doctor.finding import Finding, Patient, Severity

RECENT = timedelta(days=1)
AT_MOST = 20


def drift(patient: Patient) -> Iterator[Finding]:
    """Every count and status of jobs that run, or ended within a day, is what edges and tasks make it."""
    rows = patient.ask("doctor/drift", recent=None if patient.everything else RECENT)
    wrong = [(row, list(columns)) for row, columns in groupby(rows, key=itemgetter("table", "id"))]
    for (table, row), columns in wrong[:AT_MOST]:
        differences = ", ".join(f"{column['column']} is {column['is']}" for column in columns)
        right = ", ".join(f"{column['column']} = '{column['should_be']}'" for column in columns)
        cure = f"UPDATE {table} SET {right} WHERE id = {row}"  # noqa: S608 (for people to read)
        sentence = f"{table} {row} has drifted ({differences}): {cure}."
        yield Finding("drift", Severity.ERROR, sentence)
    if len(wrong) > AT_MOST:
        sentence = f"Further rows that have drifted: {len(wrong) - AT_MOST:,}. Mend these and look again."
        yield Finding("drift", Severity.ERROR, sentence)
