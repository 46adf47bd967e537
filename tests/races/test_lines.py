"""Jobs that wait for their turn, while several clients end, add, cancel, pause and resume: nobody is forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial

import pytest

from pgprocess.cron.cron import Cron
from pgprocess.postgres.connection import Database
from tests.builders.drawing import DrawnJob, Executes, draw
from tests.builders.workers import Hands
from tests.races.together import Client, together

ROUNDS = 25
FORGOTTEN = """
SELECT job.id FROM pgprocess_job AS job JOIN pgprocess_process AS process ON process.id = job.process_id
 WHERE job.buffered AND process.is_active
   AND NOT EXISTS (SELECT FROM pgprocess_job AS other
                    WHERE other.process_id = job.process_id AND other.status = 'running' AND NOT other.buffered)
"""
AT_ONCE = """
SELECT process_id, count(*) FROM pgprocess_job WHERE status = 'running' AND NOT buffered
 GROUP BY process_id HAVING count(*) > 1
"""


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


def ended(client: Client, run: DrawnJob) -> None:
    """Its only task runs and succeeds."""
    for status in ("running", "succeeded"):
        client("UPDATE pgprocess_jobtask SET status = %s WHERE job_id = %s", [status, run.id])


def a_line(execute: Executes, running: int, waiting: int) -> tuple[list[DrawnJob], list[DrawnJob]]:
    process = draw(execute, "a", name=str(execute("SELECT gen_random_uuid()")[0][0]))
    return (
        [DrawnJob(execute, process) for _ in range(running)],
        [DrawnJob(execute, process, buffered=True, logical_date=f"2026-01-0{day}") for day in range(1, waiting + 1)],
    )


def test_two_that_end_together_let_the_next_one_start(client: Callable[[], Client], execute: Executes) -> None:
    clients = [client(), client()]
    for _ in range(ROUNDS):
        running, [waiting] = a_line(execute, 2, 1)
        together(*(partial(ended, one, run) for one, run in zip(clients, running, strict=True)))
        assert waiting.get("a") == "ready"
    assert sum(one.deadlocks for one in clients) == 0


def test_a_slot_that_comes_while_the_last_job_ends_starts(
    cron: Callable[[], Cron], client: Callable[[], Client], execute: Executes
) -> None:
    one, ticking = client(), cron()
    agenda = ticking.agenda
    assert agenda

    def look_until_seen() -> None:
        while not ticking.tick_due(agenda):
            pass  # the job's end holds the process, and cron passes it over

    for _ in range(ROUNDS):
        [run], _ = a_line(execute, 1, 0)
        execute(
            "UPDATE pgprocess_process SET minute = '0', hour = '0', overlap = 'buffer_all' WHERE id = %s",
            [run.process],
        )
        execute(
            "UPDATE pgprocess_process SET next_run_at = date_trunc('day', now(), 'UTC') WHERE id = %s", [run.process]
        )
        together(partial(ended, one, run), look_until_seen)
        assert execute(
            "SELECT buffered FROM pgprocess_job WHERE process_id = %s AND id <> %s", [run.process, run.id]
        ) == [(False,)]
    assert one.deadlocks == 0


def test_whoever_resumes_a_process_while_its_job_ends_starts_what_waits(
    client: Callable[[], Client], execute: Executes
) -> None:
    one, other = client(), client()
    for _ in range(ROUNDS):
        [run], [waiting] = a_line(execute, 1, 1)
        execute("UPDATE pgprocess_process SET is_active = false WHERE id = %s", [run.process])
        together(
            partial(ended, one, run),
            partial(other, "UPDATE pgprocess_process SET is_active = true WHERE id = %s", [run.process]),
        )
        assert waiting.get("a") == "ready"
    assert one.deadlocks + other.deadlocks == 0


def test_one_that_is_cancelled_while_its_turn_comes_leaves_it_to_the_next(
    client: Callable[[], Client], execute: Executes
) -> None:
    one, other = client(), client()
    for _ in range(ROUNDS):
        [run], [first, second] = a_line(execute, 1, 2)
        together(
            partial(ended, one, run),
            partial(other, "UPDATE pgprocess_job SET status = 'cancelled' WHERE id = %s", [first.id]),
        )
        assert (first.job(), second.get("a")) == ("cancelled", "ready")
    assert one.deadlocks + other.deadlocks == 0


def test_jobs_of_many_lines_that_workers_end_in_any_order_run_one_at_a_time(
    worker: Callable[[], Hands], execute: Executes
) -> None:
    lines = [a_line(execute, 1, 4) for _ in range(10)]
    workers = [worker() for _ in range(3)]
    seen = []

    def work(hands: Hands) -> None:
        idle = 0
        while idle < 20:
            claims = hands.claim(4)
            seen.extend(execute(AT_ONCE))
            idle = 0 if hands.complete(*claims) else idle + 1

    together(*(partial(work, hands) for hands in workers))
    assert seen == []
    assert execute(FORGOTTEN) == []
    runs = [run for running, waiting in lines for run in (*running, *waiting)]
    assert {run.job() for run in runs} == {"succeeded"}
    for running, waiting in lines:
        ids = [run.id for run in (*running, *waiting)]
        order = execute("SELECT id FROM pgprocess_job WHERE id = ANY (%s) ORDER BY finished_at", [ids])
        assert [job for (job,) in order] == ids


def test_a_backfill_never_runs_more_at_once_than_it_says(worker: Callable[[], Hands], execute: Executes) -> None:
    process = draw(execute, "a")
    [(line,)] = execute(
        "INSERT INTO pgprocess_backfill (process_id, starts_at, ends_at, concurrency) "
        "VALUES (%s, now(), now(), 0) RETURNING id",
        [process],
    )
    execute(
        "INSERT INTO pgprocess_job (process_id, backfill_id, buffered, logical_date) "
        "SELECT %s, %s, true, timestamptz '2026-01-01 00:00+00' + make_interval(hours => n) "
        "FROM generate_series(1, 60) AS n",
        [process, line],
    )
    execute("UPDATE pgprocess_backfill SET concurrency = 3")
    workers = [worker() for _ in range(3)]
    most = []

    def work(hands: Hands) -> None:
        idle = 0
        while idle < 20:
            claims = hands.claim(2)
            most.extend(execute("SELECT count(*) FROM pgprocess_job WHERE status = 'running' AND NOT buffered"))
            idle = 0 if hands.complete(*claims) else idle + 1

    together(*(partial(work, hands) for hands in workers))
    assert max(most) <= (3,)
    assert execute("SELECT status, count(*) FROM pgprocess_job GROUP BY 1") == [("succeeded", 60)]
