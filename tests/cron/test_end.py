"""The last slot of a schedule that ends runs as every other one does, whatever the overlap policy."""

from __future__ import annotations

import pytest

from pgprocess.cron.cron import Cron
from tests.builders.daily import Daily
from tests.builders.drawing import DrawnJob, Executes, draw

POLICIES = ["skip", "allow", "buffer_one", "buffer_all", "cancel_running"]
ENDED = (False, "Its schedule has ended.")


def ends_with_its_slot(execute: Executes, **columns: object) -> Daily:
    daily = Daily(execute, **columns)  # type: ignore[arg-type]
    cursor = daily.get("next_run_at")
    daily.set(end_at=daily.slot)
    daily.set(next_run_at=cursor, scheduled_from=cursor)
    return daily


def rows(daily: Daily) -> list[tuple[str, bool]]:
    return daily.execute(
        "SELECT status, buffered FROM pgprocess_job WHERE process_id = %s ORDER BY logical_date NULLS FIRST", [daily.id]
    )


def state(daily: Daily) -> tuple[bool, str]:
    return daily.get("is_active"), daily.get("paused_reason")


@pytest.mark.parametrize("overlap", POLICIES)
def test_the_last_slot_runs_at_once_when_nothing_runs(cron: Cron, execute: Executes, overlap: str) -> None:
    daily = ends_with_its_slot(execute, overlap=overlap)
    cron.tick()
    assert (rows(daily), state(daily)) == ([("running", False)], ENDED)
    assert execute("SELECT status FROM pgprocess_jobtask") == [("ready",)]


@pytest.mark.parametrize("overlap", ["buffer_one", "buffer_all"])
def test_the_last_slot_that_waits_runs_in_its_turn(cron: Cron, execute: Executes, overlap: str) -> None:
    daily = ends_with_its_slot(execute, overlap=overlap)
    old = DrawnJob(execute, daily.id)
    cron.tick()
    assert (rows(daily), state(daily)) == ([("running", False), ("running", True)], ENDED)
    assert execute("SELECT pgprocess_why_buffered(id) ->> 'key' FROM pgprocess_job WHERE buffered") == [("jobs",)]
    execute("UPDATE pgprocess_job SET status = 'cancelled' WHERE id = %s", [old.id])
    assert rows(daily) == [("cancelled", False), ("running", False)]


def test_the_last_slots_in_line_run_one_after_the_other(cron: Cron, execute: Executes) -> None:
    daily = ends_with_its_slot(execute, missed=3, catch_up="all", overlap="buffer_all")
    cron.tick()
    for turn in range(3):
        assert [buffered for _, buffered in rows(daily)] == [False] * (turn + 1) + [True] * (2 - turn)
        execute("UPDATE pgprocess_job SET status = 'cancelled' WHERE logical_date = %s", [daily.slots[turn]])
    assert state(daily) == ENDED


def test_the_last_slot_takes_the_place_of_what_runs(cron: Cron, execute: Executes) -> None:
    daily = ends_with_its_slot(execute, overlap="cancel_running")
    old = DrawnJob(execute, daily.id)
    old.set("a", "running")
    cron.tick()
    assert (rows(daily), state(daily)) == ([("cancelled", False), ("running", False)], ENDED)


def test_a_failure_holds_the_last_slot_where_the_process_says_so(cron: Cron, execute: Executes) -> None:
    daily = ends_with_its_slot(execute, overlap="buffer_all", run_if_failed=False)
    old = DrawnJob(execute, daily.id)
    cron.tick()
    old.set("a", "running")
    old.set("a", "failed")
    assert rows(daily) == [("failed", False), ("running", True)]
    assert state(daily) == (False, f"job {old.id} failed")
    assert execute("SELECT pgprocess_why_buffered(id) ->> 'key' FROM pgprocess_job WHERE buffered") == [("paused",)]


def test_what_waits_in_a_process_that_a_person_paused_goes_on_waiting(cron: Cron, execute: Executes) -> None:
    process = draw(execute, "a")
    first = DrawnJob(execute, process)
    DrawnJob(execute, process, buffered=True)
    execute("UPDATE pgprocess_process SET is_active = false, end_at = now() - interval '1 h'")
    execute("UPDATE pgprocess_job SET status = 'cancelled' WHERE id = %s", [first.id])
    assert execute("SELECT count(*) FROM pgprocess_job WHERE buffered") == [(1,)]
