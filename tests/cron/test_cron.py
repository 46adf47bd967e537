"""Every slot of every schedule becomes exactly one job, and nothing else does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pgprocess.cron.cron import Cron
from tests.builders.daily import Daily, Like
from tests.builders.drawing import Executes, draw


def test_a_slot_that_is_due_is_exactly_one_job_with_its_tasks(cron: Cron, execute: Executes) -> None:
    daily = Daily(execute, drawing="a -> b")
    cron.tick()
    assert daily.jobs == [(daily.slot, "running")]
    assert execute("SELECT origin, tasks_total, params FROM pgprocess_job") == [("schedule", 2, {})]
    assert execute("SELECT status FROM pgprocess_jobtask ORDER BY id") == [("ready",), ("awaiting",)]
    cron.tick()
    assert len(daily.jobs) == 1


def test_the_cursor_moves_to_the_next_slot(cron: Cron, execute: Executes) -> None:
    daily = Daily(execute)
    cron.tick()
    assert daily.get("next_run_at") == daily.slot + timedelta(days=1)
    assert daily.get("is_active")


def test_a_cursor_that_is_moved_back_runs_the_slots_behind_it_again_unless_they_are_jobs(
    cron: Cron, execute: Executes
) -> None:
    daily = Daily(execute, catch_up="all", overlap="allow")
    cron.tick()
    daily.set(next_run_at=daily.slot - timedelta(days=1))
    cron.tick()
    assert sorted(slot for slot, _ in daily.jobs) == [daily.slot - timedelta(days=1), daily.slot]
    assert daily.get("next_run_at") == daily.slot + timedelta(days=1)


def test_a_slot_that_a_person_has_made_a_job_of_is_not_run_again(cron: Cron, execute: Executes) -> None:
    daily = Daily(execute)
    execute("INSERT INTO pgprocess_job (process_id, logical_date) VALUES (%s, %s)", [daily.id, daily.slot])
    cron.tick()
    assert len(daily.jobs) == 1
    assert daily.get("next_run_at") > daily.slot


def test_a_cron_that_starts_anew_goes_on_where_the_cursor_is(cron: Cron, execute: Executes) -> None:
    daily = Daily(execute)
    cron.tick()
    cron.connect()
    cron.tick()
    assert len(daily.jobs) == 1


@pytest.mark.parametrize(("catch_up", "runs"), [("none", 0), ("last", 1), ("all", 3)])
def test_what_was_missed_runs_as_the_policy_says(cron: Cron, execute: Executes, catch_up: str, runs: int) -> None:
    daily = Daily(execute, missed=3, catch_up=catch_up, overlap="allow")
    cron.tick()
    assert daily.jobs == [(slot, "skipped") for slot in daily.slots[: 3 - runs]] + [
        (slot, "running") for slot in daily.slots[3 - runs :]
    ]
    assert daily.get("next_run_at") == daily.slot + timedelta(days=1)


def test_a_slot_that_was_missed_is_a_job_that_says_why(cron: Cron, execute: Executes) -> None:
    Daily(execute, missed=3, misfire_grace=36 * 3600)
    cron.tick()
    assert execute("SELECT status, reason, tasks_total, origin FROM pgprocess_job ORDER BY logical_date") == [
        ("skipped", Like("missed: it was 18[0-9]{4} s late, and 129600 s are allowed"), 0, "schedule"),
        ("skipped", "missed: a later slot runs in its place", 0, "schedule"),
        ("running", "", 1, "schedule"),
    ]


def test_of_more_slots_than_the_limit_the_newest_run_and_the_others_are_told_together(
    cron: Cron, execute: Executes
) -> None:
    daily = Daily(execute, missed=150, catch_up="all", catch_up_limit=40, overlap="allow")
    cron.tick()
    [(slot, status), *others] = daily.jobs
    assert (slot, status) == (daily.slots[0], "skipped")
    assert others == [(slot, "running") for slot in daily.slots[-40:]]
    [(reason,)] = execute("SELECT reason FROM pgprocess_job WHERE status = 'skipped'")
    assert reason.startswith(f"missed: 110 slots from {daily.slots[0]:%Y-%m-%d %H:%M} UTC to ")


def test_a_year_of_minutes_is_a_hundred_and_one_jobs(cron: Cron, execute: Executes) -> None:
    execute(
        "INSERT INTO pgprocess_process (name, minute, next_run_at) "
        "VALUES ('p', '*', date_trunc('minute', now()) - interval '365 days')"
    )
    cron.tick()
    assert execute("SELECT count(*), count(*) FILTER (WHERE status = 'running') FROM pgprocess_job") == [(101, 0)]


# New, edited, switched off


def test_a_process_by_raw_insert_is_picked_up_and_runs_nothing_that_passed(cron: Cron, execute: Executes) -> None:
    [(now,)] = execute("INSERT INTO pgprocess_process (name, minute) VALUES ('p', '@yearly') RETURNING created_at")
    cron.tick()
    assert execute("SELECT next_run_at FROM pgprocess_process") == [(datetime(now.year + 1, 1, 1, tzinfo=UTC),)]
    assert execute("SELECT count(*) FROM pgprocess_job") == [(0,)]


def test_a_slot_between_a_process_s_making_and_the_first_look_runs(cron: Cron, execute: Executes) -> None:
    daily = Daily(execute)
    daily.set(next_run_at=None)
    cron.tick()
    assert daily.jobs == [(daily.slot, "running")]


def test_a_process_without_a_schedule_is_left_alone(cron: Cron, execute: Executes) -> None:
    draw(execute, "a")
    cron.tick()
    assert execute("SELECT is_active, next_run_at, paused_reason FROM pgprocess_process") == [(True, None, "")]


@pytest.mark.parametrize(
    "edit",
    [
        {"day_of_week": "*/1"},
        {"timezone": "Etc/UTC"},
        {"day_of_month": "*", "month": "*"},
    ],
)
def test_an_edited_schedule_runs_nothing_that_passed(cron: Cron, execute: Executes, edit: dict[str, str]) -> None:
    daily = Daily(execute, missed=3, catch_up="all")
    daily.set(**edit)
    cron.tick()
    assert daily.jobs == []
    assert daily.get("next_run_at") == daily.slot + timedelta(days=1)


def test_other_edits_do_not_lose_a_slot(cron: Cron, execute: Executes) -> None:
    daily = Daily(execute)
    daily.set(description="better described", overlap="allow", minute=str(daily.slot.minute))
    cron.tick()
    assert len(daily.jobs) == 1


def test_a_process_that_is_switched_off_runs_nothing_and_switched_on_nothing_that_passed(
    cron: Cron, execute: Executes
) -> None:
    daily = Daily(execute, missed=3, catch_up="all")
    daily.set(is_active=False)
    cron.tick()
    assert (daily.jobs, daily.get("next_run_at")) == ([], None)
    daily.set(is_active=True)
    cron.tick()
    assert (daily.jobs, daily.get("next_run_at")) == ([], daily.slot + timedelta(days=1))


@pytest.mark.parametrize("minute", [" ", "\t\n"])
def test_a_schedule_of_blanks_is_none(cron: Cron, execute: Executes, minute: str) -> None:
    execute("INSERT INTO pgprocess_process (name, minute) VALUES ('p', %s)", [minute])
    assert cron.tick() == 5.0
    assert execute("SELECT is_active, next_run_at, paused_reason FROM pgprocess_process") == [(True, None, "")]


# Overlap


def test_while_an_earlier_job_runs_a_slot_is_a_skipped_job_that_says_why(cron: Cron, execute: Executes) -> None:
    daily = Daily(execute)
    [(busy,)] = execute("INSERT INTO pgprocess_job (process_id) VALUES (%s) RETURNING id", [daily.id])
    cron.tick()
    assert daily.jobs == [(None, "running"), (daily.slot, "skipped")]
    assert execute(
        "SELECT reason, tasks_total, started_at, finished_at IS NOT NULL FROM pgprocess_job WHERE status = 'skipped'"
    ) == [(f"job {busy} was still running", 0, None, True)]
    assert daily.get("next_run_at") == daily.slot + timedelta(days=1)


def test_overlap_allowed_the_slot_runs_beside_it(cron: Cron, execute: Executes) -> None:
    daily = Daily(execute, overlap="allow")
    execute("INSERT INTO pgprocess_job (process_id) VALUES (%s)", [daily.id])
    cron.tick()
    assert daily.jobs == [(None, "running"), (daily.slot, "running")]


def test_a_job_that_is_over_skips_nothing(cron: Cron, execute: Executes) -> None:
    daily = Daily(execute)
    execute("INSERT INTO pgprocess_job (process_id) VALUES (%s)", [daily.id])
    execute("UPDATE pgprocess_job SET status = 'cancelled'")
    cron.tick()
    assert daily.jobs == [(None, "cancelled"), (daily.slot, "running")]


def test_caught_up_slots_skip_each_other_too(cron: Cron, execute: Executes) -> None:
    daily = Daily(execute, missed=3, catch_up="all")
    cron.tick()
    assert [status for _, status in daily.jobs] == ["running", "skipped", "skipped"]


def test_a_job_of_another_process_skips_nothing(cron: Cron, execute: Executes) -> None:
    other = draw(execute, "a", name="other")
    execute("INSERT INTO pgprocess_job (process_id) VALUES (%s)", [other])
    daily = Daily(execute)
    cron.tick()
    assert daily.jobs == [(daily.slot, "running")]


# Schedules that can't be read


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"minute": "nonsense"}, "minute"),
        ({"hour": "25"}, "hour"),
        ({"day_of_month": "31", "month": "feb"}, "never runs"),
        ({"timezone": "Europe/Berlim"}, "did you mean Europe/Berlin"),
        ({"minute": "@fortnightly", "hour": ""}, "@fortnightly"),
        ({"minute": "\n", "hour": "\x01"}, "hour"),
        ({"minute": "9" * 200}, "minute"),
    ],
)
def test_a_schedule_that_can_not_be_read_pauses_its_process_and_harms_no_other(
    cron: Cron, execute: Executes, columns: dict[str, str], said: str
) -> None:
    before, after = Daily(execute, "before"), Daily(execute, "after")
    bad = Daily(execute, "bad")
    bad.set(**columns)
    cron.tick()
    assert (bad.get("is_active"), bad.get("next_run_at"), bad.jobs) == (False, None, [])
    assert said in bad.get("paused_reason")
    assert len(before.jobs) == len(after.jobs) == 1
    bad.set(minute="0", hour="0", day_of_month="", month="", timezone="UTC", is_active=True)
    cron.tick()
    assert (bad.get("paused_reason"), bad.get("next_run_at") is not None) == ("", True)
