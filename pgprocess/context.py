"""The run that a task's code belongs to, for that code to read.

A callable is given its :class:`Context`; code that it calls finds the same in :data:`current`. A script finds it in
its environment, and a Python script in :data:`current` as well:

    PGPROCESS_JOB_ID         number; empty without a job
    PGPROCESS_JOBTASK_ID     number
    PGPROCESS_TASK           the task's name
    PGPROCESS_ATTEMPT        number, 1 is the first try
    PGPROCESS_LOGICAL_DATE   ISO 8601 with its offset; empty without a schedule
    PGPROCESS_PARAMS         JSON object: the job's params
    PGPROCESS_PARENTS        JSON object: results by parent's name
    PGPROCESS_MAP_INDEX      number, from 0; empty for a task that is not mapped
    PGPROCESS_ITEM           JSON: the item that this run is for; null for a task that is not mapped

Systems limit the size of one variable (Linux: 128 KiB). JSON of more than 64 KiB therefore stands in a file: the
variable is then not set, and PGPROCESS_PARAMS_FILE, _PARENTS_FILE or _ITEM_FILE holds the path of the file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from threading import Event
from typing import Any, Protocol, cast

from pgprocess.exceptions import PgprocessError

PREFIX = "PGPROCESS_"
LARGEST_VARIABLE = 64 * 1024
"""Bytes of JSON that go into a variable; more goes into a file."""

_TEXTS = ("JOB_ID", "JOBTASK_ID", "TASK", "ATTEMPT", "LOGICAL_DATE", "MAP_INDEX")
_VALUES = ("PARAMS", "PARENTS", "ITEM")
VARIABLES = frozenset({PREFIX + name for name in _TEXTS + _VALUES} | {f"{PREFIX}{name}_FILE" for name in _VALUES})
"""Every variable that :func:`environment` may set."""


class Stopped(Protocol):
    """The part of a :class:`threading.Event` that says whether a run is to end."""

    def is_set(self) -> bool: ...

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the run is to end, for ``timeout`` seconds at most; return whether it is."""


@dataclass(slots=True, kw_only=True)
class Context:
    """One try of one task, as the task's code sees it; ``parents`` are results by parent's name."""

    job_id: int | None
    jobtask_id: int
    task: str
    attempt: int
    logical_date: datetime | None
    params: dict[str, Any]
    parents: dict[str, Any]
    map_index: int | None = None
    item: Any = None
    stopped: Stopped = field(default_factory=Event, repr=False, compare=False)

    @property
    def cancelled(self) -> bool:
        """Whether this run is to end early: it was cancelled, its time is over, or its worker stops.

        Always False in a script's own process, which gets SIGTERM instead.
        """
        return self.stopped.is_set()


_running: ContextVar[Context | None] = ContextVar("pgprocess_current", default=None)


class running:
    """Make ``context`` the :data:`current` one in a ``with`` block: for this thread or async task and all it awaits."""

    __slots__ = ("_context", "_token")

    def __init__(self, context: Context) -> None:
        self._context = context

    def __enter__(self) -> None:
        self._token = _running.set(self._context)

    def __exit__(self, *error: object) -> None:
        _running.reset(self._token)


class _Current:
    """A stand-in for the run that the calling code belongs to, which is looked up at every access."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # inspect, copy and doctest ask every object for these
            raise AttributeError(name)
        context = _find()
        if context is None:
            raise PgprocessError(
                f"There is no current run to ask for {name!r}: use pgprocess.current only while a task runs."
            )
        return getattr(context, name)

    def __repr__(self) -> str:
        context = _find()
        return repr(context) if context else "<no current run>"


current: Context = cast(Context, _Current())
"""The run that this code belongs to. Outside of a run every attribute raises :class:`PgprocessError`."""


def _find() -> Context | None:
    return _running.get() or _inherited()


@cache
def _inherited() -> Context | None:
    return from_environment(os.environ)


def forget() -> None:
    """Read the run from the environment anew at the next access: a fork has another environment."""
    _inherited.cache_clear()


def texts(context: Context) -> dict[str, str]:
    """Return every value as text, by the names of the variables without their prefix."""
    date = context.logical_date
    known = (
        context.job_id,
        context.jobtask_id,
        context.task,
        context.attempt,
        date and date.isoformat(),
        context.map_index,
    )
    plain = {name: "" if text is None else str(text) for name, text in zip(_TEXTS, known, strict=True)}
    values = (context.params, context.parents, context.item)
    return plain | {name: json.dumps(value) for name, value in zip(_VALUES, values, strict=True)}


def environment(context: Context, folder: Path) -> dict[str, str]:
    """Return the variables that tell a script its run; write values too large for a variable into ``folder``."""
    variables = {}
    for name, text in texts(context).items():
        if name in _VALUES and len(text) > LARGEST_VARIABLE:
            path = folder / f"{name.lower()}.json"
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                file.write(text)
            variables[f"{PREFIX}{name}_FILE"] = str(path)
        else:
            variables[PREFIX + name] = text
    return variables


def from_environment(variables: Mapping[str, str]) -> Context | None:
    """Return the run that :func:`environment` described; None without PGPROCESS_JOBTASK_ID. Others may be missing."""

    def text(name: str) -> str:
        return variables.get(PREFIX + name, "")

    def value(name: str, default: Any) -> Any:
        if path := text(f"{name}_FILE"):
            return json.loads(Path(path).read_text())
        return json.loads(text(name)) if text(name) else default

    if not text("JOBTASK_ID"):
        return None
    return Context(
        job_id=int(text("JOB_ID")) if text("JOB_ID") else None,
        jobtask_id=int(text("JOBTASK_ID")),
        task=text("TASK"),
        attempt=int(text("ATTEMPT") or 1),
        logical_date=datetime.fromisoformat(text("LOGICAL_DATE")) if text("LOGICAL_DATE") else None,
        params=value("PARAMS", {}),
        parents=value("PARENTS", {}),
        map_index=int(text("MAP_INDEX")) if text("MAP_INDEX") else None,
        item=value("ITEM", None),
    )
