"""Outcomes for every way in which an attempt can end, with a message for people.

Runners return them, and the executor makes them from what runners raise.
"""

from __future__ import annotations

import os
import signal
import traceback
from pathlib import Path
from types import TracebackType

from pgprocess.attempt import Outcome
from pgprocess.exceptions import Ending, Retry, Skip
from pgprocess.runners.base import StopReason
from pgprocess.statuses import Status

EXIT_SKIP = 99
EXIT_RETRY = 75  # EX_TEMPFAIL of sysexits.h

SUCCEEDED = Outcome(status=Status.SUCCEEDED)
GIVEN_BACK = {
    "shutdown": "its worker stopped",
    "fenced": "its worker could not reach the database",
    "blocked": "another task blocked its event loop",
}

_PACKAGE = f"{Path(__file__).parent.parent}{os.sep}"


def succeeded(result: str | None = None, *, exit_code: int | None = None) -> Outcome:
    """Return the outcome of a task that did its work."""
    if result is None and exit_code is None:
        return SUCCEEDED
    return Outcome(status=Status.SUCCEEDED, result=result, exit_code=exit_code)


def failed(error: str, *, exit_code: int | None = None, reason: str = "") -> Outcome:
    """Return the outcome of a try that failed and may be followed by another one."""
    return Outcome(status=Status.SCHEDULED, error=error, exit_code=exit_code, reason=reason)


def lost(error: str) -> Outcome:
    """Return the outcome of a try that ended with what it ran in, for which another task may be to blame."""
    return Outcome(status=Status.READY, error=error, reason=f"given back: {error}", lost=True)


def of_ending(ending: Ending, *, exit_code: int | None = None) -> Outcome:
    """Return the outcome of code that raised Skip, Retry or Fail."""
    reason = str(ending.reason)
    if isinstance(ending, Skip):
        return Outcome(status=Status.SKIPPED, reason=reason or "Skip was raised", exit_code=exit_code)
    if isinstance(ending, Retry):
        after = None if ending.after is None else max(0.0, float(ending.after))
        error = reason or "Retry was raised"
        return Outcome(status=Status.SCHEDULED, error=error, delay=after, exit_code=exit_code)
    return Outcome(status=Status.FAILED, error=reason or "Fail was raised", exit_code=exit_code)


def of_exit_code(code: int, result: str | None = None) -> Outcome:
    """Return the outcome of a program that exited with ``code``; a negative one means that a signal killed it."""
    if code == 0:
        return succeeded(result, exit_code=code)
    if code == EXIT_SKIP:
        return Outcome(status=Status.SKIPPED, reason=f"exit code {code}", exit_code=code)
    if code < 0:
        return failed(f"killed by {_signal_name(-code)} (exit code {code})", exit_code=code)
    asks = " asks for another try" if code == EXIT_RETRY else ""
    return failed(f"exit code {code}{asks}", exit_code=code)


def of_stop(reason: StopReason, *, timeout: float | None, exit_code: int | None = None) -> Outcome:
    """Return the outcome of an attempt that ended because it was told to; ``timeout`` is in seconds."""
    if reason == "cancelled":
        return Outcome(status=Status.CANCELLED, reason="cancelled", exit_code=exit_code)
    if reason in GIVEN_BACK:
        return Outcome(status=Status.READY, reason=f"given back: {GIVEN_BACK[reason]}", exit_code=exit_code)
    error = "timed out" if timeout is None else f"timed out after {timeout:g} s"
    return failed(error, reason=error, exit_code=exit_code)


def describe(error: BaseException) -> str:
    """Return the exception's message with its type: ``ValueError: text``."""
    return "".join(traceback.format_exception_only(error)).strip()


def met_task_code(error: BaseException) -> bool:
    """Return whether the exception passed through code outside of this package."""
    return _without_our_frames(error.__traceback__) is not None


def traceback_of(error: BaseException) -> bytes:
    """Return the exception's traceback for the task's stderr; it begins at the task's own code."""
    error.__traceback__ = _without_our_frames(error.__traceback__) or error.__traceback__
    return "".join(traceback.format_exception(error)).encode("utf-8", "backslashreplace")


def _without_our_frames(frames: TracebackType | None) -> TracebackType | None:
    while frames and frames.tb_frame.f_code.co_filename.startswith(_PACKAGE):
        frames = frames.tb_next
    return frames


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
