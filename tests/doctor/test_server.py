"""The doctor notices what keeps Postgres from cleaning up."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pgprocess.display.durations import rough_duration
from pgprocess.doctor.finding import Patient
from pgprocess.doctor.server import dead_rows, old_snapshots

PATIENT = Patient("default")


@pytest.mark.parametrize("isolation", ["REPEATABLE READ", "READ COMMITTED"])
def test_a_transaction_that_is_open_for_long_is_said_with_what_ends_it(connect, isolation):
    connection = connect()
    assert list(old_snapshots(PATIENT, held=timedelta(0))) == []
    connection.execute(f"BEGIN ISOLATION LEVEL {isolation}")
    # A snapshot holds vacuum back, and so does a transaction that has written.
    connection.execute("SELECT 1" if isolation == "REPEATABLE READ" else "SELECT pg_current_xact_id()")
    [finding] = old_snapshots(PATIENT, held=timedelta(0))
    assert finding.severity == "warning"
    assert finding.sentence.startswith(f"Session {connection.info.backend_pid}, user ")
    assert ", idle in transaction keeps a transaction open for 0 s, and with it the dead rows of " in finding.sentence
    assert finding.sentence.endswith(f": SELECT pg_terminate_backend({connection.info.backend_pid}).")
    assert list(old_snapshots(PATIENT)) == []


def test_a_session_that_only_rests_holds_nothing_back(connect):
    connection = connect()
    connection.execute("BEGIN")
    connection.execute("SELECT 1")
    assert list(old_snapshots(PATIENT, held=timedelta(0))) == []


def test_a_slot_that_nobody_reads_is_said_by_its_transactions(connect, monkeypatch):
    row = {"kind": "slot", "key": "'lake'", "who": "lake (nobody reads it)", "seconds": None, "transactions": 2_000_000}
    monkeypatch.setattr(Patient, "ask", lambda *args, **params: [row])
    [finding] = old_snapshots(PATIENT)
    assert finding.sentence == (
        "The replication slot lake (nobody reads it) holds back the dead rows of 2,000,000 transactions: "
        "read it, or pg_drop_replication_slot('lake')."
    )


def test_autovacuum_that_is_off_is_a_warning(execute, said):
    execute("ALTER TABLE pgprocess_jobtask SET (autovacuum_enabled = off)")
    assert said() == [
        (
            "warning: Autovacuum is off for pgprocess_jobtask: "
            "ALTER TABLE pgprocess_jobtask RESET (autovacuum_enabled). [dead_rows]"
        )
    ]


def test_a_table_of_more_dead_rows_than_vacuum_removes_is_a_warning(connect):
    connection = connect()
    connection.execute("ALTER TABLE pgprocess_worker SET (autovacuum_enabled = off)")
    try:
        connection.execute("INSERT INTO pgprocess_worker (host) SELECT 'h' FROM generate_series(1, 10)")
        connection.execute("DELETE FROM pgprocess_worker WHERE id < (SELECT max(id) FROM pgprocess_worker)")
        connection.execute("SELECT pg_stat_force_next_flush()")
        connection.execute("SELECT 1")
        connection.execute("ALTER TABLE pgprocess_worker RESET (autovacuum_enabled)")
        [finding] = [finding for finding in dead_rows(PATIENT, dead=5) if "pgprocess_worker" in finding.sentence]
    finally:
        connection.execute("ALTER TABLE pgprocess_worker RESET (autovacuum_enabled)")
    assert finding.sentence.endswith(": VACUUM pgprocess_worker, and see whether something holds it back.")
    assert list(dead_rows(PATIENT)) == []


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7199, "120 min"), (7200, "2 h"), (172_800, "2 days")],
)
def test_a_duration_is_said_as_people_say_it(seconds, words):
    assert rough_duration(seconds) == words
