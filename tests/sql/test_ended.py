"""What the end of a job means for its process: failures in a row, a pause, something to tell."""

from __future__ import annotations

import pytest

PAUSED = "SELECT is_active, paused_reason, failures FROM pgprocess_process"


def test_a_process_that_shall_not_run_after_a_failure_is_paused_and_says_why(a_process, a_job, execute):
    process = a_process("a")
    execute("UPDATE pgprocess_process SET run_if_failed = false")
    run = a_job(process)
    run.do("a", "failed")
    assert execute(PAUSED) == [(False, f"job {run.id} failed", 1)]
    execute("UPDATE pgprocess_process SET is_active = true")
    assert execute(PAUSED) == [(True, "", 1)]


def test_what_waits_does_not_start_after_such_a_failure(a_process, a_job, execute):
    process = a_process("a")
    execute("UPDATE pgprocess_process SET run_if_failed = false")
    first, second = a_job(process), a_job(process, buffered=True)
    first.do("a", "failed")
    assert second.get("a") == "scheduled"
    execute("UPDATE pgprocess_process SET is_active = true")
    assert second.get("a") == "ready"


def test_a_process_goes_on_after_a_failure_unless_told_otherwise(a_process, a_job, execute):
    process = a_process("a")
    for _ in range(3):
        a_job(process).do("a", "failed")
    assert execute(PAUSED) == [(True, "", 3)]


def test_it_is_paused_after_so_many_failures_in_a_row(a_process, a_job, execute):
    process = a_process("a")
    execute("UPDATE pgprocess_process SET pause_after_failures = 3")
    for ending in ("failed", "failed", "succeeded", "failed", "failed", "cancelled"):
        a_job(process).do("a", ending)
        assert execute("SELECT is_active FROM pgprocess_process") == [(True,)]
    last = a_job(process)
    last.do("a", "failed")
    assert execute(PAUSED) == [(False, f"3 jobs in a row failed, the last is job {last.id}", 3)]


def test_after_it_was_resumed_it_takes_as_many_failures_again(a_process, a_job, execute):
    process = a_process("a")
    execute("UPDATE pgprocess_process SET pause_after_failures = 2")
    states = []
    for _ in range(4):
        a_job(process).do("a", "failed")
        states.append(execute("SELECT is_active FROM pgprocess_process")[0][0])
        execute("UPDATE pgprocess_process SET is_active = true")
    assert states == [True, False, True, False]


def test_a_backfill_neither_counts_nor_pauses(a_process, a_job, execute):
    process = a_process("a")
    execute("UPDATE pgprocess_process SET run_if_failed = false")
    [(backfill,)] = execute(
        "INSERT INTO pgprocess_backfill (process_id, starts_at, ends_at) VALUES (%s, now(), now()) RETURNING id",
        [process],
    )
    a_job(process, backfill_id=backfill).do("a", "failed")
    assert execute(PAUSED) == [(True, "", 0)]


# Something to tell


def told(execute):
    return [kind for (kind,) in execute("SELECT kind FROM pgprocess_alert ORDER BY id")]


@pytest.mark.parametrize(
    ("endings", "kinds"),
    [
        (["succeeded"], []),
        (["failed"], ["failed"]),
        (["failed", "succeeded", "succeeded"], ["failed", "recovered"]),
        (["failed", "failed", "succeeded"], ["failed", "failed", "recovered"]),
        (["cancelled"], []),
        (["failed", "cancelled", "succeeded"], ["failed", "recovered"]),
    ],
)
def test_each_failure_and_the_success_after_it_are_told(a_process, a_job, execute, endings, kinds):
    process = a_process("a")
    for ending in endings:
        a_job(process).do("a", ending)
    assert told(execute) == kinds


def test_a_job_that_is_retried_and_succeeds_has_recovered(a_job, execute):
    run = a_job("a")
    run.do("a", "failed")
    run.set("a", "ready")
    run.do("a")
    assert told(execute) == ["failed", "recovered"]


def test_a_monitor_is_pinged_after_each_success(a_process, a_job, execute):
    process = a_process("a")
    execute("UPDATE pgprocess_process SET ping_url = 'https://example.com/7'")
    for ending in ("succeeded", "failed", "succeeded"):
        a_job(process).do("a", ending)
    assert told(execute) == ["ping", "failed", "ping", "recovered"]


def test_what_is_rolled_back_is_not_told(a_job, execute):
    run = a_job("a")
    execute("SAVEPOINT here")
    run.do("a", "failed")
    execute("ROLLBACK TO SAVEPOINT here")
    assert told(execute) == []
