"""What Python code says by logging and print while it runs for a task, for that task's output.

A context variable tells whose code it is, so threads and async tasks on one loop are told apart. Nothing is taken
away from anybody: handlers and streams get what they got before.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from copy import copy
from typing import Any, Literal, Protocol

Stream = Literal["stdout", "stderr"]

OWN_LOGGER = "pgprocess"


class Output(Protocol):
    """Takes what is said."""

    def write(self, stream: Stream, data: bytes, /) -> None:
        """Keep ``data``."""


_outputs: ContextVar[list[Output]] = ContextVar("pgprocess_output", default=[])  # noqa: B039  nobody adds to it
"""Who hears: at most one; none once the task has ended, even for threads that it left behind."""

_formatter = logging.Formatter("%(levelname)s %(name)s: %(message)s")


class capturing:
    """Within, what this thread or async task says is in ``output`` too, if :func:`install` was called."""

    __slots__ = ("_outputs", "_token")

    def __init__(self, output: Output) -> None:
        self._outputs = [output]

    def __enter__(self) -> None:
        self._token = _outputs.set(self._outputs)

    def __exit__(self, *error: object) -> None:
        _outputs.reset(self._token)
        self._outputs.clear()


def install() -> None:
    """From now on what is said can be captured. Once is enough."""
    if sys.stdout and not isinstance(sys.stdout, _Tee):
        sys.stdout = _Tee(sys.stdout, "stdout")
    if sys.stderr and not isinstance(sys.stderr, _Tee):
        sys.stderr = _Tee(sys.stderr, "stderr")
    if not hasattr(logging.Logger.callHandlers, "original"):
        logging.Logger.callHandlers = _with_capture(logging.Logger.callHandlers)  # type: ignore[method-assign]


def uninstall() -> None:
    """All is as it was, as far as nobody else has put himself in between."""
    if isinstance(sys.stdout, _Tee):
        sys.stdout = sys.stdout.original
    if isinstance(sys.stderr, _Tee):
        sys.stderr = sys.stderr.original
    if original := getattr(logging.Logger.callHandlers, "original", None):
        logging.Logger.callHandlers = original  # type: ignore[method-assign]


def _with_capture(original: Callable[[logging.Logger, logging.LogRecord], None]) -> Any:
    """Not a handler: loggers that do not propagate would not reach it, nor would it know of what others print."""

    def call_handlers(logger: logging.Logger, record: logging.LogRecord) -> None:
        outputs = _outputs.get()
        if not outputs:
            original(logger, record)
            return
        token = _outputs.set([])  # what handlers print or log about it is not said by the task
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
        return _formatter.format(copy(record))  # which keeps the traceback's text, that others may want otherwise
    except Exception:  # arguments that do not fit: the handlers complain of it
        return f"{record.levelname} {record.name}: {record.msg!r} {record.args!r}"


def _write_to(outputs: list[Output], stream: Stream, text: str) -> None:
    with suppress(Exception):  # whatever becomes of the output, the task's code goes on; IndexError: it has ended
        outputs[0].write(stream, text.encode("utf-8", "backslashreplace"))


class _Tee:
    """A text stream that lets a task's output have what is written to it."""

    def __init__(self, original: Any, name: Stream) -> None:
        self.original = original
        self.name_of_stream = name

    def write(self, text: str) -> int:
        """As the stream's own."""
        if outputs := _outputs.get():
            _write_to(outputs, self.name_of_stream, text)
        return int(self.original.write(text))

    def writelines(self, lines: Any) -> None:
        """As the stream's own."""
        for line in lines:
            self.write(line)

    @property
    def buffer(self) -> Any:
        """The stream's own, for bytes, with the same ears."""
        return _BinaryTee(self.original.buffer, self.name_of_stream)

    def __iter__(self) -> Any:
        return iter(self.original)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.original, name)


class _BinaryTee(_Tee):
    """The same for bytes."""

    def write(self, data: Any) -> int:
        """As the stream's own."""
        if outputs := _outputs.get():
            with suppress(Exception):
                outputs[0].write(self.name_of_stream, bytes(data))
        return int(self.original.write(data))
