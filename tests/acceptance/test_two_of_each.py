"""Two workers and two crons, each a process of its own: every slot and every task runs, and runs once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest

from pgprocess.models import Job, Process
from pgprocess.sql import query
from tests.acceptance.tasks_of_two import SCRIPT, TABLE, meet, note, note_async, note_at_second_try
from tests.builders.commands import running, stopped
from tests.builders.drawing import Executes, draw, on_connection
from tests.builders.waiting import until

DIAMOND = "extract -> clean, extract -> check, clean -> load, check -> load, load -> report"
SCHEDULED, BY_HAND = 30, 6


@pytest.fixture
def execute(connect: Callable[..., psycopg.Connection[Any]]) -> Iterator[Executes]:
    """Execute on a connection of the test's own; the tasks have a table to write to."""
    execute = on_connection(connect())
    execute(TABLE)
    yield execute
    execute("DROP TABLE two_of_each")


def call(function: Any, **columns: Any) -> dict[str, Any]:
    return {"kind": "callable", "code": "", "target": function.name} | columns


def due_now(execute: Executes) -> None:
    """Thirty daily processes whose slot of midnight nobody has looked at."""
    for number in range(SCHEDULED):
        draw(execute, "a -> b", {"a": call(note), "b": call(note_async)}, name=f"daily {number}")
    execute("UPDATE pgprocess_process SET minute = '@daily'")
    execute("UPDATE pgprocess_process SET next_run_at = date_trunc('day', now(), 'UTC')")


def by_hand(execute: Executes) -> tuple[Process, Process]:
    """A diamond of scripts and functions, one of which needs two tries; and four tasks that must run at once."""
    tasks = {
        "extract": {"code": SCRIPT},
        "clean": call(note),
        "check": call(note_async),
        "load": call(note_at_second_try, max_attempts=2),
        "report": call(note),
    }
    diamond = draw(execute, DIAMOND, tasks, name="diamond")
    four = draw(execute, "a, b, c, d", {name: call(meet) for name in "abcd"}, name="four")
    return Process.objects.get(pk=diamond), Process.objects.get(pk=four)


def test_two_workers_and_two_crons_run_everything_once_and_lose_nothing(execute: Executes) -> None:
    due_now(execute)
    diamond, four = by_hand(execute)
    with ExitStack() as processes:
        workers = [processes.enter_context(running("pgprocess_worker", "--concurrency", "3")) for _ in range(2)]
        crons = [processes.enter_context(running("pgprocess_cron")) for _ in range(2)]
        for number in range(BY_HAND):
            Job.create(diamond, {"number": number})
        Job.create(four)  # no worker has four slots, so both work
        until(
            execute,
            "count(*) FILTER (WHERE origin = 'schedule') = %s AND bool_and(status <> 'running') FROM pgprocess_job",
            [SCHEDULED],
            seconds=50,
        )
        endings = [stopped(process) for process in (*crons, *workers)]

    assert [code for code, _ in endings] == [0] * 4, endings
    pids = sorted(process.pid for process in workers)
    assert execute("SELECT pid, state FROM pgprocess_worker ORDER BY pid") == [(pid, "stopped") for pid in pids]

    assert execute("SELECT DISTINCT status FROM pgprocess_job") == [("succeeded",)]
    assert execute(
        "SELECT count(*), count(DISTINCT process_id), bool_and(logical_date = date_trunc('day', created_at, 'UTC')) "
        "FROM pgprocess_job WHERE origin = 'schedule'"
    ) == [(SCHEDULED, SCHEDULED, True)]

    tasks = 2 * SCHEDULED + 5 * BY_HAND + 4
    assert execute("SELECT count(*), count(*) FILTER (WHERE status = 'succeeded') FROM pgprocess_jobtask") == [
        (tasks, tasks)
    ]
    tries = tasks + BY_HAND
    assert execute("SELECT count(*), count(DISTINCT (jobtask_id, attempt)) FROM two_of_each") == [(tries, tries)]
    assert execute(
        "SELECT DISTINCT jobtask.attempt, jobtask.result FROM pgprocess_jobtask AS jobtask "
        "JOIN pgprocess_task AS task ON task.id = task_id WHERE task.name IN ('load', 'report') ORDER BY 1"
    ) == [(1, 6), (2, 5)]
    assert execute("SELECT count(*), min(error), max(error) FROM pgprocess_attempt") == [
        (BY_HAND, "ConnectionError: flaky", "ConnectionError: flaky")
    ]
    assert execute(query("doctor/drift"), {"recent": None}) == []
