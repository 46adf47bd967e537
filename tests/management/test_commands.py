"""The commands as a shell sees them: what they do, how they end, and what they exit with."""

from __future__ import annotations

import json
import os
import signal
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import register
from django.core.checks.registry import registry
from django.core.management import CommandError, call_command, load_command_class

from pgprocess.devtools.url import database_settings, database_url
from pgprocess.management.options import listed
from tests.builders.commands import ended, running, stopped
from tests.builders.drawing import DrawnJob, Executes, draw
from tests.builders.waiting import until

WORKS = "EXISTS (SELECT FROM pgprocess_worker WHERE state = 'running')"
LONG = "import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(600)"


def workers(execute: Executes) -> list[tuple[int, str]]:
    return execute("SELECT pid, state FROM pgprocess_worker ORDER BY id")


# --once


def test_once_works_off_what_is_ready_and_becomes_ready_and_exits_0(execute: Executes) -> None:
    run = DrawnJob(execute, "a -> b -> c", {"c": {"interpreter": "sh", "code": "echo done"}})
    code, said = ended("pgprocess_worker", "--once")
    assert code == 0, said
    assert (run.job(), set(run.statuses.values())) == ("succeeded", {"succeeded"})
    assert execute("SELECT text FROM pgprocess_logchunk") == [("done\n",)]
    assert [state for _, state in workers(execute)] == ["stopped"]


def test_once_with_nothing_to_do_exits_0(execute: Executes) -> None:
    assert ended("pgprocess_worker", "--once", "--no-listen")[0] == 0


def test_once_exits_0_when_a_task_failed_since_the_worker_did_not(execute: Executes) -> None:
    run = DrawnJob(execute, "a -> b", {"a": {"interpreter": "sh", "code": "exit 3"}})
    assert ended("pgprocess_worker", "--once")[0] == 0
    assert (run.job(), run.get("a", "exit_code")) == ("failed", 3)


def test_once_serves_the_queues_that_it_is_given(execute: Executes) -> None:
    shell = {"interpreter": "sh", "code": "true"}
    run = DrawnJob(execute, "a, b, c", {"a": shell | {"queue": "etl"}, "b": shell | {"queue": "mail"}, "c": shell})
    assert ended("pgprocess_worker", "--once", "--queues", "etl, mail", "--concurrency", "1")[0] == 0
    assert run.statuses == {"a": "succeeded", "b": "succeeded", "c": "ready"}
    assert execute("SELECT queues, slots FROM pgprocess_worker") == [("etl,mail", 1)]


def test_what_it_does_is_said_on_stderr_unless_it_shall_be_quiet(execute: Executes) -> None:
    shell = {"a": {"interpreter": "sh", "code": "true"}}
    DrawnJob(execute, "a", shell)
    said = ended("pgprocess_worker", "--once")[1]
    assert "INFO Worker " in said
    assert "Task a of job " in said
    assert ended("pgprocess_worker", "--once", "--verbosity", "0") == (0, "")


# Signals


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_ends_at_a_signal_with_0_and_its_row_says_so(execute: Executes, number: signal.Signals) -> None:
    with running("pgprocess_worker") as process:
        until(execute, WORKS)
        assert workers(execute) == [(process.pid, "running")]
        code, said = stopped(process, number)
    assert code == 0, said
    assert workers(execute) == [(process.pid, "stopped")]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def pid_of_task(execute: Executes) -> int:
    """Return the pid of the only task that runs, once the task has printed it."""
    until(execute, "EXISTS (SELECT FROM pgprocess_logchunk)")
    return int(execute("SELECT text FROM pgprocess_logchunk")[0][0])


def test_a_task_that_does_not_finish_in_time_is_stopped_and_given_back(execute: Executes) -> None:
    run = DrawnJob(execute, "a", {"a": {"code": LONG}})
    with running("pgprocess_worker", "--shutdown-timeout", "0.1") as process:
        task = pid_of_task(execute)
        assert alive(task)
        code, said = stopped(process)
    assert code == 0, said
    assert not alive(task)
    assert (run.get("a"), run.get("a", "free_attempts"), run.job()) == ("ready", 1, "running")


