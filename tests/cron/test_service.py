"""A cron as a service: how long it waits, what wakes it, and what it outlives."""

from __future__ import annotations

import threading

from pgprocess.cron.agenda import Agenda
from pgprocess.cron.cron import SHORTEST_WAIT, Cron
from pgprocess.postgres.connection import Database
from tests.builders.daily import Daily
from tests.builders.drawing import Executes, draw
from tests.builders.waiting import until


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


def test_an_outlook_says_that_a_task_is_due_and_changes_nothing(agenda: Agenda, execute: Executes) -> None:
    process = draw(execute, "a")
    execute("INSERT INTO pgprocess_job (process_id, run_at) VALUES (%s, now() + interval '1 h')", [process])
    assert not agenda.outlook().has_due_task
    execute("UPDATE pgprocess_jobtask SET run_at = now()")
    assert agenda.outlook().has_due_task
    assert execute("SELECT status FROM pgprocess_jobtask") == [("scheduled",)]


def test_it_does_not_wait_while_more_is_due_than_it_readies_at_once(cron: Cron, execute: Executes) -> None:
    process = draw(execute, "a")
    execute(
        "INSERT INTO pgprocess_job (process_id, run_at) "
        "SELECT %s, now() + interval '1 h' FROM generate_series(1, 1001)",
        [process],
    )
    execute("UPDATE pgprocess_jobtask SET run_at = now()")
    assert seconds_until_next(cron) == SHORTEST_WAIT
    assert seconds_until_next(cron) == 5.0
    assert execute("SELECT DISTINCT status FROM pgprocess_jobtask") == [("ready",)]


def test_while_another_cron_is_at_it_it_does_not_look_again_and_again(
    cron: Cron, agenda: Agenda, execute: Executes
) -> None:
    daily = Daily(execute)
    with agenda.transaction():
        assert [due.id for due in agenda.lock_due()] == [daily.id]
        assert seconds_until_next(cron) == SHORTEST_WAIT
        assert seconds_until_next(cron) == 2 * SHORTEST_WAIT
    assert daily.jobs == []


def test_told_to_stop_it_ends(cron: Cron, execute: Executes) -> None:
    daily = Daily(execute)
    cron.stop()
    assert cron.tick() is None
    assert daily.jobs == []


class Background:
    """A cron in a thread; it has ended with the block."""

    def __init__(self, *, poll_interval: float = 600.0, listen: bool = True) -> None:
        self.cron = Cron(Database("default", listen=listen), poll_interval=poll_interval)
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
