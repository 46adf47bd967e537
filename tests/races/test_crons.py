"""Several crons look at the same schedules: every slot is one job, and no slot is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from functools import partial

import psycopg
import pytest

from pgprocess.cron.agenda import Tick
from pgprocess.cron.cron import Cron
from pgprocess.postgres.connection import Database
from tests.builders.drawing import Executes, draw
from tests.races.together import Client, overtaken, together


@pytest.fixture
def cron(transactional_db: None) -> Iterator[Callable[[], Cron]]:
    """A cron that ticks when it is told to; its connection is closed at the end."""
    with ExitStack() as opened:

        def connect() -> Cron:
            cron = Cron(Database("default", listen=False), poll_interval=5.0)
            cron.connect()
            opened.callback(cron.finish)
            return cron

        yield connect


def due(execute: Executes, processes: int, days_ago: int = 0) -> None:
    """So many daily processes whose slot of two hours ago is due, and those of some days before."""
    execute(
        "WITH slot AS (SELECT date_trunc('minute', now()) - interval '2 h' AS at) "
        "INSERT INTO pgprocess_process (name, minute, hour, next_run_at, overlap, catch_up) "
        "SELECT 'p' || number, extract(minute FROM at AT TIME ZONE 'UTC'), extract(hour FROM at AT TIME ZONE 'UTC'), "
        "at - make_interval(days => %s), 'allow', 'all' FROM slot, generate_series(1, %s) AS number",
        [days_ago, processes],
    )


JOBS = "SELECT count(*), count(DISTINCT (process_id, logical_date)), count(DISTINCT process_id) FROM pgprocess_job"


@pytest.mark.parametrize("crons", [2, 4])
def test_200_processes_that_are_due_become_200_jobs_whatever_the_number_of_crons(
    cron: Callable[[], Cron], execute: Executes, crons: int
) -> None:
    due(execute, 200)
    together(*(cron().tick for _ in range(crons)))
    assert execute(JOBS) == [(200, 200, 200)]
    assert execute("SELECT count(*) FROM pgprocess_process WHERE next_run_at > now()") == [(200,)]
    assert execute(
        "SELECT DISTINCT next_run_at - logical_date FROM pgprocess_job JOIN pgprocess_process AS process "
        "ON process.id = process_id"
    ) == [(timedelta(days=1),)]


def test_crons_that_catch_up_together_make_each_missed_slot_once(cron: Callable[[], Cron], execute: Executes) -> None:
    due(execute, 20, days_ago=9)
    together(*(cron().tick for _ in range(3)))
    assert execute(JOBS) == [(200, 200, 20)]


def test_what_one_cron_is_looking_at_another_passes_over_without_waiting(
    cron: Callable[[], Cron], execute: Executes
) -> None:
    due(execute, 150)
    one, other = cron(), cron()
    assert one.agenda
    assert other.agenda
    with one.agenda.transaction():
        assert one.tick_due(one.agenda) == 100
        assert other.tick_due(other.agenda) == 50
        assert other.tick_due(other.agenda) == 0
    assert execute(JOBS) == [(150, 150, 150)]


def test_a_cron_that_dies_while_it_looks_loses_no_slot(cron: Callable[[], Cron], execute: Executes) -> None:
    due(execute, 3)
    one, other = cron(), cron()
    assert one.agenda
    with pytest.raises(psycopg.OperationalError), one.agenda.transaction():
        assert one.tick_due(one.agenda) == 3
        execute("SELECT pg_terminate_backend(%s, 20000)", [one.agenda.connection.info.backend_pid])
        one.agenda.lock_due()
    other.tick()
    assert execute(JOBS) == [(3, 3, 3)]


def test_a_slot_that_two_transactions_make_a_job_of_is_one_job(cron: Callable[[], Cron], execute: Executes) -> None:
    process = draw(execute, "a")
    [(slot,)] = execute("SELECT date_trunc('day', now())")
    one, other = cron().agenda, cron().agenda
    assert one
    assert other
    again = overtaken(
        one.connection, lambda: one.tick([Tick(process, slot)]), lambda: other.tick([Tick(process, slot)]), execute
    )
    assert again == []
    assert execute(JOBS) == [(1, 1, 1)]


@pytest.mark.parametrize("edit", ["minute = '30', hour = '0'", "is_active = false"])
def test_an_edit_waits_for_a_cron_that_looks_and_counts_from_then_on(
    cron: Callable[[], Cron], client: Callable[[], Client], execute: Executes, edit: str
) -> None:
    due(execute, 1, days_ago=3)
    one, editor = cron(), client()
    agenda = one.agenda
    assert agenda
    overtaken(
        agenda.connection,
        lambda: one.tick_due(agenda),
        lambda: editor(f"UPDATE pgprocess_process SET {edit}"),
        execute,
    )
    assert execute(JOBS) == [(4, 4, 1)]
    assert execute("SELECT next_run_at, now() - scheduled_from < '1 min' FROM pgprocess_process") == [(None, True)]
    one.tick()
    assert execute(JOBS) == [(4, 4, 1)]


def test_crons_and_editors_at_once_make_no_slot_twice(
    cron: Callable[[], Cron], client: Callable[[], Client], execute: Executes
) -> None:
    due(execute, 30, days_ago=4)
    editors = [client(), client()]

    def edit(editor: Client, odd: int) -> None:
        for minute in range(10):
            editor(
                "UPDATE pgprocess_process SET minute = %s, hour = '1', is_active = %s WHERE id %% 2 = %s",
                [str(minute), minute % 3 > 0, odd],
            )

    together(
        *(cron().tick for _ in range(2)),
        *(partial(edit, editor, odd) for odd, editor in enumerate(editors)),
    )
    [(jobs, distinct, _)] = execute(JOBS)
    assert jobs == distinct
    assert sum(editor.deadlocks for editor in editors) == 0
