"""What a new status brings with it."""

from __future__ import annotations


def attempts(execute, run, name):
    return execute(
        "SELECT number, attempt.status, attempt.exit_code, attempt.error, attempt.reason "
        "FROM pgprocess_attempt AS attempt WHERE jobtask_id = %s ORDER BY number",
        [run.get(name, "id")],
    )


def test_running_counts_the_attempt_and_starts_the_clock(a_job):
    run = a_job("a")
    assert (run.get("a", "attempt"), run.get("a", "started_at")) == (0, None)
    run.set("a", "running")
    assert run.get("a", "attempt") == 1
    assert run.get("a", "started_at") is not None


def test_a_task_that_succeeds_at_once_has_no_earlier_attempts(a_job, execute):
    run = a_job("a")
    run.do("a")
    assert attempts(execute, run, "a") == []
    assert run.get("a", "finished_at") >= run.get("a", "started_at")


def test_a_retry_by_the_task_itself_is_kept_with_how_it_ended(a_job, execute):
    run = a_job("a")
    run.do("a", "scheduled", exit_code=7, error="flaky", run_at="2999-01-01T00:00Z")
    assert attempts(execute, run, "a") == [(1, "failed", 7, "flaky", "")]
    run.set("a", "ready", "running", "succeeded")
    assert (run.get("a", "attempt"), run.get("a", "error"), run.get("a", "exit_code")) == (2, "", None)
    assert len(attempts(execute, run, "a")) == 1


def test_a_retry_without_a_time_is_due_now(a_job, execute):
    run = a_job("a")
    run.do("a", "scheduled")
    [(due,)] = execute("SELECT run_at <= now() FROM pgprocess_jobtask")
    assert due


def test_a_release_keeps_the_try_and_does_not_count_it(a_job, execute):
    run = a_job("a")
    run.do("a", "ready", reason="the worker stops")
    assert attempts(execute, run, "a") == [(1, "released", None, "", "the worker stops")]
    assert (run.get("a", "attempt"), run.get("a", "free_attempts")) == (1, 1)


def test_a_reopen_keeps_the_last_try_and_begins_anew(a_job, execute):
    run = a_job("a")
    run.do("a", "succeeded", exit_code=0, result='{"rows": 3}')
    run.set("a", "ready", reason="wrong day")
    assert attempts(execute, run, "a") == [(1, "succeeded", 0, "", "wrong day")]
    for column in ("exit_code", "result", "started_at", "finished_at", "worker_id"):
        assert run.get("a", column) is None
    assert run.get("a", "free_attempts") == 1


def test_a_try_that_was_kept_is_not_kept_twice(a_job, execute):
    run = a_job("a")
    run.do("a", "scheduled", exit_code=7)
    run.set("a", "cancelled", "ready")
    assert attempts(execute, run, "a") == [(1, "failed", 7, "", "")]


def test_a_reopen_of_what_never_ran_keeps_nothing(a_job, execute):
    run = a_job("a")
    run.set("a", "skipped", "ready")
    assert attempts(execute, run, "a") == []


def test_what_is_ready_later_stands_behind_in_the_queue(a_job):
    run = a_job("a, b")
    first = run.get("a", "ready_seq")
    run.do("a", "ready")
    assert run.get("a", "ready_seq") > run.get("b", "ready_seq") > first


def test_a_claim_is_void_once_the_task_is_not_running(a_job):
    run = a_job("a")
    run.set("a", "running", claim_token="5b1e7a3e-0000-4000-8000-000000000000")
    assert run.get("a", "claim_token") is not None
    run.set("a", "cancelled")
    assert run.get("a", "claim_token") is None


def test_a_reason_belongs_to_the_change_it_was_given_with(a_job):
    run = a_job("a")
    run.set("a", "cancelled", reason="not today", actor="ana")
    assert (run.get("a", "reason"), run.get("a", "actor")) == ("not today", "ana")
    run.set("a", "ready")
    assert (run.get("a", "reason"), run.get("a", "actor")) == ("", "")
