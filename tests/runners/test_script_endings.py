"""How scripts end: exit codes, signals, what Python raises; and what is never started."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from pgprocess.attempt import Outcome
from pgprocess.exceptions import PgprocessError
from pgprocess.runners.executor import Executor
from pgprocess.runners.script import shebang
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


# First lines


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("#!/bin/sh", ["/bin/sh"]),
        ("#! /bin/sh -e", ["/bin/sh", "-e"]),
        ("#!/bin/sh\t-e\r", ["/bin/sh", "-e"]),
        ("#!/usr/bin/env ruby", ["/usr/bin/env", "ruby"]),
        ("#!/usr/bin/env -S perl -w -M'List::Util qw(sum)'", ["/usr/bin/env", "perl", "-w", "-MList::Util qw(sum)"]),
        ('#!/usr/bin/env -S A="b c" sh -c "echo \'x y\'"', ["/usr/bin/env", "A=b c", "sh", "-c", "echo 'x y'"]),
        ("#!/usr/bin/env -iS A=b sh", ["/usr/bin/env", "-i", "A=b", "sh"]),
        ("#!/usr/bin/env --split-string=sh -e", ["/usr/bin/env", "sh", "-e"]),
        ('#!/usr/bin/env -S sh -c "echo ${HOME}"', ["/usr/bin/env", '-S sh -c "echo ${HOME}"']),
        ("#!/usr/bin/env -S sh -c 'open", ["/usr/bin/env", "-S sh -c 'open"]),
        ("#!", []),
        ("#!  ", []),
        ("echo", []),
    ],
)
def test_a_first_line_is_read_as_env_reads_it(tmp_path: Path, line: str, words: list[str]) -> None:
    script = tmp_path / "load.sh"
    script.write_text(f"{line}\necho done\n", newline="")
    assert shebang(script) == words


def test_env_splits_as_we_do(executor: Executor) -> None:
    output = Recorder()
    code = '#!/usr/bin/env -S sh -c \'printf "%s|" "$@"\' "one two" three\n'
    assert outcome_of(executor, a_run(kind="shell", code=code), output).status == Status.SUCCEEDED
    assert output.text().startswith("three|/")


@pytest.mark.parametrize(
    "line",
    [
        "#!/usr/bin/env python3",
        "#!/usr/bin/env python",
        "#!/usr/bin/python3",
        f"#!{sys.executable}",
        "#!/usr/local/bin/python3",
    ],
)
def test_a_first_line_that_names_any_python_means_the_warm_one(run: Any, line: str) -> None:
    assert run(f"{line}\nimport sys; print('django.db' in sys.modules)")[1].text() == "True\n"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("#!/bin/cat", "#!/bin/cat\nimport sys; print(sys.flags.dev_mode)"),
        (f"#!{sys.executable} -X dev", "True\n"),
        (f"#!/usr/bin/env -S {sys.executable} -X dev", "True\n"),
    ],
)
def test_a_first_line_of_a_python_script_that_names_another_is_followed(run: Any, line: str, said: str) -> None:
    assert run(f"{line}\nimport sys; print(sys.flags.dev_mode)")[1].text() == said


def test_a_python_that_a_first_line_names_knows_the_endings(run: Any) -> None:
    assert run(f"#!{sys.executable} -B\nfrom pgprocess import Skip\nraise Skip('so')")[0].reason == "so"


@pytest.mark.parametrize(
    ("kind", "code"), [("shell", "echo done"), ("python", "print('done')"), ("perl", 'print "done\\n"')]
)
@pytest.mark.parametrize("line", ["", "#!{}\n"])
def test_a_byte_order_mark_is_no_part_of_a_script(executor: Executor, kind: str, code: str, line: str) -> None:
    output = Recorder()
    name = {"shell": "/bin/sh", "python": sys.executable, "perl": "/usr/bin/env perl"}[kind]
    outcome = outcome_of(executor, a_run(kind=kind, code=f"\ufeff{line.format(name)}{code}"), output)
    assert (outcome.status, output.text()) == (Status.SUCCEEDED, "done\n"), output.stderr


def test_a_file_with_a_byte_order_mark_says_so(tmp_path: Path) -> None:
    script = tmp_path / "load.sh"
    script.write_text("\ufeff#!/bin/sh\n")
    with pytest.raises(PgprocessError, match=r"load\.sh begins with a byte order mark: save it as UTF-8 without one"):
        shebang(script)


@pytest.mark.parametrize(
    ("after", "delay"),
    [
        *(("timedelta(minutes=1)", 60.0), ("Decimal('1.5')", 1.5), ("0", 0.0), ("-5", 0.0), ("True", 1.0)),
        *(("timedelta(seconds=-1)", 0.0), ("'7'", 7.0), ("float('nan')", 0.0), ("[]", None), ("'soon'", None)),
    ],
)
def test_a_retry_takes_any_length_of_time(run: Any, after: str, delay: float | None) -> None:
    imports = "from datetime import timedelta\nfrom decimal import Decimal\nfrom pgprocess import Retry"
    outcome, _ = run(f"{imports}\nraise Retry(after={after})")
    assert outcome.status == Status.SCHEDULED
    assert (outcome.delay, outcome.error) == (
        (delay, "Retry was raised") if delay is not None else (0.0, "exit code 75 asks for another try")
    )


@pytest.mark.parametrize(
    "ending", ["", "{", "[]", '{"ending": "Retry", "reason": 1, "after": []}', '{"ending": "Skip"}']
)
def test_an_ending_that_can_not_be_read_is_the_exit_code(run: Any, ending: str) -> None:
    code = f"""
        import os, pathlib, sys
        pathlib.Path(os.environ["PGPROCESS_RESULT"]).with_name("ending.json").write_text({ending!r})
        sys.exit(3)
    """
    outcome, _ = run(code)
    assert (outcome.status, outcome.error) == (Status.SCHEDULED, "exit code 3")
