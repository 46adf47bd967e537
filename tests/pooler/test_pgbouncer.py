"""Workers and crons behind PgBouncer in transaction mode, where a session belongs to nobody."""

from __future__ import annotations

from contextlib import ExitStack

import psycopg
import pytest

from tests.builders.commands import ended, running, stopped
from tests.builders.drawing import DrawnJob, Executes, Tasks, draw
from tests.builders.waiting import until
from tests.pooler.conftest import SESSIONS

SCRIPT = "import pgprocess.env\nfrom pgprocess.models import Job\nprint(Job.objects.count())"
TASKS: Tasks = {
    "a": {"code": SCRIPT},
    "b": {"kind": "sql", "code": "SELECT current_setting('pgprocess.task') AS task"},
    "c": {"interpreter": "sh", "code": "test $PGPROCESS_ATTEMPT = 2 || exit 75", "max_attempts": 2},
    "d": {"interpreter": "sh", "code": "echo done"},
}
LONG = {"a": {"interpreter": "sh", "code": "echo up; sleep 600"}}


def work_off(execute: Executes, *options: str, settings: str) -> str:
    """Two workers and a cron work through some jobs and a cancelled one; what they said."""
    process = draw(execute, "a -> b -> d, a -> c -> d", TASKS)
    long = draw(execute, "a", LONG, name="long")
    with ExitStack() as stack:
        started = [
            stack.enter_context(running(command, *options, settings=settings))
            for command in ("pgprocess_worker", "pgprocess_worker", "pgprocess_cron")
        ]
        runs = [DrawnJob(execute, process) for _ in range(10)]
        cancelled = DrawnJob(execute, long)
        until(execute, "EXISTS (SELECT FROM pgprocess_logchunk WHERE text = 'up\n')")
        execute("UPDATE pgprocess_job SET status = 'cancelled' WHERE id = %s", [cancelled.id])
        until(execute, "NOT EXISTS (SELECT FROM pgprocess_job WHERE status = 'running')", seconds=60)
        said = ""
        for command in started:
            code, words = stopped(command)
            said += words
            assert code == 0, words
    assert {run.job() for run in runs} == {"succeeded"}
    assert {run.get("b", "result")[0]["task"] for run in runs} == {"b"}
    assert cancelled.job() == "cancelled"
    return said


def test_with_no_listen_everything_works_by_polling(pooler: str, execute: Executes) -> None:
    said = work_off(execute, "--no-listen", settings="tests.pooler.settings")
    assert "WARNING" not in said
    assert execute("SELECT DISTINCT session FROM pgprocess_worker") == [(False,)]


def test_with_an_alias_that_leads_past_it_they_are_woken(pooler: str, execute: Executes) -> None:
    said = work_off(execute, settings="tests.pooler.settings")
    assert "Listening was cut off" not in said
    assert execute("SELECT DISTINCT session FROM pgprocess_worker") == [(True,)]


def test_nothing_of_ours_is_left_in_the_sessions_of_others(pooler: str, execute: Executes) -> None:
    import psycopg

    DrawnJob(execute, draw(execute, "a", {"a": {"interpreter": "sh", "code": "true"}}))
    assert ended("pgprocess_worker", "--once", "--no-listen", settings="tests.pooler.settings")[0] == 0
    with ExitStack() as stack:
        clients = [stack.enter_context(psycopg.connect(pooler)) for _ in range(2)]
        for client in clients:  # each in a transaction, so that each has another session
            row = client.execute("SELECT current_setting('enable_seqscan'), current_setting('pgprocess.quiet', true)")
            assert row.fetchone() in [("on", None), ("on", "")]


@pytest.mark.parametrize("command", ["pgprocess_health"])
def test_the_other_commands_work_through_it(pooler: str, execute: Executes, command: str) -> None:
    with running("pgprocess_worker", "--no-listen", settings="tests.pooler.settings"):
        until(execute, "EXISTS (SELECT FROM pgprocess_worker)")
        assert ended(command, settings="tests.pooler.settings")[0] == 0


def test_signs_of_life_go_past_a_pool_that_tasks_use_up(pooler: str, execute: Executes) -> None:
    with ExitStack() as stack:
        started = stack.enter_context(running("pgprocess_worker", settings="tests.pooler.settings"))
        until(execute, "EXISTS (SELECT FROM pgprocess_worker WHERE session)")
        hogs = [stack.enter_context(psycopg.connect(pooler)) for _ in range(SESSIONS)]
        for hog in hogs:
            hog.execute("SELECT 1")  # the pooler's session is this client's until its transaction ends
        [(before,)] = execute("SELECT now()")
        until(execute, "last_seen > %s + interval '3 s' FROM pgprocess_worker", [before])
        for hog in hogs:
            hog.rollback()
        code, said = stopped(started)
    assert code == 0, said
