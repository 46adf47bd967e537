"""Kind command: a management command, in a fork of the warm process where Django is ready."""

from __future__ import annotations

import sys
from pathlib import Path

from pgprocess.exceptions import PgprocessError
from pgprocess.runners.base import Run
from pgprocess.runners.script import ScriptRunner, Start, split_words

PROJECT_OPTIONS = ("--settings", "--pythonpath")


class CommandRunner(ScriptRunner):
    """Runs management commands: ``target`` has the name, and may have arguments; ``arguments`` has more of them."""

    def start(self, run: Run, folder: Path) -> Start:
        """Return how to start the command: ``manage.py`` in a fork, or a new Python if it names other settings.

        Raises :class:`PgprocessError` if the task names no command.
        """
        command = command_of(run)
        if not command:
            raise PgprocessError(f"Task {run.task!r} names no command: put its name into target.")
        if has_other_project(run):
            return Start("program", [sys.executable, "-m", "django", *command])
        return Start("command", command)


def command_of(run: Run) -> list[str]:
    """Return the command's name, and the arguments that stand in the same field."""
    return split_words(run.version.target or run.version.code, "command", run.task)


def has_other_project(run: Run) -> bool:
    """Return whether the command names other settings or a path to import from; its options may be abbreviated."""
    given = [*command_of(run), *split_words(run.version.arguments, "arguments", run.task)]
    names = [word.partition("=")[0] for word in given if word.startswith("--") and word != "--"]
    return any(option.startswith(name) for name in names for option in PROJECT_OPTIONS)
