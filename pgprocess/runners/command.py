"""Kind command: a management command, in a fork of the warm process where Django is ready."""

from __future__ import annotations

from pathlib import Path

from pgprocess.exceptions import PgprocessError
from pgprocess.runners.base import Run
from pgprocess.runners.script import ScriptRunner, Start, words


class CommandRunner(ScriptRunner):
    """Runs management commands: the name, and arguments if there are some, in ``target``; more in ``arguments``."""

    def start(self, run: Run, folder: Path) -> Start:
        """A fork that is ``manage.py`` with these words."""
        command = words(run.target or run.code, "command", run.task)
        if not command:
            raise PgprocessError(f"Task {run.task!r} names no command: put its name into target.")
        return Start("command", command)