def test_a_second_signal_does_not_wait_for_tasks(execute: Executes) -> None:
    run = DrawnJob(execute, "a", {"a": {"code": LONG}})
    with running("pgprocess_worker", "--shutdown-timeout", "600") as process:
        task = pid_of_task(execute)
        process.send_signal(signal.SIGTERM)
        until(execute, "EXISTS (SELECT FROM pgprocess_worker WHERE state = 'stopping')")
        code, said = stopped(process)
    assert code == 0, said
    assert not alive(task)
    assert run.get("a") == "ready"


@pytest.mark.parametrize("options", [[], ["--no-listen"]])
def test_a_cron_ends_at_a_signal_with_0(execute: Executes, options: list[str]) -> None:
    execute("INSERT INTO pgprocess_process (name, minute) VALUES ('p', '@yearly')")
    with running("pgprocess_cron", *options) as process:
        until(execute, "next_run_at IS NOT NULL FROM pgprocess_process")
        code, said = stopped(process)
    assert code == 0, said
    assert "Cron started." in said
    assert "Cron stopped." in said


# run_jobs


def test_run_jobs_turns_a_due_schedule_into_a_finished_job(execute: Executes) -> None:
    process_id = draw(execute, "a -> b", {"b": {"interpreter": "sh", "code": "echo $PGPROCESS_LOGICAL_DATE"}})
    execute("UPDATE pgprocess_process SET minute = '*'")
    execute("UPDATE pgprocess_process SET next_run_at = now() - interval '1 minute'")
    with running("run_jobs", "--concurrency", "2") as process:
        until(execute, "EXISTS (SELECT FROM pgprocess_job WHERE status = 'succeeded')")
        assert workers(execute) == [(process.pid, "running")]
        code, said = stopped(process)
    assert code == 0, said
    assert workers(execute) == [(process.pid, "stopped")]
    assert execute(
        "SELECT process_id, origin, tasks_left, logical_date = date_trunc('minute', logical_date), "
        "logical_date BETWEEN created_at - interval '1 minute' AND created_at "
        "FROM pgprocess_job WHERE status = 'succeeded' ORDER BY id LIMIT 1"
    ) == [(process_id, "schedule", 0, True, True)]


def test_run_jobs_wakes_for_a_job_that_a_person_starts(execute: Executes) -> None:
    process_id = draw(execute, "a", {"a": {"interpreter": "sh", "code": "true"}})
    with running("run_jobs") as process:
        until(execute, WORKS)
        execute("INSERT INTO pgprocess_job (process_id) VALUES (%s)", [process_id])
        until(execute, "EXISTS (SELECT FROM pgprocess_job WHERE status = 'succeeded')")
        assert stopped(process, signal.SIGINT)[0] == 0


# Options


@pytest.mark.parametrize("command", ["pgprocess_worker", "run_jobs"])
@pytest.mark.parametrize(
    "options",
    [
        ["--concurrency", "many"],
        ["--concurrency", "0"],
        ["--max-tasks", "-1"],
        ["--cap", "etl"],
        ["--cap", "etl=none"],
        ["--log-format", "xml"],
        ["--shutdown-timeout", "soon"],
        ["--qeues", "etl"],
        ["--queues", "etl", "--exclude-queues", "mail,etl"],
        ["--queues", ","],
        ["--queues", " "],
        ["--queues", ""],
        ["--exclude-queues", ",,"],
        ["--cap", ","],
    ],
)
def test_options_that_can_not_be_read_are_refused(command: str, options: list[str]) -> None:
    with pytest.raises(CommandError, match=r"^(Error: |Queue etl is in )"):
        call_command(command, "--once", *options)


def test_code_that_calls_a_command_names_queues_as_on_a_command_line() -> None:
    with pytest.raises(CommandError, match=r"^',' names no queue: name one, or leave the option out\.$"):
        call_command("pgprocess_worker", once=True, queues=",")
    assert listed("etl, mail") == listed(["etl", "mail"]) == ("etl", "mail")


def test_a_cron_takes_no_options_of_a_worker() -> None:
    with pytest.raises(CommandError, match="unrecognized arguments"):
        call_command("pgprocess_cron", "--concurrency", "3")


def test_a_refusal_exits_with_a_sentence_and_not_with_0(execute: Executes) -> None:
    code, said = ended("pgprocess_worker", "--concurrency", "0")
    assert code == 2
    assert said.endswith("error: argument --concurrency: '0' is not a number from 1 on\n")


