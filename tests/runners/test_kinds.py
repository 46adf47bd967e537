"""Kinds shell, perl and command; and what is code in the database, which a project may forbid."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pgprocess import registry, task
from pgprocess.attempt import Outcome
from pgprocess.runners.executor import Executor
from pgprocess.runners.permitted import Permitted
from pgprocess.statuses import Status
from tests.builders.attempts import GRACE, executing_scripts, forkserver, running_scripts

executor = pytest.fixture(executing_scripts)
run = pytest.fixture(running_scripts)

needs_perl = pytest.mark.skipif(not shutil.which("perl"), reason="there is no perl here")


# Shell and perl


def test_a_shell_script_is_told_who_it_is_and_leaves_its_result(run: Any) -> None:
    code = """\
        echo "$PGPROCESS_TASK $PGPROCESS_PARAMS $1"
        echo '{"rows": 5}' > "$PGPROCESS_RESULT"
    """
    outcome, output = run(code, kind="shell", task_name="größe", params={"a": 1}, arguments="'two words'")
    assert outcome == Outcome(status=Status.SUCCEEDED, exit_code=0, result='{"rows": 5}')
    assert output.text() == 'größe {"a": 1} two words\n'


@pytest.mark.parametrize(
    ("code", "status", "said"),
    [
        ("exit 99", Status.SKIPPED, "exit code 99"),
        ("exit 75", Status.SCHEDULED, "exit code 75 asks for another try"),
        ("exit 3", Status.SCHEDULED, "exit code 3"),
        ("kill -9 $$", Status.SCHEDULED, "killed by SIGKILL (exit code -9)"),
        ("no-such-program", Status.SCHEDULED, "exit code 127"),
    ],
)
def test_the_exit_code_of_a_shell_script_says_how_it_ended(run: Any, code: str, status: Status, said: str) -> None:
    outcome, _ = run(code, kind="shell")
    assert (outcome.status, outcome.error or outcome.reason) == (status, said)


def test_a_shell_pipeline_ends_when_its_reader_does(run: Any) -> None:
    outcome, output = run("yes | head -1", kind="shell")
    assert (outcome.status, output.text(), output.stderr) == (Status.SUCCEEDED, "y\n", "")


def test_a_script_has_nothing_to_read(run: Any) -> None:
    assert run("cat; echo done", kind="shell")[1].text() == "done\n"


@pytest.mark.parametrize(
    ("first", "interpreter", "said"),
    [
        ("#!/usr/bin/env -S sed -n 2p\nby the first line", "", "by the first line"),
        ("#!/bin/cat\r\nwhatever", "", "#!/bin/cat\nwhatever"),
        ("#!/bin/cat\necho the task knows better", "sh -e", "the task knows better\n"),
        ("#!\necho no interpreter", "", "no interpreter\n"),
    ],
)
def test_the_first_line_may_name_the_interpreter(run: Any, first: str, interpreter: str, said: str) -> None:
    assert run(first, kind="shell", interpreter=interpreter)[1].text() == said


@needs_perl
def test_a_perl_script_is_run_by_perl(run: Any) -> None:
    outcome, output = run("print \"$ENV{PGPROCESS_TASK} @ARGV\\n\"; die 'no file';", kind="perl", arguments="a b")
    assert output.text() == "load a b\n"
    assert output.stderr.startswith("no file at ")
    assert (outcome.status, outcome.error) == (Status.SCHEDULED, "exit code 255")


def test_arguments_that_the_system_does_not_take_are_told_in_one_sentence(run: Any) -> None:
    outcome, _ = run("echo $1", kind="shell", arguments="x" * 140_000)
    assert outcome.error == (
        "'sh' can't be started (Argument list too long): shorten its arguments, or the worker's environment."
    )


# Commands


def test_a_command_is_called_with_its_arguments(run: Any) -> None:
    outcome, output = run("", kind="command", target="shop_load 'two words'", arguments="b", task_name="größe")
    assert (output.text(), output.stderr) == ("größe: ['two words', 'b']\n", "as always\n")
    assert outcome == Outcome(status=Status.SUCCEEDED, exit_code=0)


@pytest.mark.parametrize(
    ("end", "status", "code", "said"),
    [
        ("skip", Status.SKIPPED, 99, "nothing new"),
        ("retry", Status.SCHEDULED, 75, "busy"),
        ("fail", Status.FAILED, 1, "bad file"),
        ("exit-99", Status.SKIPPED, 99, "exit code 99"),
        ("command-error", Status.SCHEDULED, 1, "exit code 1"),
        ("command-error-3", Status.SCHEDULED, 3, "exit code 3"),
        ("value-error", Status.SCHEDULED, 1, "exit code 1"),
    ],
)
def test_a_command_may_raise_its_end(run: Any, end: str, status: Status, code: int, said: str) -> None:
    outcome, output = run("", kind="command", target="shop_load", arguments=f"--end {end}")
    assert (outcome.status, outcome.exit_code, outcome.error or outcome.reason) == (status, code, said)
    assert outcome.delay == (60.0 if end == "retry" else 0.0 if status == Status.SCHEDULED else None)
    if end.startswith("command-error"):
        assert output.stderr.splitlines()[-1] == "CommandError: no such day"
    if end == "value-error":
        assert output.stderr.splitlines()[-1] == "ValueError: no such day"


def test_an_unknown_command_says_so_as_manage_py_does(run: Any) -> None:
    outcome, output = run("", kind="command", target="no_such_command")
    assert output.stderr.startswith("Unknown command: 'no_such_command'")
    assert (outcome.status, outcome.exit_code) == (Status.SCHEDULED, 1)


def test_a_task_that_names_no_command_says_so(run: Any) -> None:
    outcome, _ = run("", kind="command")
    assert outcome.error == "Task 'load' names no command: put its name into target."


def test_a_command_with_settings_of_its_own_has_them(run: Any, tmp_path: Path) -> None:
    (tmp_path / "other_settings.py").write_text("from tests.settings import *\nTIME_ZONE = 'Asia/Tokyo'\n")
    code = "from django.conf import settings; print(settings.TIME_ZONE)"
    arguments = f"-c {code!r} --settings other_settings --pythonpath {tmp_path}"
    _, output = run("", kind="command", target="shell", arguments=arguments)
    assert output.text().splitlines()[-1] == "Asia/Tokyo", output.stderr


# Code in the database


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[Executor]:
    """An executor that runs no code from the database."""
    (tmp_path / "load.sh").write_text("echo deployed")
    executor = Executor(grace=GRACE, forkserver=forkserver(), script_dirs=[str(tmp_path)], code_allowed=False)
    yield executor
    executor.close()


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "python", "code": "print(1)"},
        {"kind": "python", "code": "print(1)", "interpreter": sys.executable},
        {"kind": "shell", "code": "echo 1"},
        {"kind": "perl", "code": "print 1"},
        {"kind": "sql", "code": "SELECT 1"},
        {"kind": "file", "target": "load.sh", "interpreter": "sh -c 'echo evil'"},
        {"kind": "command", "target": "shell", "arguments": "-c 'print(1)'"},
        {"kind": "command", "code": "'shell' -c 'print(1)'"},
        {"kind": "command", "target": "dbshell -- -c 'SELECT 1'"},
        {"kind": "command", "target": "check", "arguments": "--pythonpath=/srv/media --settings=uploaded"},
        {"kind": "command", "target": "check --setting uploaded"},
    ],
)
def test_a_project_may_forbid_code_in_the_database(strict: Executor, fields: dict[str, str]) -> None:
    run = running_scripts(strict)
    outcome, output = run(fields.pop("code", ""), **fields)
    assert outcome.error == ("Task 'load' is code in the database, which PGPROCESS[\"ALLOW_DB_CODE\"] = False forbids.")
    assert output.written == []


def test_what_is_deployed_runs_all_the_same(strict: Executor) -> None:
    run = running_scripts(strict)
    assert run("", kind="file", target="load.sh")[1].text() == "deployed\n"
    assert run("", kind="command", target="shop_load")[1].text() == "load: []\n"


WAYS_AROUND = [
    "test /tmp/folder",
    "dumpdata -o scripts/x.sh",
    "pgprocess_graph p -o scripts/x.sh",
    "loaddata x.json",
    "makemigrations --empty shop",
    "startapp evil",
    "runserver",
    "pgprocess_worker --once",
    "collectstatic --noinput",
    "check",
    "migrate",
    "no_such_command",
]


@pytest.mark.parametrize("target", WAYS_AROUND)
def test_no_command_runs_that_nobody_allowed(strict: Executor, target: str) -> None:
    outcome, output = running_scripts(strict)("", kind="command", target=target)
    assert outcome.error == (
        f"Task 'load' runs the command {target.split()[0]!r}, which PGPROCESS[\"ALLOW_DB_CODE\"] = False does not "
        'allow: name it in PGPROCESS["ALLOWED_COMMANDS"].'
    )
    assert output.written == []


def test_every_command_of_django_and_of_ours_needs_to_be_allowed() -> None:
    from django.core.management import get_commands

    from pgprocess.runners.permitted import _is_own_command

    assert {name for name in get_commands() if _is_own_command(name)} == {"shop_load"}


@pytest.fixture
def listing(tmp_path: Path) -> Iterator[Executor]:
    """An executor that runs what two lists allow."""
    permitted = Permitted(commands=["check"], modules=["tests.runners.*"])
    executor = Executor(grace=GRACE, forkserver=forkserver(), code_allowed=False, permitted=permitted)
    yield executor
    executor.close()


def test_a_list_of_commands_allows_them_and_no_other(listing: Executor) -> None:
    run = running_scripts(listing)
    assert run("", kind="command", target="check")[0].status == "succeeded"
    assert "ALLOWED_COMMANDS" in run("", kind="command", target="shop_load")[0].error


def test_a_callable_is_a_registered_function_of_an_allowed_module(listing: Executor, strict: Executor) -> None:
    with registry.isolated():
        allowed = task("allowed")(lambda: 1)
        run = running_scripts(listing)
        assert run("", kind="callable", target=allowed.name)[0].status == "succeeded"
        allowed.function.__module__ = "shop.other"
        assert "which PGPROCESS" in run("", kind="callable", target=allowed.name)[0].error
        assert running_scripts(strict)("", kind="callable", target=allowed.name)[0].status == "succeeded"


@pytest.mark.parametrize("target", ["antigravity.fly", "this.s", "tests.shop.management.commands.shop_load.Command"])
def test_no_task_imports_a_module(strict: Executor, target: str) -> None:
    module = target.rpartition(".")[0]
    sys.modules.pop(module, None)
    outcome, _ = running_scripts(strict)("", kind="callable", target=target)
    assert "which no module registers" in outcome.error
    assert module not in sys.modules
