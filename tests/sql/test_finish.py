"""A job with nothing left to do gets its end status."""

from __future__ import annotations

import pytest
from django.db import IntegrityError


def test_a_job_succeeds_when_all_its_tasks_did(a_job):
    run = a_job("a -> b")
    run.do("a")
    assert (run.job(), run.job("tasks_left"), run.job("finished_at")) == ("running", 1, None)
    run.do("b")
    assert (run.job(), run.job("tasks_left")) == ("succeeded", 0)
    assert run.job("finished_at") is not None


def test_a_failure_fails_the_job_even_if_every_leaf_succeeded(a_job):
    run = a_job("a -> b", {"b": {"trigger_rule": "all_done"}})
    run.do("a", "failed")
    run.do("b")
    assert (run.job(), run.job("tasks_failed")) == ("failed", 1)


def test_a_failure_that_is_allowed_does_not_fail_the_job(a_job):
    run = a_job("a -> b", {"a": {"allow_failure": True}, "b": {"trigger_rule": "all_done"}})
    run.do("a", "failed")
    run.do("b")
    assert (run.job(), run.job("tasks_failed")) == ("succeeded", 1)


def test_a_retry_reopens_the_job(a_job):
    run = a_job("a")
    run.do("a", "failed")
    run.set("a", "ready")
    assert (run.job(), run.job("finished_at"), run.job("tasks_left"), run.job("tasks_failed")) == (
        "running",
        None,
        1,
        0,
    )
    run.do("a")
    assert run.job() == "succeeded"


def test_cancelling_a_job_cancels_all_that_is_not_settled(a_job, execute):
    run = a_job("a -> c, b -> c, d")
    run.do("a")
    run.set("b", "running")
    execute("UPDATE pgprocess_job SET status = 'cancelled' WHERE id = %s", [run.id])
    assert run.statuses == {"a": "succeeded", "b": "cancelled", "c": "cancelled", "d": "cancelled"}
    assert (run.job(), run.job("tasks_left")) == ("cancelled", 0)


def test_a_retry_in_a_cancelled_job_runs_it_again(a_job, execute):
    run = a_job("a -> b")
    execute("UPDATE pgprocess_job SET status = 'cancelled' WHERE id = %s", [run.id])
    run.set("a", "ready")
    assert (run.job(), run.statuses) == ("running", {"a": "ready", "b": "awaiting"})
    run.do("a")
    run.do("b")
    assert run.job() == "succeeded"


@pytest.mark.parametrize("status", ["succeeded", "failed", "skipped"])
def test_nobody_can_end_a_job_that_has_tasks_left(a_job, execute, status):
    run = a_job("a")
    with pytest.raises(IntegrityError, match=f"from running to {status} with 1 of 1 tasks left"):
        execute("UPDATE pgprocess_job SET status = %s WHERE id = %s", [status, run.id])


def test_nobody_can_run_a_job_that_has_none_left(a_job, execute):
    run = a_job("a")
    run.do("a")
    with pytest.raises(IntegrityError, match="from succeeded to running"):
        execute("UPDATE pgprocess_job SET status = 'running' WHERE id = %s", [run.id])


@pytest.mark.parametrize("status", ["succeeded", "failed", "cancelled"])
def test_a_job_is_not_born_over(a_process, execute, status):
    process = a_process("a")
    with pytest.raises(IntegrityError, match=f"can't be inserted as {status}"):
        execute("INSERT INTO pgprocess_job (process_id, status) VALUES (%s, %s)", [process, status])


def test_a_job_that_is_over_is_judged_anew_when_a_task_is_forced(a_job):
    run = a_job("a, b, c")
    run.do("a", "failed")
    run.set("b", "cancelled")
    run.do("c")
    assert run.job() == "failed"
    run.set("a", "forced")
    assert (run.job(), run.job("tasks_failed")) == ("cancelled", 0)
    run.set("b", "skipped")
    assert run.job() == "succeeded"


def test_a_job_that_somebody_cancelled_stays_so_whatever_is_forced_in_it(a_job, execute):
    run = a_job("a, b")
    run.do("a", "failed")
    execute("UPDATE pgprocess_job SET status = 'cancelled' WHERE id = %s", [run.id])
    run.set("a b", "forced")
    assert run.job() == "cancelled"


def test_a_job_that_is_over_can_not_be_cancelled(a_job, execute):
    run = a_job("a")
    run.do("a", "failed")
    with pytest.raises(IntegrityError, match="from failed to cancelled"):
        execute("UPDATE pgprocess_job SET status = 'cancelled' WHERE id = %s", [run.id])


def test_nobody_makes_a_success_of_a_job_that_failed(a_job, execute):
    run = a_job("a")
    run.do("a", "failed")
    with pytest.raises(IntegrityError, match="from failed to succeeded"):
        execute("UPDATE pgprocess_job SET status = 'succeeded' WHERE id = %s", [run.id])
