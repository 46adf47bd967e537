"""A job that waits for its turn starts when the one before it ends, whoever ended it, and not before."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import IntegrityError

from tests.builders.drawing import DrawnJob, Executes, Tasks

WAITS = "waits for job {}"


@pytest.fixture
def line(a_process: Callable[..., int], a_job: Callable[..., DrawnJob]) -> Callable[..., list[DrawnJob]]:
    """One job that runs, and so many that wait behind it."""

    def make(waiting: int = 1, drawing: str = "a -> b", tasks: Tasks | None = None) -> list[DrawnJob]:
        process = a_process(drawing, tasks)
        return [
            a_job(process, buffered=place > 0, logical_date=f"2026-01-0{place + 1} 00:00+00")
            for place in range(waiting + 1)
        ]

    return make


def test_a_job_waits_with_its_tasks_until_the_one_before_it_ends(line):
    first, second = line()
    assert second.statuses == {"a": "scheduled", "b": "awaiting"}
    assert (second.job(), second.job("tasks_left"), second.job("started_at")) == ("running", 2, None)
    first.do("a")
    assert second.statuses == {"a": "scheduled", "b": "awaiting"}
    first.do("b")
    assert (first.job(), second.statuses) == ("succeeded", {"a": "ready", "b": "awaiting"})
    assert (second.job("buffered"), second.job("started_at") is not None) == (False, True)
    second.do("a")
    second.do("b")
    assert second.job() == "succeeded"


def test_whoever_looks_is_told_what_it_waits_for(line, execute):
    first, second, third = line(2)
    assert second.waiting_because("a") == f"waits for job {first.id}"
    assert second.waiting_because("b") == "waits for a (its job waits for its turn)"
    assert third.waiting_because("a") == f"waits for job {first.id} and job {second.id}"
    assert execute("SELECT waiting_because FROM pgprocess_job_overview ORDER BY id") == [
        (None,),
        (f"waits for job {first.id}",),
        (f"waits for job {first.id} and job {second.id}",),
    ]


def test_far_back_in_the_line_only_the_first_two_are_named(line):
    *_, last = line(4)
    assert last.waiting_because("a").endswith(" and 2 more")


@pytest.mark.parametrize("ending", ["failed", "cancelled", "skipped"])
def test_however_the_one_before_it_ended(line, ending):
    first, second = line(drawing="a")
    first.do("a", ending)
    assert second.statuses == {"a": "ready"}


def test_a_job_that_is_cancelled_makes_room(line, execute):
    first, second = line()
    execute("UPDATE pgprocess_job SET status = 'cancelled' WHERE id = %s", [first.id])
    assert second.statuses == {"a": "ready", "b": "awaiting"}


def test_a_job_that_is_deleted_makes_room(line, execute):
    first, second = line()
    execute("DELETE FROM pgprocess_jobtaskdependency")
    execute("DELETE FROM pgprocess_jobtask WHERE job_id = %s", [first.id])
    execute("DELETE FROM pgprocess_job WHERE id = %s", [first.id])
    assert second.statuses == {"a": "ready", "b": "awaiting"}


def test_they_start_one_at_a_time_in_the_order_of_their_slots(a_process, a_job):
    process = a_process("a")
    first = a_job(process)
    late = a_job(process, buffered=True, logical_date="2026-01-03 00:00+00")
    early = a_job(process, buffered=True, logical_date="2026-01-02 00:00+00")
    first.do("a")
    assert (early.statuses, late.statuses) == ({"a": "ready"}, {"a": "scheduled"})
    early.do("a")
    assert late.statuses == {"a": "ready"}


def test_one_that_waits_can_be_cancelled_and_the_others_do_not_notice(line, execute):
    first, second, third = line(2)
    execute("UPDATE pgprocess_job SET status = 'cancelled' WHERE id = %s", [second.id])
    assert (second.statuses, second.job("buffered")) == ({"a": "cancelled", "b": "cancelled"}, False)
    assert third.statuses == {"a": "scheduled", "b": "awaiting"}
    first.do("a")
    first.do("b")
    assert third.statuses == {"a": "ready", "b": "awaiting"}


def test_a_whole_line_can_be_cancelled_in_one_statement(line, execute):
    runs = line(3)
    execute("UPDATE pgprocess_job SET status = 'cancelled'")
    assert [run.job() for run in runs] == ["cancelled"] * 4
    assert all(run.statuses == {"a": "cancelled", "b": "cancelled"} for run in runs)


def test_a_job_with_nobody_before_it_starts_at_once(a_process, a_job):
    run = a_job(a_process("a -> b"), buffered=True)
    assert (run.job("buffered"), run.statuses) == (False, {"a": "ready", "b": "awaiting"})


def test_somebody_can_let_one_go_before_its_turn(line, execute):
    first, second = line()
    execute("UPDATE pgprocess_job SET buffered = false WHERE id = %s", [second.id])
    assert second.statuses == {"a": "ready", "b": "awaiting"}
    assert first.job() == "running"


def test_a_job_that_has_no_tasks_holds_up_nobody(a_process, a_job, execute):
    process = a_process("a")
    first = a_job(process)
    second = a_job(process, buffered=True, logical_date="2026-01-02 00:00+00")
    execute("UPDATE pgprocess_task SET is_active = false")
    empty = a_job(process, buffered=True, logical_date="2026-01-01 00:00+00")
    assert empty.job() == "succeeded"
    first.do("a")
    assert second.statuses == {"a": "ready"}


def test_a_job_that_is_reopened_is_waited_for_again(line):
    first, second, third = line(2, drawing="a")
    first.do("a")
    first.set("a", "ready")
    second.do("a")
    assert third.statuses == {"a": "scheduled"}
    first.do("a")
    assert third.statuses == {"a": "ready"}


def test_whatever_is_done_to_the_tasks_of_a_job_that_waits_none_below_runs_early(line):
    first, second = line(drawing="a -> b -> c")
    second.set("a", "forced")
    assert second.statuses == {"a": "forced", "b": "scheduled", "c": "awaiting"}
    first.do("a")
    first.do("b")
    first.do("c")
    assert second.statuses == {"a": "forced", "b": "ready", "c": "awaiting"}


def test_a_job_that_shall_not_start_yet_waits_for_its_turn_and_then_for_its_time(a_process, a_job, execute):
    process = a_process("a -> b")
    first = a_job(process)
    [(later,)] = execute("SELECT now() + interval '1 h'")
    second = a_job(process, buffered=True, run_at=later)
    first.do("a")
    first.do("b")
    assert second.statuses == {"a": "scheduled", "b": "awaiting"}
    assert (second.get("a", "run_at"), second.get("b", "run_at"), second.job("started_at")) == (later, later, later)
    assert second.waiting_because("a") == "starts in 3600 s"


def test_jobs_of_other_processes_are_not_waited_for(line, a_process, a_job):
    _first, second = line()
    other = a_job(a_process("x", name="other"))
    other.do("x")
    assert second.statuses == {"a": "scheduled", "b": "awaiting"}


# Paused


def test_while_the_process_is_paused_they_go_on_waiting(line, execute):
    first, second = line(drawing="a")
    execute("UPDATE pgprocess_process SET is_active = false")
    first.do("a")
    assert second.statuses == {"a": "scheduled"}
    assert second.waiting_because("a") == "waits until its process is resumed"
    execute("UPDATE pgprocess_process SET is_active = true")
    assert second.statuses == {"a": "ready"}


# A slot that was skipped


def test_a_slot_that_was_skipped_can_run_after_all(a_process, a_job, execute):
    run = a_job(a_process("a -> b"), status="skipped", reason="job 1 was still running", logical_date="2026-01-01")
    assert (run.statuses, run.job("finished_at") is not None) == ({}, True)
    execute("UPDATE pgprocess_job SET status = 'running' WHERE id = %s", [run.id])
    assert run.statuses == {"a": "ready", "b": "awaiting"}
    assert (run.job("finished_at"), run.job("started_at") is not None, run.job("reason")) == (None, True, "")
    run.do("a")
    run.do("b")
    assert run.job() == "succeeded"


@pytest.mark.parametrize("status", ["succeeded", "failed", "cancelled"])
def test_a_slot_that_was_skipped_can_be_nothing_else(a_process, a_job, execute, status):
    run = a_job(a_process("a"), status="skipped")
    with pytest.raises(IntegrityError, match=f"from skipped to {status}"):
        execute("UPDATE pgprocess_job SET status = %s WHERE id = %s", [status, run.id])


# Lines of their own


def a_backfill(execute: Executes, process: int, at_once: int) -> int:
    backfill: int
    [(backfill,)] = execute(
        "INSERT INTO pgprocess_backfill (process_id, starts_at, ends_at, concurrency) "
        "VALUES (%s, '2026-01-01', '2026-02-01', %s) RETURNING id",
        [process, at_once],
    )
    return backfill


def test_of_a_backfill_as_many_run_at_once_as_it_says_whatever_else_runs(a_process, a_job, execute):
    process = a_process("a")
    own, waiting = a_job(process), a_job(process, buffered=True, logical_date="2026-03-01")
    backfill = a_backfill(execute, process, 2)
    runs = [a_job(process, buffered=True, backfill_id=backfill, logical_date=f"2026-01-0{day}") for day in range(1, 5)]
    assert [run.get("a") for run in runs] == ["ready", "ready", "scheduled", "scheduled"]
    assert runs[2].waiting_because("a") == f"waits for its turn in backfill {backfill}, which runs 2 at once"
    runs[0].do("a")
    assert [run.get("a") for run in runs] == ["succeeded", "ready", "ready", "scheduled"]
    assert waiting.get("a") == "scheduled"
    own.do("a")
    assert (waiting.get("a"), runs[3].get("a")) == ("ready", "scheduled")


def test_a_backfill_can_be_given_more_room_and_none(a_process, a_job, execute):
    process = a_process("a")
    backfill = a_backfill(execute, process, 0)
    runs = [a_job(process, buffered=True, backfill_id=backfill, logical_date=f"2026-01-0{day}") for day in range(1, 5)]
    assert [run.get("a") for run in runs] == ["scheduled"] * 4
    execute("UPDATE pgprocess_backfill SET concurrency = 3")
    assert [run.get("a") for run in runs] == ["ready", "ready", "ready", "scheduled"]
    execute("UPDATE pgprocess_backfill SET concurrency = 1")
    runs[0].do("a")
    runs[1].do("a")
    assert runs[3].get("a") == "scheduled"
    runs[2].do("a")
    assert runs[3].get("a") == "ready"


def test_a_job_that_is_over_runs_again_when_its_turn_comes(a_process, a_job, execute):
    process = a_process("a -> b")
    run = a_job(process, logical_date="2026-01-01")
    run.do("a")
    run.do("b", "failed")
    empty = a_job(process, status="skipped", logical_date="2026-01-02")
    backfill = a_backfill(execute, process, 0)
    execute("UPDATE pgprocess_job SET buffered = true, backfill_id = %s", [backfill])
    assert (run.job(), empty.job()) == ("failed", "skipped")
    execute("UPDATE pgprocess_backfill SET concurrency = 1")
    assert (run.job(), run.statuses) == ("running", {"a": "ready", "b": "awaiting"})
    assert empty.job() == "skipped"
    run.do("a")
    run.do("b")
    assert (run.job(), empty.statuses) == ("succeeded", {"a": "ready", "b": "awaiting"})
    assert execute("SELECT count(*) FROM pgprocess_attempt") == [(2,)]