# pgprocess_health


def test_health_exits_1_and_says_that_nobody_works(execute: Executes) -> None:
    assert ended("pgprocess_health") == (
        1,
        "CommandError: No worker is alive: start manage.py pgprocess_worker.\n",
    )


def test_health_exits_0_when_all_is_well(execute: Executes) -> None:
    execute("INSERT INTO pgprocess_worker (host, pid) VALUES ('h', 1)")
    assert ended("pgprocess_health") == (0, "pgprocess is well.\n")


@pytest.mark.parametrize(
    "signs", ["state = 'stopped'", "state = 'lost'", "state = 'running', last_seen = now() - interval '31 s'"]
)
def test_a_worker_that_has_gone_is_no_worker(execute: Executes, signs: str) -> None:
    execute("INSERT INTO pgprocess_worker (host, pid) VALUES ('h', 1)")
    execute(f"UPDATE pgprocess_worker SET {signs}")
    with pytest.raises(CommandError, match="No worker is alive"):
        call_command("pgprocess_health")


@pytest.fixture
def a_live_worker(execute: Executes) -> None:
    execute("INSERT INTO pgprocess_worker (host, pid) VALUES ('h', 1)")


def test_health_says_that_no_cron_ticks(execute: Executes, a_live_worker: None) -> None:
    execute("INSERT INTO pgprocess_process (name, minute) VALUES ('nightly', '@daily')")
    execute("UPDATE pgprocess_process SET next_run_at = now() - interval '61 s'")
    with pytest.raises(
        CommandError, match=r"^No cron ticks: nightly waits since .* UTC; start manage.py pgprocess_cron\.$"
    ):
        call_command("pgprocess_health")


def test_health_says_that_no_cron_has_looked_at_a_new_schedule(execute: Executes, a_live_worker: None) -> None:
    execute("INSERT INTO pgprocess_process (name, minute) VALUES ('nightly', '@daily')")
    call_command("pgprocess_health", verbosity=0)
    execute("UPDATE pgprocess_process SET scheduled_from = now() - interval '61 s'")
    with pytest.raises(CommandError, match="No cron ticks: nightly"):
        call_command("pgprocess_health")


@pytest.mark.parametrize(
    "columns", ["is_active = false", "next_run_at = now() - interval '59 s'", "minute = '', next_run_at = NULL"]
)
def test_health_is_silent_about_processes_that_are_not_late(
    execute: Executes, a_live_worker: None, columns: str, capsys: pytest.CaptureFixture[str]
) -> None:
    execute("INSERT INTO pgprocess_process (name, minute) VALUES ('nightly', '@daily')")
    execute("UPDATE pgprocess_process SET next_run_at = now() - interval '61 s'")
    execute(f"UPDATE pgprocess_process SET {columns}")
    execute("UPDATE pgprocess_process SET scheduled_from = now() - interval '61 s'")
    call_command("pgprocess_health")
    assert capsys.readouterr().out == "pgprocess is well.\n"


# A database that is not there


