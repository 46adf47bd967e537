"""Kind file: a script that lies below one of the folders in ``PGPROCESS["SCRIPT_DIRS"]``, and nowhere else."""

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
    """Runs script files: a Python file as a task of kind python, any other by its interpreter."""

    def __init__(self, options: ScriptOptions, folders: Sequence[str | os.PathLike[str]]) -> None:
        super().__init__(options)
        self._folders = [folders] if isinstance(folders, str | os.PathLike) else folders

    def start(self, run: Run, folder: Path) -> Start:
        """Return how to start the file.

        The interpreter is the task's, else that of the file's first line, else that of its suffix; without any, the
        file is started as a program.
        """
        script = find((run.version.target or run.version.code).strip(), self._folders, task=run.task)
        if script.suffix == ".py":
            return start_python(run, script, folder)
        interpreter = split_words(run.version.interpreter, "interpreter", run.task) or shebang(script)
        if not interpreter and script.suffix in INTERPRETERS:
            interpreter = [INTERPRETERS[script.suffix]]
        return Start("program", [*interpreter, str(script)])


def find(name: str, folders: Sequence[str | os.PathLike[str]], *, task: str) -> Path:
    """Return the file of that name in the first folder that has one.

    Raises :class:`PgprocessError` if no folder has one, and for a path that leads out of the folders, also by links.
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
