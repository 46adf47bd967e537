"""Kind python: a Python script, which may also end itself by raising Skip, Retry or Fail."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from pgprocess.exceptions import Ending, Fail, Retry, Skip
from pgprocess.outcome import Outcome
from pgprocess.runners import endings
from pgprocess.runners.base import Run
from pgprocess.runners.script import ScriptRunner

BOOTSTRAP = Path(__file__).with_name("bootstrap.py")
ENDING = "ending.json"

_PYTHON = re.compile(r"python(3(\.\d+)?)?t?")


class PythonRunner(ScriptRunner):
    """Runs Python scripts, by the worker's own Python unless the task names another interpreter."""

    def __init__(self, *, grace: float, result_limit: int) -> None:
        super().__init__([sys.executable], ".py", grace=grace, result_limit=result_limit)

    def command(self, interpreter: list[str], script: Path, folder: Path) -> list[str]:
        """The script, behind the bootstrap if it is a Python that runs it (``nice python3`` is one)."""
        is_python = any(_PYTHON.fullmatch(Path(word).name) for word in interpreter)
        bootstrap = [str(BOOTSTRAP), str(folder / ENDING)] if is_python else []
        return [*interpreter, *bootstrap, str(script)]

    def outcome(self, run: Run, folder: Path, exit_code: int) -> Outcome:
        """As its exit code says, or the ending that it raised."""
        path = folder / ENDING
        if not path.is_file():
            return super().outcome(run, folder, exit_code)
        said = json.loads(path.read_bytes())
        ending: Ending
        match said["ending"]:
            case "Skip":
                ending = Skip(said["reason"])
            case "Retry":
                ending = Retry(said["reason"], after=said["after"])
            case _:
                ending = Fail(said["reason"])
        return endings.of_ending(ending, exit_code=exit_code)