@pytest.fixture
def nowhere(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let processes that start from now on find no database."""
    url = database_url(database_settings(dsn) | {"NAME": "pgprocess_test_nowhere"})
    monkeypatch.setenv("PGPROCESS_DATABASE_URL", url)


@pytest.mark.parametrize("command", ["pgprocess_worker", "pgprocess_cron"])
def test_without_a_database_it_tries_again_until_it_is_stopped(nowhere: None, command: str) -> None:
    with running(command) as process:
        assert process.stdout
        assert "has trouble with the database" in process.stdout.readline()
        code, said = stopped(process)
    assert code == 0, said


@pytest.mark.usefixtures("nowhere")
def test_the_checks_of_the_code_need_no_database() -> None:
    code, said = ended("check")
    assert code == 0, said


@pytest.mark.parametrize("command", ["pgprocess_worker", "pgprocess_cron", "run_jobs"])
def test_what_waits_for_the_database_lets_no_check_ask_for_it(command: str) -> None:
    asked: list[Any] = []

    @register
    def asks(databases: Any, **_how: Any) -> list[Any]:
        asked.append(databases)
        return []

    lasting: Any = load_command_class("pgprocess", command)
    try:
        lasting.check(**lasting.get_check_kwargs({}))
    finally:
        registry.registered_checks -= {asks}
    assert asked == [[]]


# How it is told to behave


def test_log_lines_may_be_json_one_for_each_step(execute: Executes) -> None:
    run = DrawnJob(execute, "a", {"a": {"interpreter": "sh", "code": "exit 3"}})
    said = ended("pgprocess_worker", "--once", "--log-format", "json")[1]
    lines = [json.loads(line) for line in said.splitlines()]
    steps = [line for line in lines if "event" in line]
    [(worker,)] = execute("SELECT id FROM pgprocess_worker")
    about = {"job": run.id, "jobtask": run.get("a", "id"), "process": "p", "task": "a", "attempt": 1, "worker": worker}
    assert [line["event"] for line in steps] == ["started", "failed"]
    assert all(about.items() <= line.items() for line in steps)
    assert steps[1]["exit_code"] == 3
    assert steps[1]["level"] == "info"


def test_what_is_not_said_on_the_command_line_may_stand_in_the_environment(
    execute: Executes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPROCESS_CONCURRENCY", "3")
    monkeypatch.setenv("PGPROCESS_QUEUES", "etl,mail")
    monkeypatch.setenv("PGPROCESS_EXCLUDE_QUEUES", "slow")
    monkeypatch.setenv("PGPROCESS_ONCE", "yes")
    assert ended("pgprocess_worker", "--queues", "etl")[0] == 0
    assert execute("SELECT slots, queues, excluded_queues FROM pgprocess_worker") == [(3, "etl", "slow")]


def test_a_variable_that_can_not_be_read_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPROCESS_CONCURRENCY", "many")
    with pytest.raises(CommandError, match="argument --concurrency: 'many' is not a number from 1 on"):
        call_command("pgprocess_worker", "--once")


def test_with_reload_it_begins_anew_when_code_changes(
    execute: Executes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = tmp_path / "changing.py"
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    code = "from pgprocess import task\n@task\ndef say():\n    return {}\n"
    module.write_text(code.format(1))
    say = {"a": {"kind": "callable", "code": "", "target": "changing.say"}}
    process = draw(execute, "a", say)
    with running("pgprocess_worker", "--reload") as started:
        first = DrawnJob(execute, process)
        until(execute, "EXISTS (SELECT FROM pgprocess_job WHERE status = 'succeeded')")
        module.write_text(code.format(22))
        touched = count(2**30)

        def execute_and_touch(
            statement: str, params: Any = None
        ) -> Any:  # again and again: it may not have seen the first version yet
            os.utime(module, (0, next(touched)))
            return execute(statement, params)

        until(execute_and_touch, "(SELECT array_agg(state ORDER BY id) FROM pgprocess_worker) = '{stopped,running}'")
        second = DrawnJob(execute, process)
        until(execute, "count(*) = 2 FROM pgprocess_job WHERE status = 'succeeded'")
        assert workers(execute) == [(started.pid, "stopped"), (started.pid, "running")]
        assert stopped(started)[0] == 0
    assert (first.get("a", "result"), second.get("a", "result")) == (1, 22)


def test_what_callables_log_and_print_is_output_of_their_task(
    execute: Executes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "talking.py").write_text(
        "import logging\nfrom pgprocess import task\n@task\ndef say():\n"
        "    print('printed')\n    logging.getLogger('shop').warning('logged')\n"
        "@task\nasync def whisper():\n    print('whispered')\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    talks = {"a": "talking.say", "b": "talking.whisper"}
    DrawnJob(
        execute, "a -> b", {name: {"kind": "callable", "code": "", "target": target} for name, target in talks.items()}
    )
    assert ended("pgprocess_worker", "--once")[0] == 0
    assert execute(
        "SELECT task.name, stream, string_agg(text, '' ORDER BY seq) FROM pgprocess_logchunk "
        "JOIN pgprocess_jobtask AS jobtask ON jobtask.id = jobtask_id JOIN pgprocess_task AS task ON task.id = task_id "
        "GROUP BY task.name, stream ORDER BY task.name, stream"
    ) == [
        ("a", "stderr", "WARNING shop: logged\n"),
        ("a", "stdout", "printed\n"),
        ("b", "stdout", "whispered\n"),
    ]
