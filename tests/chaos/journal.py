"""The journal of executions: a file to which whatever runs appends its own lines, at once and unasked.

It knows nothing of our tables, and no fault of a database or a network reaches it. A line says which job task, which
attempt, what happened and when: ``17 2 start 1764012345.678``. ``start``, then perhaps ``beat`` (it still runs), then
``end`` (its work is done), ``failed`` (as it was meant to) or ``broken`` (something stopped it), unless it was killed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

VARIABLE = "CHAOS_JOURNAL"


class Flaky(Exception):
    """What a task raises that shall fail."""


def note(run: Any, event: str) -> None:
    """The journal has a line more; lines of several processes never mix, for each is one write at the end."""
    line = f"{run.jobtask_id} {run.attempt} {event} {time.time():.6f}\n"
    file = os.open(os.environ[VARIABLE], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(file, line.encode())
    finally:
        os.close(file)


@contextmanager
def execution(run: Any) -> Iterator[None]:
    """What happens within is in the journal; ``run`` is a context, or ``pgprocess.current``."""
    note(run, "start")
    try:
        yield
    except Flaky:
        note(run, "failed")
        raise
    except BaseException:
        note(run, "broken")
        raise
    note(run, "end")


def has_failed(run: Any) -> bool:
    """Whether an earlier execution of this job task has failed as it was meant to."""
    return any(line[0] == run.jobtask_id and line[2] == "failed" for line in lines(Path(os.environ[VARIABLE])))


def lines(path: Path) -> Iterator[tuple[int, int, str, float]]:
    """Every line that is whole."""
    for line in path.read_text().splitlines(keepends=True) if path.exists() else []:
        if line.endswith("\n"):
            jobtask, attempt, event, at = line.split()
            yield int(jobtask), int(attempt), event, float(at)


@dataclass(slots=True)
class Execution:
    """What one attempt left in the journal. ``seen``: its last line; ``ending`` is empty if it left none."""

    jobtask: int
    attempt: int
    started: float
    seen: float
    ending: str = ""
    starts: int = 1


def read(path: Path) -> list[Execution]:
    """Every execution, in the order in which they began."""
    found: dict[tuple[int, int], Execution] = {}
    for jobtask, attempt, event, at in lines(path):
        known = found.get((jobtask, attempt))
        if known is None:
            known = found[jobtask, attempt] = Execution(jobtask, attempt, at, at, starts=0)
        known.seen = max(known.seen, at)
        if event == "start":
            known.starts += 1
        elif event != "beat":
            known.ending = event
    return list(found.values())
