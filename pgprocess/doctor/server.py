"""Checks of what keeps Postgres from cleaning up: dead rows make every queue slow, however good its indexes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from pgprocess.display.durations import rough_duration
from pgprocess.doctor.finding import Finding, Patient, Severity

HELD = timedelta(hours=1)
TRANSACTIONS = 1_000_000
DEAD = 50_000

HOLDERS = {
    "session": "Session {who} keeps a transaction open {held}: SELECT pg_terminate_backend({key}).",
    "prepared": "The prepared transaction {who} is open {held}: commit it, or ROLLBACK PREPARED {key}.",
    "slot": "The replication slot {who} holds back {held}: read it, or pg_drop_replication_slot({key}).",
    "standby": "The standby {who} holds back {held}: end its long query, or turn its hot_standby_feedback off.",
}


def old_snapshots(patient: Patient, held: timedelta = HELD, transactions: int = TRANSACTIONS) -> Iterator[Finding]:
    """Nobody keeps vacuum from removing rows that have been dead for an hour, or for a million transactions."""
    for row in patient.ask("doctor/snapshots", held=held, transactions=transactions):
        seconds = row.pop("seconds")
        dead = f"the dead rows of {row['transactions']:,} transactions"
        row["held"] = dead if seconds is None else f"for {rough_duration(seconds)}, and with it {dead}"
        yield Finding("old_snapshots", Severity.WARNING, HOLDERS[row["kind"]].format(**row))


def dead_rows(patient: Patient, dead: int = DEAD) -> Iterator[Finding]:
    """Autovacuum is on for the tables of pgprocess, and keeps up with them."""
    for row in patient.ask("doctor/dead_rows", dead=dead):
        if row["off"]:
            sentence = f"Autovacuum is off for {row['table']}: ALTER TABLE {row['table']} RESET (autovacuum_enabled)."
        else:
            cure = f"VACUUM {row['table']}, and see whether something holds it back"
            sentence = f"{row['table']} has {row['dead']:,} dead rows beside {row['live']:,} live ones: {cure}."
        yield Finding("dead_rows", Severity.WARNING, sentence)
