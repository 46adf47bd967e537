"""How an attempt is run, by the kind of its task. A new kind is a new file here, and a line in this table."""

from __future__ import annotations

from pgprocess.runners.base import Runner
from pgprocess.runners.callable import CallableRunner
from pgprocess.runners.loop import Loop
from pgprocess.runners.python import PythonRunner
from pgprocess.statuses import Kind


def table(*, grace: float, result_limit: int, clock: Loop) -> dict[str, Runner]:
    """A runner for each kind. ``grace`` seconds lie between TERM and KILL; ``result_limit`` is in bytes."""
    return {
        Kind.PYTHON: PythonRunner(grace=grace, result_limit=result_limit),
        Kind.CALLABLE: CallableRunner(grace=grace, result_limit=result_limit, clock=clock),
    }
