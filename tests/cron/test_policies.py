"""Policies as a cron follows them: who waits, who is cancelled, what bounds a schedule, what pauses it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from pgprocess.cron.cron import Cron
from pgprocess.sql import rules
from tests.builders.daily import Daily
from tests.builders.drawing import DrawnJob, Executes, draw


def statuses(daily: Daily) -> list[tuple[str, bool, str]]:
    return daily.execute(
        "SELECT status, buffered, reason FROM pgprocess_job WHERE process_id = %s ORDER BY id", [daily.id]
    )


# What a slot does while an earlier job runs


def test_a_slot_that_may_wait_runs_at_once_when_nothing_runs(cron: Cron, execute: Executes) -> None:
    daily = Daily(execute, overlap="buffer_all")
    cron.tick()
    assert statuses(daily) == [("running", False, "")]
    assert execute("SELECT status FROM pgprocess_jobtask") == [("ready",)]


def test_buffer_all_makes_every_slot_wait_in_line(cron: Cron, execute: Executes) -> None:
    daily = Daily(execute, missed=4, catch_up="all", overlap="buffer_all")
    cron.tick()
    assert statuses(daily) == [("running", False, "")] + [("running", True, "")] * 3
    execute("UPDATE pgprocess_job SET status = 'cancelled' WHERE logical_date = %s", [daily.slots[0]])
    assert [buffered for _, buffered, _ in statuses(daily)] == [False, False, True, True]


def test_buffer_one_makes_one_slot_wait_and_skips_the_others(cron: Cron, execute: Executes) -> None:
    daily = Daily(execute, missed=4, catch_up="all", overlap="buffer_one")
    cron.tick()
    reason = "the slot before it was waiting already"
    assert statuses(daily) == [
        ("running", False, ""),
        ("running", True, ""),
        ("skipped", False, reason),
        ("skipped", False, reason),
    ]


def test_buffer_one_behind_one_that_waits_is_skipped(cron: Cron, execute: Executes) -> None:
    daily = Daily(execute, overlap="buffer_one", catch_up="all")
    execute("INSERT INTO pgprocess_job (process_id) VALUES (%s)", [daily.id])
    cron.tick()
    assert statuses(daily)[1:] == [("running", True, "")]
    [(waiting,)] = execute("SELECT id FROM pgprocess_job WHERE buffered")
    daily.set(next_run_at=daily.slot - timedelta(days=1))
    execute("UPDATE pgprocess_job SET logical_date = logical_date + interval '1 h' WHERE buffered")
    cron.tick()
    assert statuses(daily)[2:] == [("skipped", False, f"job {waiting} was waiting already")] * 2


def test_cancel_running_cancels_what_runs_and_starts(cron: Cron, execute: Executes) -> None:
    daily = Daily(execute, overlap="cancel_running")
    other = DrawnJob(execute, draw(execute, "a", name="other"))
    old = DrawnJob(execute, daily.id)
    old.set("a", "running")
    cron.tick()
    taken = f"the slot of {daily.slot:%Y-%m-%d %H:%M} UTC took its place"
    assert statuses(daily) == [("cancelled", False, taken), ("running", False, "")]
    assert old.statuses == {"a": "cancelled"}
    assert other.job() == "running"
    assert execute("SELECT status FROM pgprocess_jobtask WHERE job_id NOT IN (%s, %s)", [old.id, other.id]) == [
        ("ready",)
    ]


def test_of_several_slots_that_cancel_each_other_the_newest_runs(cron: Cron, execute: Executes) -> None:
    daily = Daily(execute, missed=3, catch_up="all", overlap="cancel_running")
    cron.tick()
    replaced = ("skipped", False, "a later slot runs in its place")
    assert statuses(daily) == [replaced, replaced, ("running", False, "")]


def test_a_backfill_is_no_overlap(cron: Cron, execute: Executes) -> None:
    daily = Daily(execute)
    [(line,)] = execute(
        "INSERT INTO pgprocess_backfill (process_id, starts_at, ends_at) VALUES (%s, now(), now()) RETURNING id",
        [daily.id],
    )
    execute("INSERT INTO pgprocess_job (process_id, backfill_id) VALUES (%s, %s)", [daily.id, line])
    cron.tick()
    assert statuses(daily)[1:] == [("running", False, "")]


def test_what_was_passed_over_in_its_line_starts_when_a_cron_tidies(cron: Cron, execute: Executes) -> None:
    process = draw(execute, "a")
    first, second = DrawnJob(execute, process), DrawnJob(execute, process, buffered=True)
    execute("SET session_replication_role = replica")
    execute("UPDATE pgprocess_job SET status = 'succeeded', tasks_left = 0 WHERE id = %s", [first.id])
    execute("SET session_replication_role = DEFAULT")
    assert second.get("a") == "scheduled"
    cron.tick()
    assert second.get("a") == "ready"


# Bounds


def test_nothing_runs_before_a_schedule_starts(cron: Cron, execute: Executes) -> None:
    daily = Daily(execute)
    daily.set(start_at=daily.slot + timedelta(days=2))
    cron.tick()
    assert (daily.jobs, daily.get("next_run_at")) == ([], daily.slot + timedelta(days=2))


def test_the_last_slot_runs_and_then_the_process_is_paused_for_it_has_ended(cron: Cron, execute: Executes) -> None:
    daily = Daily(execute)
    execute("ALTER TABLE pgprocess_process DISABLE TRIGGER USER")
    daily.set(end_at=daily.slot)
    execute("ALTER TABLE pgprocess_process ENABLE TRIGGER USER")
    cron.tick()
    assert daily.jobs == [(daily.slot, "running")]
    assert (daily.get("is_active"), daily.get("paused_reason")) == (False, "Its schedule has ended.")
    daily.set(end_at=None, is_active=True)
    cron.tick()
    assert daily.get("next_run_at") == daily.slot + timedelta(days=1)


def test_a_process_that_is_spread_begins_later_by_its_own_time(cron: Cron, execute: Executes) -> None:
    daily = Daily(execute, jitter=86400.0)
    cron.tick()
    [(run_at, status, task)] = execute(
        "SELECT job.run_at, job.status, task.status FROM pgprocess_job AS job JOIN pgprocess_jobtask AS task "
        "ON task.job_id = job.id"
    )
    assert status == "running"
    assert (task, run_at is None) in [("scheduled", False), ("ready", True)]
    assert run_at is None or daily.slot < run_at < daily.slot + timedelta(days=1)
    assert daily.jobs == [(daily.slot, "running")]


# One bad process


def test_a_process_whose_slots_the_database_refuses_is_paused_and_harms_no_other(cron: Cron, execute: Executes) -> None:
    before, bad, after = Daily(execute, "before"), Daily(execute, "bad"), Daily(execute, "after")
    execute(
        "CREATE FUNCTION pg_temp_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF NEW.process_id = {bad.id} THEN RAISE EXCEPTION 'not this one'; END IF; RETURN NEW; END $$"
    )
    execute("CREATE TRIGGER refuse BEFORE INSERT ON pgprocess_job FOR EACH ROW EXECUTE FUNCTION pg_temp_refuse()")
    try:
        cron.tick()
    finally:
        execute("DROP TRIGGER refuse ON pgprocess_job")
        execute("DROP FUNCTION pg_temp_refuse")
    assert (len(before.jobs), len(bad.jobs), len(after.jobs)) == (1, 0, 1)
    assert (bad.get("is_active"), bad.get("paused_reason")) == (
        False,
        "Its slot could not be made a job: not this one",
    )


# The clock


@pytest.fixture
def clock(execute: Executes) -> Iterator[Executes]:
    """The time is what the test says it is: ``clock("2026-03-01 12:00+00")``."""

    def at(statement: str, params: Any = None) -> list[tuple[Any, ...]]:
        return execute(
            "CREATE OR REPLACE FUNCTION pgprocess_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS "
            f"$$ SELECT timestamptz '{statement}' $$"
        )

    yield at
    execute(rules()["now"])


def test_a_clock_that_jumps_ahead_and_back_loses_no_slot_and_doubles_none(
    cron: Cron, clock: Executes, execute: Executes
) -> None:
    clock("2026-03-01 11:59:00+00")
    execute("INSERT INTO pgprocess_process (name, minute, scheduled_from) VALUES ('p', '0', '2026-03-01 11:59+00')")
    cron.tick()
    clock("2036-03-01 11:59:00+00")
    cron.tick()
    assert execute("SELECT extract(year FROM next_run_at) FROM pgprocess_process") == [(2036,)]
    execute("DELETE FROM pgprocess_job")
    clock("2026-03-01 11:59:30+00")
    cron.tick()
    for moment in ("12:00:01", "12:00:00.5", "13:00:00", "12:59:59.9", "13:00:00"):
        clock(f"2026-03-01 {moment}+00")
        cron.tick()
    assert execute("SELECT to_char(logical_date AT TIME ZONE 'UTC', 'HH24:MI') FROM pgprocess_job ORDER BY id") == [
        ("12:00",),
        ("13:00",),
    ]


def test_a_cron_that_starts_after_the_clock_was_set_back_sees_it_too(
    cron: Cron, clock: Executes, execute: Executes
) -> None:
    clock("2036-03-01 11:59:00+00")
    execute("INSERT INTO pgprocess_process (name, minute, scheduled_from) VALUES ('p', '0', '2036-03-01 11:59+00')")
    cron.tick()
    clock("2026-03-01 11:59:00+00")
    cron.connect()
    cron.tick()
    assert execute("SELECT next_run_at = '2026-03-01 12:00+00' FROM pgprocess_process") == [(True,)]


def test_crons_that_were_stopped_for_hours_make_up_for_it_as_the_policy_says(
    cron: Cron, clock: Executes, execute: Executes
) -> None:
    clock("2026-03-01 11:59:00+00")
    execute(
        "INSERT INTO pgprocess_process (name, minute, scheduled_from, catch_up, misfire_grace, overlap) "
        "VALUES ('p', '0', '2026-03-01 11:59+00', 'all', 9000, 'allow')"
    )
    cron.tick()
    clock("2026-03-01 17:00:10+00")
    cron.tick()
    assert execute(
        "SELECT extract(hour FROM logical_date AT TIME ZONE 'UTC')::int, status <> 'skipped' "
        "FROM pgprocess_job ORDER BY logical_date"
    ) == [(12, False), (13, False), (14, False), (15, True), (16, True), (17, True)]


# Idle


def test_with_nothing_to_do_a_look_is_one_statement(
    cron: Cron, execute: Executes, monkeypatch: pytest.MonkeyPatch
) -> None:
    Daily(execute)
    cron.tick()
    assert cron.agenda
    sent = []
    original = cron.agenda.execute

    def counting(name: str, *rest: Any) -> Any:
        sent.append(name)
        return original(name, *rest)

    monkeypatch.setattr(cron.agenda, "execute", counting)
    for _ in range(3):
        cron.tick()
    assert sent == ["cron/outlook"] * 3
