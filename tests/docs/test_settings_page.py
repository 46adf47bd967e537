"""docs/settings.md names every key, option and variable that exists, with its default."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from pkgutil import iter_modules

import pytest
from django.core.management import load_command_class
from django.core.management.base import BaseCommand

from pgprocess import conf, context, devtools, runners
from pgprocess.forkserver.client import ForkServer
from pgprocess.management import commands
from pgprocess.runners.callable import CallableRunner
from pgprocess.runners.event_loop import EventLoop
from tests.docs.pages import page, rows

TEXT = page("settings.md")
UNSAID = ("none", "all", "no limit", "`RETENTION`", "every status", "every process")
COMMANDS = [module.name for module in iter_modules(commands.__path__)]


def section(title: str) -> str:
    return TEXT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def words(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_every_key_of_the_settings_stands_there_with_its_default() -> None:
    table = {words(key)[0]: words(default)[0].replace('"', "'") for key, default, _ in rows(TEXT, "key")}
    assert table == {field.name: repr(getattr(conf.Settings(), field.name)) for field in fields(conf.Settings)}


def options() -> Iterator[tuple[str, str, object]]:
    """Yield the own options of every command with their defaults."""
    usual = {action.dest for action in BaseCommand().create_parser("manage.py", "x")._actions}  # noqa: SLF001
    for command in COMMANDS:
        parser = load_command_class("pgprocess", command).create_parser("manage.py", command)
        for action in parser._actions:  # noqa: SLF001  argparse has no public list
            if action.dest not in usual and action.option_strings:
                yield action.option_strings[-1], command, action.default


def test_every_option_of_every_command_stands_there_with_its_default() -> None:
    defaults = {"off": False, "every queue": (), "no queue": (), "no caps": {}, "stdout": ""} | dict.fromkeys(UNSAID)
    table: dict[tuple[str, str], str] = {}
    for option, of, default, _ in rows(TEXT, "option"):
        value = str(defaults.get(default, default.strip("`")))
        table |= {(words(option)[0].split()[0], command): value for command in words(of)}
    assert table == {(option, command): str(default) for option, command, default in options()}


def test_every_command_stands_there() -> None:
    assert sorted(words(row[0])[0].split()[0] for row in rows(TEXT, "command")) == sorted(COMMANDS)


def test_every_variable_that_a_script_sees_stands_there() -> None:
    table = {words(row[0])[0] for row in rows(section("What a script sees"), "variable")}
    assert table == context.VARIABLES | {"PGPROCESS_RESULT"}


def test_everything_that_the_context_has_stands_there() -> None:
    table = {words(row[0])[0] for row in rows(TEXT, "`context` has")}
    assert table == {field.name for field in fields(context.Context)} - {"stopped"} | {"cancelled"}


@pytest.mark.parametrize("folder", devtools.__path__)
def test_every_variable_of_the_embedded_postgres_stands_there(folder: str) -> None:
    code = "".join(file.read_text(encoding="utf-8") for file in Path(folder).glob("*.py"))
    for variable in set(re.findall(r"PGPROCESS_[A-Z_]+", code)):
        assert f"| `{variable}` |" in section("A Postgres that comes along")


def test_the_kinds_that_stand_there_are_those_that_workers_run() -> None:
    callables = CallableRunner(grace=1.0, result_limit=1, clock=EventLoop("not started"), alias="default")
    table = runners.table(
        grace=1.0, result_limit=1, script_dirs=[], alias="default", forkserver=ForkServer(), callables=callables
    )
    assert [words(row[0])[0] for row in rows(TEXT, "kind")] == [str(kind) for kind in table]
