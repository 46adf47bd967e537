"""Whoever waits for work is told, once per queue and statement."""

from __future__ import annotations

import pytest

from tests.builders.drawing import DrawnJob, draw, on_connection


@pytest.fixture
def ears(connect):
    """Everything that is said from now on: call it to hear."""
    connection = connect()
    for channel in ("pgprocess", "pgprocess_cancel", "pgprocess_cron"):
        connection.execute(f"LISTEN {channel}")

    def heard():
        connection.execute("SELECT 1")
        return sorted((notify.channel, notify.payload) for notify in connection.notifies(timeout=0))

    return heard


@pytest.fixture
def execute(connect):
    return on_connection(connect())


def test_a_new_job_wakes_each_queue_once(ears, execute):
    process = draw(execute, "a, b, c", {"c": {"queue": "etl"}})
    execute("INSERT INTO pgprocess_job (process_id) SELECT %s FROM generate_series(1, 10)", [process])
    assert ears() == [("pgprocess", "default"), ("pgprocess", "etl")]


def test_children_that_become_ready_wake_their_queue(ears, execute):
    run = DrawnJob(execute, "a -> b, a -> c", {"b": {"queue": "etl"}, "c": {"queue": "etl"}})
    ears()
    run.set("a", "running")
    assert ears() == []
    run.set("a", "succeeded")
    assert ears() == [("pgprocess", "etl")]


def test_a_worker_that_will_claim_it_itself_is_quiet(ears, execute):
    run = DrawnJob(execute, "a -> b")
    ears()
    execute("SET pgprocess.quiet = '*'")
    run.do("a")
    assert run.get("b") == "ready"
    assert ears() == []


def test_a_worker_tells_others_of_work_that_it_does_not_serve(ears, execute):
    run = DrawnJob(execute, "a -> b, a -> c", {"b": {"queue": "etl"}, "c": {"queue": "mail"}})
    ears()
    execute("SET pgprocess.quiet = 'default,mail'")
    run.do("a")
    assert ears() == [("pgprocess", "etl")]


def test_a_retry_in_a_while_is_told_so_that_somebody_sets_the_clock(ears, execute):
    run = DrawnJob(execute, "a")
    ears()
    run.do("a", "scheduled", run_at="2999-01-01T00:00Z")
    assert ears() == [("pgprocess", "")]


def test_a_job_for_later_is_told_so_that_somebody_sets_the_clock(ears, execute):
    process = draw(execute, "a -> b")
    execute("INSERT INTO pgprocess_job (process_id, run_at) VALUES (%s, '2999-01-01')", [process])
    assert ears() == [("pgprocess", "")]


def test_a_running_task_that_is_cancelled_is_told(ears, execute):
    run = DrawnJob(execute, "a, b")
    run.set("a", "running")
    ears()
    execute("UPDATE pgprocess_job SET status = 'cancelled'")
    assert ears() == [("pgprocess_cancel", "")]


def test_new_schedules_wake_the_cron_once(ears, execute):
    execute("INSERT INTO pgprocess_process (name, minute) VALUES ('p', '@daily'), ('q', '@hourly'), ('r', '')")
    execute("INSERT INTO pgprocess_process (name) VALUES ('on demand')")
    assert ears() == [("pgprocess_cron", "")]


def test_an_edited_schedule_wakes_the_cron(ears, execute):
    draw(execute, "a")
    execute("UPDATE pgprocess_process SET minute = '5', hour = '3'")
    execute("UPDATE pgprocess_process SET description = 'nightly'")
    assert ears() == [("pgprocess_cron", "")]
