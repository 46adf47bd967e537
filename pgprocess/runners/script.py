"""Scripts: programs that the fork server begins, each in a process group of its own; the base of their runners.

A script finds the facts of its run in its environment (:mod:`pgprocess.context`), and leaves its result, JSON, in the
file that PGPROCESS_RESULT names. The exit code tells how the script ended: 0 succeeded, 99 skipped, 75 another try,
else failed. Python scripts and management commands may also raise Skip, Retry or Fail, which
:mod:`pgprocess.forkserver.bootstrap` writes into the file ``ENDING``.
"""

from __future__ import annotations

import codecs
import errno
import json
import os
import re
import shlex
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import gettempdir
from typing import NamedTuple

from pgprocess.attempt import Outcome
from pgprocess.context import VARIABLES, environment
from pgprocess.exceptions import Ending, Fail, PgprocessError, ResultError, Retry, Skip
from pgprocess.forkserver import folders
from pgprocess.forkserver.client import ForkServer, ForkServerBroken, ForkServerLost, How, NotStarted
from pgprocess.forkserver.environment import databases, project_path
from pgprocess.logs.capture import Output
from pgprocess.runners import endings, result
from pgprocess.runners.base import Run, Runner, Stop
from pgprocess.runners.process_group import ProcessGroup

RESULT = "result.json"
ENDING = "ending.json"

_SPLITS = re.compile(r"(?:-(?P<flags>[a-zA-RT-Z0]*)S|--split-string[= ])\s*(?P<words>.*)")
"""The beginning of what follows ``env`` in a first line that env has to split."""
_INTERPRETER = "correct the task's interpreter"
_ADVICE = {
    errno.ENOENT: _INTERPRETER,
    errno.EACCES: _INTERPRETER,
    errno.ENOTDIR: _INTERPRETER,
    errno.ENOEXEC: _INTERPRETER,
    errno.E2BIG: "shorten its arguments, or the worker's environment",
}


class Start(NamedTuple):
    """The program that the fork server shall begin, without the task's own arguments."""

    how: How
    command: list[str]


class ScriptOptions(NamedTuple):
    """The options that all runners of scripts share; ``grace`` is in seconds, ``result_limit`` in bytes."""

    forkserver: ForkServer
    grace: float
    result_limit: int


class ScriptRunner(Runner):
    """The base of all runners whose attempts are processes."""

    def __init__(self, options: ScriptOptions) -> None:
        self._forkserver, self.grace, self._result_limit = options

    @abstractmethod
    def start(self, run: Run, folder: Path) -> Start:
        """Return what to begin; ``folder`` is private to this attempt. Raises :class:`PgprocessError` if it can't."""

    def run(self, run: Run, output: Output, stop: Stop) -> Outcome:
        """Run the script to its end and return its outcome; its processes have ended and its files are deleted.

        Raises :class:`PgprocessError` with advice if the script can't be started.
        """
        arguments = split_words(run.version.arguments, "arguments", run.task)
        with _private_folder() as folder:
            how, command = self.start(run, folder)
            try:
                program = self._forkserver.spawn(
                    how,
                    [*command, *arguments],
                    environment=_environment(run, stop, folder),
                    ending=str(folder / ENDING),
                )
                exit_code = ProcessGroup(program).follow(output, stop, grace=self.grace)
            except ForkServerBroken as error:
                return endings.failed(str(error))
            except ForkServerLost as error:
                folders.end_marked(folder)
                return endings.lost(str(error))
            except NotStarted as error:
                raise PgprocessError(
                    f"{command[0]!r} can't be started ({error.strerror}): {_ADVICE.get(error.errno or 0, 'try again')}."
                ) from None
            return self._outcome(run, folder, exit_code)

    def _outcome(self, run: Run, folder: Path, exit_code: int) -> Outcome:
        if (path := folder / ENDING).is_file():
            with suppress(ValueError, TypeError, LookupError):  # a script may write there, too
                return endings.of_ending(_read_ending(path), exit_code=exit_code)
        if exit_code:
            return endings.of_exit_code(exit_code)
        try:
            text = result.read(folder / RESULT, task=run.task, limit=self._result_limit)
        except ResultError as error:
            return endings.failed(str(error), exit_code=exit_code)
        return endings.of_exit_code(exit_code, text)


