"""``pgprocess_logs``: the output of tasks, also while they run."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest
from django.core.management import CommandError, call_command

from pgprocess.management.follow import PAGE, Follower
from pgprocess.models import JobTask
from pgprocess.sql import query
from tests.builders.commands import REPOSITORY, running, stopped
from tests.builders.drawing import DrawnJob, draw


@pytest.fixture
def write(execute):
    """Let an attempt of a task write: ``write(run, "a", "text", stream="stderr")``."""

    def write(run, name, *texts, stream="stdout", attempt=1, item=None):
        [(jobtask,)] = execute(
            "SELECT jobtask.id FROM pgprocess_jobtask AS jobtask JOIN pgprocess_task AS task ON task.id = task_id "
            "WHERE job_id = %s AND task.name = %s AND map_index IS NOT DISTINCT FROM %s",
            [run.id, name, item],
        )
        for text in texts:
            execute(
                "INSERT INTO pgprocess_logchunk (jobtask_id, attempt, seq, stream, text) "
                "SELECT %s, %s, 1 + count(*), %s, %s FROM pgprocess_logchunk WHERE jobtask_id = %s AND attempt = %s",
                [jobtask, attempt, stream, text, jobtask, attempt],
            )

    return write


@pytest.fixture
def logs(capsys):
    """Run the command; return its stdout and stderr."""

    def logs(*arguments):
        call_command("pgprocess_logs", *map(str, arguments))
        return capsys.readouterr()

    return logs


# What was written


def test_a_task_s_output_comes_as_it_was_written_each_stream_to_its_own(execute, write, logs):
    run = DrawnJob(execute, "a")
    run.do("a")
    write(run, "a", "one\ntw", "o\n")
    write(run, "a", "careful", stream="stderr")
    write(run, "a", "three")
    assert logs(run.id, "a") == ("one\ntwo\nthree", "careful")


def test_of_several_tasks_each_line_begins_with_its_task(execute, write, logs):
    run = DrawnJob(execute, "a -> b")
    run.do("a")
    run.do("b", "failed")
    write(run, "b", "b1\nb", "2\n", "rest")
    write(run, "a", "a1\n")
    write(run, "b", "oh\n", stream="stderr")
    assert logs(run.id) == ("a | a1\nb | b1\nb | b2\nb | rest\n", "b | oh\n")


def test_all_attempts_are_shown_or_one_or_the_last(execute, write, logs):
    run = DrawnJob(execute, "a, b")
    run.set("a", "running", "ready", "running", "ready", "running", "succeeded")
    for attempt in (1, 2, 3):
        write(run, "a", f"try {attempt}\n", attempt=attempt)
    assert logs(run.id, "a").out == "try 1\ntry 2\ntry 3\n"
    assert logs(run.id, "a", "--attempt", "2").out == "try 2\n"
    assert logs(run.id, "a", "--attempt", "last").out == "try 3\n"
    assert logs(run.id, "a", "--attempt", "4").out == ""
    assert logs(run.id).out == "a | try 1\na #2 | try 2\na #3 | try 3\n"


def test_a_line_that_an_attempt_did_not_end_is_not_mixed_with_the_next(execute, write, logs):
    run = DrawnJob(execute, "a, b")
    run.set("a", "running", "ready", "running", "succeeded")
    write(run, "a", "killed he")
    write(run, "a", "again\n", attempt=2)
    assert logs(run.id).out == "a | killed he\na #2 | again\n"


def test_a_line_that_a_task_did_not_end_comes_with_that_task(execute, write, logs):
    run = DrawnJob(execute, "a -> b -> c")
    run.do("a")
    run.set("b", "running")
    write(run, "a", "a without end")
    write(run, "b", "b\n", "b without end")
    assert logs(run.id).out == "a | a without end\nb | b\nb | b without end\n"
    run.set("b", "succeeded")
    run.do("c")
    write(run, "c", "c\n")
    assert logs(run.id).out.splitlines()[-2:] == ["b | b without end", "c | c"]


def test_a_task_is_named_by_name_item_or_number(execute, write, logs):
    process = draw(execute, "a -> b, c", {"b": {"map_over": "a"}})
    run = DrawnJob(execute, process)
    run.do("a", result="[10, 20]")
    run.set("b", "running")
    write(run, "b", "zero\n", item=0)
    write(run, "b", "one\n", item=1)
    assert logs(run.id, "b").out == "b[0] | zero\nb[1] | one\n"
    assert logs(run.id, "b[1]").out == "one\n"
    [(first,)] = execute("SELECT min(jobtask_id) FROM pgprocess_logchunk")
    assert logs(run.id, first).out == "zero\n"


def test_a_process_s_name_means_its_newest_job_that_ran(execute, write, logs):
    process = draw(execute, "a", name="nightly")
    DrawnJob(execute, process)
    run = DrawnJob(execute, process)
    DrawnJob(execute, process, status="skipped")
    run.do("a")
    write(run, "a", "newest\n")
    assert logs("nightly").out == "newest\n"


def test_times_stand_before_each_line_when_asked_for(execute, write, logs):
    run = DrawnJob(execute, "a")
    run.do("a")
    write(run, "a", "one\ntwo\n")
    execute("UPDATE pgprocess_logchunk SET created_at = '2026-11-24T20:30:00.125+02'")
    assert logs(run.id, "--timestamps").out == "2026-11-24T18:30:00.125Z one\n2026-11-24T18:30:00.125Z two\n"


def test_json_is_an_object_a_piece(execute, write, logs):
    run = DrawnJob(execute, "a")
    run.do("a")
    write(run, "a", "grün\n", stream="stderr")
    [line] = logs(run.id, "--json").out.splitlines()
    said = json.loads(line)
    assert said.pop("at").endswith("+00:00")
    assert said == {
        "job": run.id,
        "jobtask": run.get("a", "id"),
        "task": "a",
        "attempt": 1,
        "seq": 1,
        "stream": "stderr",
        "text": "grün\n",
    }


def test_more_than_a_page_is_read_whole_and_in_order(execute, write, logs):
    run = DrawnJob(execute, "a, b")
    run.do("a b")
    for name in "ab":
        execute(
            "INSERT INTO pgprocess_logchunk (jobtask_id, attempt, seq, stream, text) "
            "SELECT %s, 1, n, 'stdout', n || E'\\n' FROM generate_series(1, %s) AS n ORDER BY random()",
            [run.get(name, "id"), PAGE + 7],
        )
    expected = [f"{name} | {n}" for name in "ab" for n in range(1, PAGE + 8)]
    assert logs(run.id).out.splitlines() == expected


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["{none}"], "There is no job {none}: the newest is {job}."),
        (["nightli"], "There is no process 'nightli': did you mean 'nightly'?"),
        (["idle"], "idle has not run yet."),
        (["{job}", "lood"], "There is no task of job {job} 'lood': did you mean 'load'?"),
        (["{job}", "load[3]"], "There is no task of job {job} 'load[3]': did you mean 'load'?"),
        (["{job}", "99999999999999999999"], "There is no task of job {job} '99999999999999999999': there are load, x."),
    ],
)
def test_what_there_is_not_is_said_with_what_there_is(execute, logs, arguments, sentence):
    draw(execute, "a", name="idle")
    run = DrawnJob(execute, draw(execute, "load, x", name="nightly"))
    words = {"job": run.id, "none": run.id + 77}
    with pytest.raises(CommandError) as refused:
        logs(*(argument.format(**words) for argument in arguments))
    assert str(refused.value) == sentence.format(**words)


@pytest.mark.parametrize("attempt", ["0", "-1", "newest"])
def test_an_attempt_that_can_not_be_read_is_refused(execute, logs, attempt):
    with pytest.raises(CommandError, match=f"'{attempt}' is no attempt: write a number from 1 on, or last."):
        logs(1, "--attempt", attempt)


# What is being written


def texts(pages):
    return [chunk.text for page in pages for chunk in page]


def test_a_look_reads_on_from_the_last_one(execute, write):
    run = DrawnJob(execute, "a, b")
    run.set("a b", "running")
    follower = Follower(JobTask.objects.filter(job=run.id))
    write(run, "a", "1")
    assert texts(follower.read()) == ["1"]
    assert texts(follower.read()) == []
    write(run, "b", "2")
    write(run, "a", "3")
    assert texts(follower.read()) == ["3", "2"]
    run.set("a", "ready", "running")
    write(run, "a", "4", attempt=2)
    assert (texts(follower.read()), follower.over) == (["4"], False)
    run.set("a b", "succeeded")
    assert (texts(follower.read()), follower.over) == ([], True)


def test_a_task_that_is_settled_and_read_costs_nothing_more_until_it_runs_again(execute, write):
    run = DrawnJob(execute, "a, b")
    run.do("a")
    run.set("b", "running")
    follower = Follower(JobTask.objects.filter(job=run.id))
    write(run, "a", "1")
    assert texts(follower.read()) == ["1"]
    a = JobTask.objects.get(pk=run.get("a", "id"))
    assert not follower.may_have_more(a)
    run.set("a", "ready", "running")
    write(run, "a", "2", attempt=2)
    a.refresh_from_db()
    assert a.attempt == 2
    assert follower.may_have_more(a)
    assert texts(follower.read()) == ["2"]


def test_an_attempt_that_is_followed_is_over_when_the_next_one_begins(execute, write):
    run = DrawnJob(execute, "a")
    run.set("a", "running", "ready", "running")
    write(run, "a", "1")
    write(run, "a", "2", attempt=2)
    assert texts(Follower(JobTask.objects.filter(job=run.id), attempt=1).follow(every=0)) == ["1"]


def test_following_ends_when_all_is_over_and_read(execute, write):
    run = DrawnJob(execute, "a")
    run.set("a", "running")
    write(run, "a", "1")
    follower = Follower(JobTask.objects.filter(job=run.id))
    pages = follower.follow(every=0)
    assert texts([next(pages), next(pages)]) == ["1"]
    assert follower.read_to_end == {}
    write(run, "a", "2")
    run.set("a", "succeeded")
    write(run, "a", "3")
    assert texts(pages) == ["2", "3"]
    assert follower.read_to_end == {run.get("a", "id"): 1}


def test_a_look_reads_by_index(execute):
    run = DrawnJob(execute, "a, b")
    run.do("a b")
    execute(
        "INSERT INTO pgprocess_logchunk (jobtask_id, attempt, seq, stream, text) "
        "SELECT jobtask.id, 1, n, 'stdout', 'x' FROM pgprocess_jobtask AS jobtask, generate_series(1, 5000) AS n"
    )
    execute("ANALYZE pgprocess_logchunk")
    params = {"jobtasks": [run.get("a", "id")], "attempts": [1], "seqs": [4990], "last_attempt": 9, "most": 500}
    plan = "\n".join(row[0] for row in execute(f"EXPLAIN (ANALYZE, COSTS OFF) {query('models/log_after')}", params))
    assert "Index Scan using pgprocess_logchunk_unique" in plan
    assert "ROW(attempt, seq) > ROW(reader.attempt, reader.seq)" in plan.partition("Index Cond: ")[2]
    assert "Filter" not in plan


# As a process


@contextmanager
def following(*arguments):
    """Run the command, and read the lines that it has printed so far one by one."""
    with running("pgprocess_logs", *map(str, arguments), "-f") as process:
        yield process


def test_f_shows_what_is_written_and_ends_by_itself(execute, write):
    run = DrawnJob(execute, "a -> b")
    run.set("a", "running")
    write(run, "a", "one\n")
    with following(run.id) as process:
        assert process.stdout.readline() == "a | one\n"
        write(run, "a", "two\n")
        assert process.stdout.readline() == "a | two\n"
        run.set("a", "succeeded")
        run.set("b", "running")
        write(run, "b", "three")
        run.set("b", "succeeded")
        assert process.communicate(timeout=60)[0] == "b | three\n"
        assert process.returncode == 0


def test_a_connection_that_is_cut_is_made_again_and_nothing_is_missed(execute, write):
    run = DrawnJob(execute, "a")
    run.set("a", "running")
    write(run, "a", "one\n")
    with following(run.id, "a") as process:
        assert process.stdout.readline() == "one\n"
        execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%pgprocess_jobtask%'"
        )
        write(run, "a", "two\n")
        run.set("a", "succeeded")
        said, _ = process.communicate(timeout=60)
        assert (said.splitlines()[-1], process.returncode) == ("two", 0)


def test_ctrl_c_ends_it_quietly(execute, write):
    run = DrawnJob(execute, "a")
    run.set("a", "running")
    write(run, "a", "one\n")
    with following(run.id, "a") as process:
        assert process.stdout.readline() == "one\n"
        assert stopped(process, signal.SIGINT) == (0, "")


def test_a_reader_that_goes_away_ends_it_quietly(execute, write):
    run = DrawnJob(execute, "a")
    run.set("a", "running")
    write(run, "a", "one\n")
    command = [sys.executable, "-m", "django", "pgprocess_logs", str(run.id), "-f", "--settings", "tests.settings"]
    with subprocess.Popen(
        command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == "one\n"
        process.stdout.close()
        write(run, "a", "two\n")
        killer = threading.Timer(60, process.kill)
        killer.start()
        assert (process.stderr.read(), process.wait()) == ("", 0)
        killer.cancel()
