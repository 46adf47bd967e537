"""The runners: one for each kind of task. A new kind is a new file here, and a line in :func:`table`.

The executor looks a run's kind up in that table; the runner found there turns the run into an Outcome.
"""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike

from pgprocess.choices import Kind
from pgprocess.forkserver.client import ForkServer
from pgprocess.runners.base import Run, Runner
from pgprocess.runners.callable import CallableRunner
from pgprocess.runners.command import CommandRunner, command_of, has_other_project
from pgprocess.runners.file import FileRunner
from pgprocess.runners.python import PythonRunner
from pgprocess.runners.script import InterpretedRunner, ScriptOptions
from pgprocess.runners.sql import SqlRunner

SHELLS = frozenset({"shell", "shell_plus", "dbshell"})
"""Management commands that run whatever their arguments say."""


def is_code(run: Run) -> bool:
    """Return whether the run executes code that somebody wrote into the database, not only code that was deployed."""
    match run.version.kind:
        case Kind.PYTHON | Kind.SHELL | Kind.PERL | Kind.SQL:
            return True
        case Kind.FILE:  # an interpreter may be ``sh -c '…'``
            return bool(run.version.interpreter.strip())
        case Kind.COMMAND:
            return not SHELLS.isdisjoint(command_of(run)[:1]) or has_other_project(run)
    return False


def table(
    *,
    grace: float,
    result_limit: int,
    forkserver: ForkServer,
    script_dirs: Sequence[str | PathLike[str]],
    alias: str,
    callables: CallableRunner,
) -> dict[str, Runner]:
    """Return a runner for each kind.

    ``grace`` seconds lie between TERM and KILL; ``result_limit`` is in bytes; ``alias`` is the queue's database.
    """
    options = ScriptOptions(forkserver, grace, result_limit)
    return {
        Kind.PYTHON: PythonRunner(options),
        Kind.SHELL: InterpretedRunner(options, "sh", ".sh"),
        Kind.PERL: InterpretedRunner(options, "perl", ".pl"),
        Kind.FILE: FileRunner(options, script_dirs),
        Kind.COMMAND: CommandRunner(options),
        Kind.SQL: SqlRunner(alias=alias, grace=grace, result_limit=result_limit),
        Kind.CALLABLE: callables,
    }
