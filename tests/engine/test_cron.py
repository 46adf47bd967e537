"""Every slot of every schedule becomes exactly one job, and nothing else does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgprocess.cron import AT_ONCE, SHORTEST_WAIT, Cron, slots
from pgprocess.queue import Queue
from pgprocess.schedule import Schedule
from tests.drawing import Executes, draw
from tests.waiting import until

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
HOURLY = Schedule("0", "*")


def hours(*numbers: float) -> list[datetime]:
    return [NOON + timedelta(hours=number) for number in numbers]


# Which slots shall run


@pytest.mark.parametrize(
    ("catch_up", "chosen"),
    [("all", hours(-3, -2, -1, 0)), ("last", hours(0)), ("none", hours(0))],
)
def test_slots_that_were_missed_run_as_the_policy_says(catch_up: str, chosen: list[datetime]) -> None:
    [four_hours_ago] = hours(-4)
    assert slots(HOURLY, four_hours_ago, NOON + timedelta(seconds=30), catch_up) == chosen


@pytest.mark.parametrize("catch_up", ["none", "last", "all"])
def test_no_slot_runs_before_its_time_or_again(catch_up: str) -> None:
    assert slots(HOURLY, NOON, NOON + timedelta(minutes=59, seconds=59), catch_up) == []


@pytest.mark.parametrize("catch_up", ["none", "last", "all"])
def test_a_slot_runs_at_its_very_moment(catch_up: str) -> None:
    assert slots(HOURLY, NOON - timedelta(minutes=1), NOON, catch_up) == [NOON]


def test_none_runs_nothing_that_passed_a_minute_ago() -> None:
    [since] = hours(-4)
    assert slots(HOURLY, since, NOON + timedelta(seconds=59), "none") == [NOON]
    assert slots(HOURLY, since, NOON + timedelta(seconds=60), "none") == []


def test_none_runs_nothing_that_passed_before_the_schedule_counted() -> None:
    assert slots(HOURLY, NOON + timedelta(seconds=10), NOON + timedelta(seconds=30), "none") == []


def test_all_runs_the_oldest_hundred_first() -> None:
    [since] = hours(-1000)
    assert slots(HOURLY, since, NOON, "all") == hours(*range(-999, -999 + AT_ONCE))


@settings(max_examples=30, deadline=None)
@given(
    schedule=st.sampled_from(
        [
            Schedule("*/7"),
            HOURLY,
            Schedule("30", "2", timezone="Europe/Berlin"),
            Schedule("0", "0", "1"),
            Schedule("0", "0", "1", "1,2"),
        ]
    ),
    past=st.timedeltas(timedelta(0), timedelta(hours=30)),
    older=st.sampled_from([timedelta(0), timedelta(days=40), timedelta(days=400)]),
)
def test_last_runs_the_newest_of_all_however_long_ago(schedule: Schedule, past: timedelta, older: timedelta) -> None:
    since = NOON - past - (older if schedule.day_of_month else timedelta(0))
    every = list(takewhile(lambda slot: slot <= NOON, schedule.runs_after(since)))
    assert slots(schedule, since, NOON, "last") == every[-1:]


# Jobs


@pytest.fixture
def cron(transactional_db: None) -> Iterator[Cron]:
    """A cron that only ticks when it is told to."""
    cron = Cron(alias="default", poll_interval=5.0, listen=False)
    cron.connect()
    yield cron
    cron.finish()


class Daily:
    """A process whose daily slot passed two hours ago, the last of ``missed`` that nobody has looked at."""

    def __init__(self, execute: Executes, name: str = "daily", drawing: str = "a", missed: int = 1, **columns: Any):
        self.execute = execute
        [(self.slot,)] = execute("SELECT date_trunc('minute', now()) - interval '2 h'")
        self.slot = self.slot.astimezone(UTC)
        self.id = draw(execute, drawing, name=name)
        self.set(minute=str(self.slot.minute), hour=str(self.slot.hour), **columns)
        self.slots = [self.slot - timedelta(days=days) for days in reversed(range(missed))]
        self.set(next_run_at=self.slots[0], scheduled_from=self.slots[0] - timedelta(hours=1))

    def set(self, **columns: Any) -> None:
        assignments = ", ".join(f"{column} = %s" for column in columns)
        self.execute(f"UPDATE pgprocess_process SET {assignments} WHERE id = %s", [*columns.values(), self.id])

    def get(self, column: str) -> Any:
        return self.execute(f"SELECT {column} FROM pgprocess_process WHERE id = %s", [self.id])[0][0]

    @property
    def jobs(self) -> list[tuple[datetime, str]]:
        """Its jobs' logical dates and statuses, in the order in which they were made."""
        return self.execute(
            "SELECT logical_date, status FROM pgprocess_job WHERE process_id = %s ORDER BY id", [self.id]
        )


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
    assert daily.jobs == [(slot, "running") for slot in daily.slots[3 - runs :]]
    assert daily.get("next_run_at") == daily.slot + timedelta(days=1)


