"""Capture of logging and print: what Python code writes there while it runs for a task goes into the task's output.

A context variable names the output of the running code, so threads and async tasks on one loop are kept apart.
``sys.stdout``, ``sys.stderr`` and ``logging.Logger.callHandlers`` are wrapped for the whole process, once; handlers and
streams still get everything that they got before. What code puts in the place of a stream is its own task's
(:mod:`pgprocess.logs.streams`). From the output the text goes on to :mod:`pgprocess.logs.buffer`.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from copy import copy
from typing import Any, Literal, Protocol

from pgprocess.logs import streams

Stream = Literal["stdout", "stderr"]

OWN_LOGGER = "pgprocess"


class Output(Protocol):
    """Takes what an attempt writes: any bytes, in the order in which they came. Thread: any."""

    def write(self, stream: Stream, data: bytes, /) -> None: ...


_outputs: ContextVar[list[Output]] = ContextVar("pgprocess_output", default=[])  # noqa: B039  nobody adds to it
"""The output of the running code: at most one; none once the task has ended, even in threads that it left behind."""

_formatter = logging.Formatter("%(levelname)s %(name)s: %(message)s")


class capturing:
    """Copy to ``output`` what this thread or async task writes in the ``with`` block, if :func:`install` was called."""

    __slots__ = ("_outputs", "_streams", "_token")

    def __init__(self, output: Output) -> None:
        self._outputs = [output]

    def __enter__(self) -> None:
        self._token = _outputs.set(self._outputs)
        self._streams = streams.own()
        self._streams.__enter__()

    def __exit__(self, *error: object) -> None:
        self._streams.__exit__()
        _outputs.reset(self._token)
        self._outputs.clear()


def install() -> None:
    """Wrap the standard streams and logging, for the whole process. A second call changes nothing."""
    if sys.stdout and not isinstance(sys.stdout, _Tee):
        sys.stdout = _Tee(sys.stdout, "stdout")
    if sys.stderr and not isinstance(sys.stderr, _Tee):
        sys.stderr = _Tee(sys.stderr, "stderr")
    streams.install()
    if not hasattr(logging.Logger.callHandlers, "original"):
        logging.Logger.callHandlers = _with_capture(logging.Logger.callHandlers)  # type: ignore[method-assign]


def uninstall() -> None:
    """Put back what :func:`install` wrapped, except where other code has wrapped it again since."""
    streams.uninstall()
    if isinstance(sys.stdout, _Tee):
        sys.stdout = sys.stdout.original
    if isinstance(sys.stderr, _Tee):
        sys.stderr = sys.stderr.original
    if original := getattr(logging.Logger.callHandlers, "original", None):
        logging.Logger.callHandlers = original  # type: ignore[method-assign]


def _with_capture(original: Callable[[logging.Logger, logging.LogRecord], None]) -> Any:
    """Return ``callHandlers`` with a copy to the running task's output.

    This is no handler: loggers that do not propagate would not reach a handler, and a handler could not keep out of the
    output what other handlers print.
    """

    def call_handlers(logger: logging.Logger, record: logging.LogRecord) -> None:
        outputs = _outputs.get()
        if not outputs:
            original(logger, record)
            return
        token = _outputs.set([])  # what handlers print or log about the record is not the task's
        try:
            if record.name.partition(".")[0] != OWN_LOGGER:
                _write_to(outputs, "stderr", f"{_format_record(record)}\n")
            original(logger, record)
        finally:
            _outputs.reset(token)

    call_handlers.original = original  # type: ignore[attr-defined]
    return call_handlers


def _format_record(record: logging.LogRecord) -> str:
    try:
        # A copy, since format() stores the traceback's text in the record, which others may format otherwise.
        return _formatter.format(copy(record))
    except Exception:  # noqa: BLE001  arguments that do not fit: the handlers report them
        return f"{record.levelname} {record.name}: {record.msg!r} {record.args!r}"


def _write_to(outputs: list[Output], stream: Stream, text: str) -> None:
    with suppress(Exception):  # the task's code goes on without its output; IndexError: the task has ended
        outputs[0].write(stream, text.encode("utf-8", "backslashreplace"))


class _Tee:
    """A text stream that also writes to the running task's output."""

    def __init__(self, original: Any, name: Stream) -> None:
        self.original = original
        self.name_of_stream = name

    def write(self, text: str) -> int:
        """Write to both; return what the stream's own ``write`` returns."""
        if outputs := _outputs.get():
            _write_to(outputs, self.name_of_stream, text)
        return int(self.original.write(text))

    def writelines(self, lines: Any) -> None:
        """Write each line to both."""
        for line in lines:
            self.write(line)

    @property
    def buffer(self) -> Any:
        """The stream's own buffer, for bytes; it writes to the task's output, too."""
        return _BinaryTee(self.original.buffer, self.name_of_stream)

    def __iter__(self) -> Any:
        return iter(self.original)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.original, name)


class _BinaryTee(_Tee):
    """A stream of bytes that also writes to the running task's output."""

    def write(self, data: Any) -> int:
        """Write to both; return what the stream's own ``write`` returns."""
        if outputs := _outputs.get():
            with suppress(Exception):
                outputs[0].write(self.name_of_stream, bytes(data))
        return int(self.original.write(data))
