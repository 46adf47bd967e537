"""How scripts end: exit codes, signals, what Python raises; and what is never started."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from pgprocess.attempt import Outcome
from pgprocess.runners.executor import Executor
from pgprocess.statuses import Status
from tests.builders.attempts import Recorder, a_run, executing_scripts, outcome_of, running_scripts

executor = pytest.fixture(executing_scripts)
run = pytest.fixture(running_scripts)


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (99, Outcome(status=Status.SKIPPED, exit_code=99, reason="exit code 99")),
        (
            75,
            Outcome(status=Status.SCHEDULED, exit_code=75, error="exit code 75 asks for another try", delay=0.0),
        ),
        (3, Outcome(status=Status.SCHEDULED, exit_code=3, error="exit code 3", delay=0.0)),
    ],
)
def test_the_exit_code_says_how_it_ended(run: Any, code: int, outcome: Outcome) -> None:
    assert run(f"import sys; sys.exit({code})")[0] == outcome


def test_a_signal_is_called_by_its_name(run: Any) -> None:
    outcome, _ = run("import os; os.kill(os.getpid(), 9)", max_attempts=1)
    assert (outcome.status, outcome.exit_code) == (Status.FAILED, -9)
    assert outcome.error == "killed by SIGKILL (exit code -9)"


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("Skip('nothing new')", Outcome(status=Status.SKIPPED, exit_code=99, reason="nothing new")),
        (
            "Retry('busy', after=60)",
            Outcome(status=Status.SCHEDULED, exit_code=75, error="busy", delay=60.0),
        ),
        ("Retry('busy')", Outcome(status=Status.SCHEDULED, exit_code=75, error="busy", delay=4.0)),
        ("Fail('bad file')", Outcome(status=Status.FAILED, exit_code=1, error="bad file")),
    ],
)
def test_a_python_script_may_raise_its_end(run: Any, code: str, outcome: Outcome) -> None:
    ended, output = run(f"from pgprocess import Fail, Retry, Skip\nraise {code}", retry_delay=4)
    assert ended == outcome
    assert output.written == []


def test_an_ending_of_the_projects_own_is_the_ending_it_extends(run: Any) -> None:
    code = "from pgprocess import Skip\nclass Nothing(Skip): pass\nraise Nothing('no file') from OSError()"
    assert run(code)[0] == Outcome(status=Status.SKIPPED, exit_code=99, reason="no file")


def test_a_traceback_shows_the_scripts_own_lines_and_no_others(run: Any) -> None:
    outcome, output = run("def load():\n    raise ValueError('no such day')\n\nload()")
    lines = output.text("stderr").splitlines()
    files = [line.strip() for line in lines if line.strip().startswith("File")]
    assert lines[0] == "Traceback (most recent call last):"
    places = [file.rpartition("/")[2] for file in files]
    assert places == [
        'load.py", line 4, in <module>',
        'load.py", line 2, in load',
    ]
    assert "raise ValueError('no such day')" in lines[-2 - lines[-2].count("^")]
    assert lines[-1] == "ValueError: no such day"
    assert (outcome.exit_code, outcome.error) == (1, "exit code 1")


def test_a_script_that_is_not_python_says_where(run: Any) -> None:
    _, output = run("x = 1\nif x\n")
    assert output.text("stderr").splitlines()[0].endswith('load.py", line 2')
    assert output.text("stderr").endswith("SyntaxError: expected ':'\n")


def test_sys_exit_with_words_writes_them(run: Any) -> None:
    outcome, output = run("raise SystemExit('no file')")
    assert (outcome.exit_code, output.text("stderr")) == (1, "no file\n")


# Interpreters


def test_another_interpreter_runs_the_script(run: Any) -> None:
    outcome, output = run("echo $0 $1 $PGPROCESS_TASK", interpreter="/bin/sh -e", arguments="'a b'")
    path, *words = output.text().split()
    assert (Path(path).name, words) == ("load.py", ["a", "b", "load"])
    assert outcome.status == Status.SUCCEEDED


def test_another_python_knows_the_endings_too(run: Any) -> None:
    code = "import sys\nfrom pgprocess import Skip\nraise Skip(str(sys.flags.dont_write_bytecode))"
    outcome, _ = run(code, interpreter=f"env '{sys.executable}' -B")
    assert (outcome.status, outcome.reason) == (Status.SKIPPED, "1")


def test_a_language_is_a_runner_with_its_interpreter(executor: Executor) -> None:
    output = Recorder()
    code = 'echo \'{"n": 1}\' > "$PGPROCESS_RESULT"\r\necho $0 $PGPROCESS_PARAMS\r\n'
    outcome = outcome_of(executor, a_run(kind="shell", code=code), output)
    assert outcome == Outcome(status=Status.SUCCEEDED, exit_code=0, result='{"n": 1}')
    assert output.text().endswith("/load.sh {}\n")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {"interpreter": "/no/such/thing -x"},
            "'/no/such/thing' can't be started (No such file or directory): correct the task's interpreter.",
        ),
        (
            {"interpreter": "/"},
            "'/' can't be started (Permission denied): correct the task's interpreter.",
        ),
        (
            {"arguments": "'a"},
            "The arguments of task 'load' can't be split into words: No closing quotation.",
        ),
        (
            {"interpreter": '"'},
            "The interpreter of task 'load' can't be split into words: No closing quotation.",
        ),
        ({"code": " \n"}, "Task 'load' has no code: write its script."),
    ],
)
def test_what_can_not_be_started_says_so_in_one_sentence(executor: Executor, fields: Any, words: str) -> None:
    output = Recorder()
    outcome = outcome_of(executor, a_run(**{"code": "pass"} | fields), output)
    assert (outcome.status, outcome.error, output.written) == (Status.FAILED, words, [])