def test_more_than_a_hundred_missed_slots_are_caught_up_in_several_transactions(cron: Cron, execute: Executes) -> None:
    daily = Daily(execute, missed=150, catch_up="all", overlap="allow")
    assert cron.queue
    assert cron.look(cron.queue) == 1
    assert len(daily.jobs) == AT_ONCE
    assert daily.get("next_run_at") == daily.slots[AT_ONCE]
    cron.tick()
    assert [slot for slot, _ in daily.jobs] == daily.slots


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


# Waiting


def seconds_until_next(cron: Cron) -> float:
    seconds = cron.tick()
    assert seconds is not None
    return seconds


def test_with_nothing_to_do_it_looks_again_after_the_poll_interval(cron: Cron, execute: Executes) -> None:
    assert seconds_until_next(cron) == 5.0
    Daily(execute)
    assert seconds_until_next(cron) == 5.0


def test_it_waits_no_longer_than_until_the_next_slot(cron: Cron, execute: Executes) -> None:
    daily = Daily(execute)
    cron.tick()
    execute("UPDATE pgprocess_process SET next_run_at = now() + interval '3 s'")
    assert 0 < seconds_until_next(cron) <= 3
    assert len(daily.jobs) == 1


def test_it_waits_no_longer_than_until_the_next_retry(cron: Cron, execute: Executes) -> None:
    process = draw(execute, "a")
    execute("INSERT INTO pgprocess_job (process_id, run_at) VALUES (%s, now() + interval '3 s')", [process])
    assert 0 < seconds_until_next(cron) <= 3


def test_what_was_scheduled_and_is_due_is_ready_without_a_worker(cron: Cron, execute: Executes) -> None:
    process = draw(execute, "a")
    execute("INSERT INTO pgprocess_job (process_id, run_at) VALUES (%s, now() + interval '1 h')", [process])
    cron.tick()
    assert execute("SELECT status FROM pgprocess_jobtask") == [("scheduled",)]
    execute("UPDATE pgprocess_jobtask SET run_at = now()")
    cron.tick()
    assert execute("SELECT status FROM pgprocess_jobtask") == [("ready",)]


def test_while_another_cron_is_at_it_it_does_not_look_again_and_again(
    cron: Cron, queue: Queue, execute: Executes
) -> None:
    daily = Daily(execute)
    with queue.transaction():
        assert [due.id for due in queue.due()] == [daily.id]
        assert seconds_until_next(cron) == SHORTEST_WAIT
    assert daily.jobs == []


def test_told_to_stop_it_ends(cron: Cron, execute: Executes) -> None:
    daily = Daily(execute)
    cron.stop()
    assert cron.tick() is None
    assert daily.jobs == []


# As it runs


class Background:
    """A cron in a thread; it has ended with the block."""

    def __init__(self, **options: Any) -> None:
        self.cron = Cron(**{"alias": "default", "poll_interval": 600.0} | options)
        self.thread = threading.Thread(target=self.cron.run, daemon=True)

    def __enter__(self) -> Cron:
        self.thread.start()
        return self.cron

    def __exit__(self, *error: object) -> None:
        self.cron.stop()
        self.thread.join(20)
        assert not self.thread.is_alive()


def test_an_edit_wakes_a_waiting_cron(execute: Executes) -> None:
    process = draw(execute, "a")
    with Background():
        execute("UPDATE pgprocess_process SET minute = '@daily' WHERE id = %s", [process])
        until(execute, "next_run_at IS NOT NULL FROM pgprocess_process")
        execute("UPDATE pgprocess_process SET minute = '@yearly' WHERE id = %s", [process])
        until(execute, "next_run_at = date_trunc('year', now() + interval '1 year', 'UTC') FROM pgprocess_process")


def test_without_listening_it_polls(execute: Executes) -> None:
    with Background(poll_interval=0.05, listen=False):
        execute("INSERT INTO pgprocess_process (name, minute) VALUES ('p', '@daily')")
        until(execute, "next_run_at IS NOT NULL FROM pgprocess_process")


def test_a_lost_connection_is_made_again(execute: Executes) -> None:
    daily = Daily(execute)
    with Background():
        until(execute, "EXISTS (SELECT FROM pgprocess_job)")
        execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name LIKE 'pgprocess%' AND datname = current_database()"
        )
        daily.set(is_active=False)
        daily.set(is_active=True)
        until(execute, "next_run_at IS NOT NULL FROM pgprocess_process")
    assert len(daily.jobs) == 1
