"""Kind python: a Python script, which may also end itself by raising Skip, Retry or Fail.

The script runs in a fork of the warm process where Django is ready, or under the interpreter that the task or the
script's first line names. A first line that names just any Python (``#!/usr/bin/env python3``) means that fork.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from pgprocess.forkserver import bootstrap
from pgprocess.runners.base import Run
from pgprocess.runners.script import ENDING, ScriptRunner, Start, shebang, split_words, write_code

_PLACES = {"/usr/bin", "/bin", "/usr/local/bin"}
_OURS = {"python", "python3", f"python3.{sys.version_info.minor}"}
_PYTHON = re.compile(r"python(3(\.\d+)?)?t?")


class PythonRunner(ScriptRunner):
    """Runs the Python script in ``code``."""

    def start(self, run: Run, folder: Path) -> Start:
        """Write the script into a file and return how to start it. Raises :class:`PgprocessError` without code."""
        return start_python(run, write_code(run, folder, ".py"), folder)


def start_python(run: Run, script: Path, folder: Path) -> Start:
    """Return how to start the script: in a fork, or under the interpreter that the task or its first line names.

    An interpreter that is a Python (``nice python3`` is one, too) gets the bootstrap before the script.
    """
    interpreter = split_words(run.version.interpreter, "interpreter", run.task)
    if not interpreter and not _is_any_python(named := shebang(script)):
        interpreter = named
    if not interpreter:
        return Start("script", [str(script)])
    is_python = any(_PYTHON.fullmatch(Path(word).name) for word in interpreter)
    between = [str(bootstrap.__file__), str(folder / ENDING)] if is_python else []
    return Start("program", [*interpreter, *between, str(script)])


def _is_any_python(interpreter: list[str]) -> bool:
    """Return whether a first line names nobody in particular: the Python of this version that the system has."""
    match interpreter:
        case [env, name] if Path(env).name == "env":
            return name in _OURS
        case [path]:
            return path == sys.executable or (str(Path(path).parent) in _PLACES and Path(path).name in _OURS)
    return not interpreter
