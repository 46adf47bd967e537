"""Kind python: a Python script, which may also end itself by raising Skip, Retry or Fail.

In a fork of the warm process where Django is ready; or, where the task names an interpreter, by that one.
"""

from __future__ import annotations

import re
from pathlib import Path

from pgprocess.forkserver import bootstrap
from pgprocess.runners.base import Run
from pgprocess.runners.script import ENDING, ScriptRunner, Start, split_words, write_code

_PYTHON = re.compile(r"python(3(\.\d+)?)?t?")


class PythonRunner(ScriptRunner):
    """Runs Python scripts."""

    def start(self, run: Run, folder: Path) -> Start:
        """A fork that runs the script, or the task's interpreter with it."""
        return start_python(run, write_code(run, folder, ".py"), folder)


def start_python(run: Run, script: Path, folder: Path) -> Start:
    """The script, in a fork; by its task's interpreter if it names one: behind the bootstrap if that is a Python.

    ``nice python3`` is one.
    """
    interpreter = split_words(run.version.interpreter, "interpreter", run.task)
    if not interpreter:
        return Start("script", [str(script)])
    is_python = any(_PYTHON.fullmatch(Path(word).name) for word in interpreter)
    between = [str(bootstrap.__file__), str(folder / ENDING)] if is_python else []
    return Start("program", [*interpreter, *between, str(script)])
