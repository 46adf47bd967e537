"""Kind file: a script below one of the folders in ``PGPROCESS["SCRIPT_DIRS"]``, and from nowhere else."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from pgprocess.exceptions import PgprocessError
from pgprocess.runners.base import Run
from pgprocess.runners.python import start_python
from pgprocess.runners.script import ScriptOptions, ScriptRunner, Start, shebang, split_words

INTERPRETERS = {".sh": "sh", ".pl": "perl"}


class FileRunner(ScriptRunner):
    """Runs script files: a Python one as a task of kind python, others by their interpreter."""

    def __init__(self, options: ScriptOptions, folders: Sequence[str | os.PathLike[str]]) -> None:
        super().__init__(options)
        self._folders = [folders] if isinstance(folders, str | os.PathLike) else folders

    def start(self, run: Run, folder: Path) -> Start:
        """The file, by the task's interpreter, else its first line's, else its ending's, else by itself."""
        script = find((run.version.target or run.version.code).strip(), self._folders, task=run.task)
        if script.suffix == ".py":
            return start_python(run, script, folder)
        interpreter = split_words(run.version.interpreter, "interpreter", run.task) or shebang(script)
        if not interpreter and script.suffix in INTERPRETERS:
            interpreter = [INTERPRETERS[script.suffix]]
        return Start("program", [*interpreter, str(script)])


def find(name: str, folders: Sequence[str | os.PathLike[str]], *, task: str) -> Path:
    """The file of that name in the first of the folders that has one.

    Raises :class:`PgprocessError` where there is none, and for a path that leads out of them, by links too.
    """
    if not folders:
        raise PgprocessError(f'Task {task!r} is a file, and PGPROCESS["SCRIPT_DIRS"] names no folder: name one.')
    if not name or "\x00" in name:
        raise PgprocessError(f"Task {task!r} names no file: put its path below a script folder into target.")
    roots = [Path(os.path.realpath(folder)) for folder in folders]
    paths = [Path(os.path.realpath(root / name)) for root in roots]
    inside = [path for path in paths if any(path.is_relative_to(root) for root in roots)]
    for path in inside:
        if os.path.isfile(path):
            return path
    if len(inside) < len(paths):
        raise PgprocessError(f'The file of task {task!r} lies outside of PGPROCESS["SCRIPT_DIRS"]: {name!r}.')
    raise PgprocessError(f"The file of task {task!r} is not there: {name!r} in {', '.join(map(str, folders))}.")