class InterpretedRunner(ScriptRunner):
    """Runs the script in ``code`` by the task's interpreter, else that of its first line, else ``interpreter``."""

    def __init__(self, options: ScriptOptions, interpreter: str, suffix: str) -> None:
        super().__init__(options)
        self._interpreter = interpreter
        self._suffix = suffix

    def start(self, run: Run, folder: Path) -> Start:
        """Write the script into a file and return how to start it. Raises :class:`PgprocessError` without code."""
        script = write_code(run, folder, self._suffix)
        interpreter = (
            split_words(run.version.interpreter, "interpreter", run.task) or shebang(script) or [self._interpreter]
        )
        return Start("program", [*interpreter, str(script)])


def write_code(run: Run, folder: Path, suffix: str) -> Path:
    """Write the task's code, without a browser's line ends or a byte order mark, into a file that nobody else can read.

    Returns the path of the file, which is named after the task. Raises :class:`PgprocessError` if there is no code.
    """
    if not run.version.code.strip():
        raise PgprocessError(f"Task {run.task!r} has no code: write its script.")
    path = folder / (re.sub(r"[^\w.-]", "_", run.task)[:50] + suffix)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(run.version.code.removeprefix("\ufeff").replace("\r\n", "\n").encode())
    return path


def shebang(script: Path) -> list[str]:
    """Return the interpreter that the script's first line names, with its arguments; empty if it names none.

    What ``env -S`` has to split is split here, as env does it. Raises :class:`PgprocessError` for a file that begins
    with a byte order mark, which no interpreter but Python's skips.
    """
    with script.open("rb") as file:
        first = file.readline(4096)
    if first.startswith(codecs.BOM_UTF8) and script.suffix != ".py":
        raise PgprocessError(f"The script {script.name} begins with a byte order mark: save it as UTF-8 without one.")
    first = first.removeprefix(codecs.BOM_UTF8)
    if not first.startswith(b"#!"):
        return []
    name, rest = [*os.fsdecode(first[2:]).strip().split(None, 1), "", ""][:2]
    found = _SPLITS.fullmatch(rest.strip()) if Path(name).name == "env" else None
    if not found:
        return [name, *rest.split()] if name else []
    if "${" in rest or "\\" in rest:  # only env knows what these become
        return [name, rest.strip()]
    try:
        return [name, *filter(None, [found["flags"] and f"-{found['flags']}"]), *shlex.split(found["words"])]
    except ValueError:
        return [name, rest.strip()]


def split_words(text: str, what: str, task: str) -> list[str]:
    """Split ``text`` as a shell would; ``what`` names it. Raises :class:`PgprocessError` if a quote is left open."""
    try:
        return shlex.split(text)
    except ValueError as error:
        raise PgprocessError(f"The {what} of task {task!r} can't be split into words: {error}.") from None


@contextmanager
def _private_folder() -> Iterator[Path]:
    """Make a folder for one attempt and delete it afterwards. Raises :class:`PgprocessError` if it can't be written."""
    try:
        with folders.private_folder() as folder:
            yield folder
    except OSError as error:
        if error.filename is None or not str(error.filename).startswith(gettempdir()):
            raise
        raise PgprocessError(
            f"The worker can't write the script's files ({error.strerror}): free space in {gettempdir()}."
        ) from None


def _environment(run: Run, stop: Stop, folder: Path) -> dict[str, str]:
    """Return the worker's own environment with the variables that tell the script about its run."""
    inherited = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    return {
        **inherited,
        **databases(),
        **environment(run.context(stop), folder),
        "PGPROCESS_RESULT": str(folder / RESULT),
        "PYTHONPATH": os.pathsep.join(project_path()),
        "PYTHONUNBUFFERED": "1",
    }


def _read_ending(path: Path) -> Ending:
    """Return the exception that the script raised."""
    ending = json.loads(path.read_bytes())
    match ending["ending"]:
        case "Skip":
            return Skip(ending["reason"])
        case "Retry":
            return Retry(ending["reason"], after=ending["after"])
    return Fail(ending["reason"])
