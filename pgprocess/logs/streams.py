"""``sys.stdout`` and ``sys.stderr`` of each task: what its code puts there is there for that task only, while it runs.

``redirect_stdout`` and ``sys.stdout = …`` change a variable of the whole process: two of them that overlap leave a
stranger's buffer behind, and what others print meanwhile is lost. So within a task these two names of the module
``sys`` are kept in the task's context. ``print`` looks into the module's dictionary instead, where it finds a stream
that leads to the same place.
"""

from __future__ import annotations

import sys
from contextvars import ContextVar
from types import ModuleType
from typing import Any

NAMES = ("stdout", "stderr")

_own: ContextVar[dict[str, Any] | None] = ContextVar("pgprocess_streams", default=None)
"""The streams that the running task has put in the place of the usual ones; None outside of tasks, and afterwards."""


class own:
    """Keep what is put in the place of a stream for this thread or async task, until the end of the ``with`` block."""

    __slots__ = ("_streams", "_token")

    def __enter__(self) -> None:
        self._streams: dict[str, Any] = {}
        self._token = _own.set(self._streams)
        if type(sys) is _Sys:
            for name, front in _fronts.items():
                if sys.__dict__.get(name) is not front:  # a thread without a context has put something there
                    sys.__dict__[name] = front

    def __exit__(self, *error: object) -> None:
        _own.reset(self._token)
        self._streams.clear()


def install() -> None:
    """Keep apart from now on what tasks put in the place of the present streams. A second call changes nothing."""
    if type(sys) is _Sys:
        return
    _fronts.clear()
    for name in NAMES:
        if stream := sys.__dict__.get(name):
            sys.__dict__[name] = _fronts[name] = _Front(stream, name)
    sys.__class__ = _Sys


def uninstall() -> None:
    """Put back what :func:`install` changed."""
    if type(sys) is not _Sys:
        return
    sys.__class__ = ModuleType  # type: ignore[assignment]
    for name, front in _fronts.items():
        if sys.__dict__.get(name) is front:
            sys.__dict__[name] = front.shared
    _fronts.clear()


class _Front:
    """A stand-in in the dictionary of ``sys``: each use goes to the stream of the running task."""

    def __init__(self, shared: Any, name: str) -> None:
        self.shared = shared
        self.name_of_stream = name

    def write(self, text: Any) -> Any:
        """Write to the running task's stream; nowhere if it has put None there."""
        stream = self.current()
        return len(text) if stream is None else stream.write(text)

    def flush(self) -> None:
        """Flush the running task's stream."""
        if (stream := self.current()) is not None:
            stream.flush()

    def current(self) -> Any:
        """Return the running task's stream."""
        return (_own.get() or {}).get(self.name_of_stream, self.shared)

    def __iter__(self) -> Any:
        return iter(self.current())

    def __getattr__(self, name: str) -> Any:
        return getattr(self.current(), name)


_fronts: dict[str, _Front] = {}


def _stream(name: str) -> property:
    def read(module: ModuleType) -> Any:
        if (streams := _own.get()) is not None and name in streams:
            return streams[name]
        found = module.__dict__[name]
        return found.shared if isinstance(found, _Front) else found

    def write(module: ModuleType, stream: Any) -> None:
        if (streams := _own.get()) is not None:
            streams[name] = stream
        else:
            module.__dict__[name] = stream

    return property(read, write, lambda module: write(module, None))


class _Sys(ModuleType):
    stdout = _stream("stdout")
    stderr = _stream("stderr")
