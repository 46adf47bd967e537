"""A script: the code in a file of its own, run by an interpreter in a process group of its own.

It finds who it is in its environment (:mod:`pgprocess.context`), and leaves its result, JSON, in the file
that PGPROCESS_RESULT names. Its exit code says how it ended: 0 succeeded, 99 skipped, 75 another try, else
failed.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from pgprocess.context import VARIABLES, environment
from pgprocess.exceptions import PgprocessError, ResultError
from pgprocess.outcome import Outcome
from pgprocess.runners import endings, result
from pgprocess.runners.base import Output, Run, Stop
from pgprocess.runners.group import Group

RESULT = "result.json"


class ScriptRunner:
    """Runs scripts of one language; a task may name another ``interpreter`` than this.

    ``suffix`` ends the script's file name. ``grace`` is in seconds, ``result_limit`` in bytes.
    """

    def __init__(self, interpreter: Sequence[str], suffix: str, *, grace: float, result_limit: int) -> None:
        self._interpreter = list(interpreter)
        self._suffix = suffix
        self._grace = grace
        self._result_limit = result_limit

    def run(self, run: Run, output: Output, stop: Stop) -> Outcome:
        """The script has ended, nothing that it started runs on, and its files are gone."""
        interpreter = words(run.interpreter, "interpreter", run.task) or self._interpreter
        arguments = words(run.arguments, "arguments", run.task)
        with TemporaryDirectory(prefix="pgprocess-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            command = [*self.command(interpreter, self.script(run, folder), folder), *arguments]
            try:
                group = Group(command, environment=_environment(run, stop, folder))
            except OSError as error:
                raise PgprocessError(
                    f"{command[0]!r} can't be started ({error.strerror}): correct the task's interpreter."
                ) from None
            return self.outcome(run, folder, group.follow(output, stop, grace=self._grace))

    def script(self, run: Run, folder: Path) -> Path:
        """The script's file, named after the task. Raises :class:`PgprocessError` if there is no code."""
        if not run.code.strip():
            raise PgprocessError(f"Task {run.task!r} has no code: write its script.")
        path = folder / (re.sub(r"[^\w.-]", "_", run.task)[:50] + self._suffix)
        _write(path, run.code)
        return path

    def command(self, interpreter: list[str], script: Path, folder: Path) -> list[str]:
        """What to start, up to the script's own arguments; ``folder`` is private to this attempt."""
        return [*interpreter, str(script)]

    def outcome(self, run: Run, folder: Path, exit_code: int) -> Outcome:
        """How the script ended: by its exit code and what it left in ``folder``."""
        if exit_code:
            return endings.of_exit_code(exit_code)
        try:
            text = result.read(folder / RESULT, task=run.task, limit=self._result_limit)
        except ResultError as error:
            return endings.failed(str(error), exit_code=exit_code)
        return endings.of_exit_code(exit_code, text)


def words(text: str, what: str, task: str) -> list[str]:
    """``text`` split as a shell would. Raises :class:`PgprocessError` if a quote is left open."""
    try:
        return shlex.split(text)
    except ValueError as error:
        raise PgprocessError(f"The {what} of task {task!r} can't be split into words: {error}.") from None


def _environment(run: Run, stop: Stop, folder: Path) -> dict[str, str]:
    """The worker's own environment, and what tells the script who it is."""
    inherited = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    return {
        **inherited,
        **environment(run.context(stop), folder),
        "PGPROCESS_RESULT": str(folder / RESULT),
        "PYTHONPATH": os.pathsep.join(_project_folders()),
        "PYTHONUNBUFFERED": "1",
    }


def _project_folders() -> list[str]:
    """Where this process imports the project from, without Python's own folders: a script may have others."""
    folders = (os.path.abspath(entry) for entry in sys.path)
    return [folder for folder in folders if os.path.isdir(folder) and not _belongs_to_python(folder)]


def _belongs_to_python(folder: str) -> bool:
    parts = Path(folder).parts
    stdlib = Path(sysconfig.get_path("stdlib")).parts
    return "site-packages" in parts or "dist-packages" in parts or parts[: len(stdlib)] == stdlib


def _write(path: Path, code: str) -> None:
    """The file holds the code without a browser's line ends, and is readable by nobody else."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(code.replace("\r\n", "\n").encode())
