"""All errors of pgprocess in one tree, and the three ways in which a task's code may end it.

PgprocessError
├── ConfigurationError(ImproperlyConfigured)   a setting, or a project without one
├── ScheduleError(ValueError)                  a schedule that can't be read or never fires
├── TransitionError(ValueError)                a status that can't follow the present one
├── TaskNotFound(LookupError)                  no callable is registered under that name
├── ResultError(ValueError)                    a result that is not JSON, or too large
├── ParamsError(ValueError)                    params that are not a JSON object
└── RetentionError                             old jobs that rows of another table still need

Ending                                         no errors: raised by a task's own code
├── Skip(reason)                               ends as skipped
├── Retry(reason, after=seconds)               runs again, if attempts are left
└── Fail(reason)                               ends as failed, attempts or not
"""

from __future__ import annotations

from datetime import timedelta

from django.core.exceptions import ImproperlyConfigured

__all__ = [
    "ConfigurationError",
    "Ending",
    "Fail",
    "ParamsError",
    "PgprocessError",
    "ResultError",
    "RetentionError",
    "Retry",
    "ScheduleError",
    "Skip",
    "TaskNotFound",
    "TransitionError",
]


class PgprocessError(Exception):
    """The root of all errors of pgprocess."""


class ConfigurationError(PgprocessError, ImproperlyConfigured):
    """The project is not set up for pgprocess; the message says what to change in it."""


class ScheduleError(PgprocessError, ValueError):
    """A schedule can't be read, or never fires."""


class TransitionError(PgprocessError, ValueError):
    """A row can't go from its present status to the wanted one.

    ``status`` and ``wanted`` are the two words of :mod:`pgprocess.statuses`.
    """

    def __init__(self, message: str, *, status: str = "", wanted: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.wanted = wanted


class TaskNotFound(PgprocessError, LookupError):
    """No callable is registered under ``name``."""

    def __init__(self, message: str, *, name: str = "") -> None:
        super().__init__(message)
        self.name = name


class ResultError(PgprocessError, ValueError):
    """A task's result is not JSON, or larger than ``PGPROCESS["RESULT_LIMIT"]`` allows."""


class ParamsError(PgprocessError, ValueError):
    """The params of a job are not a JSON object."""


class RetentionError(PgprocessError):
    """Old jobs can't be deleted, since rows of another table refer to them; the message names one."""


class Ending(Exception):
    """Raised by a task's own code to say how this attempt ends; ``reason`` is shown to people."""

    def __init__(self, reason: str = "") -> None:
        super().__init__(reason)
        self.reason = reason


class Skip(Ending):
    """Skip the work of this attempt: the task ends as skipped."""


class Retry(Ending):
    """Run this task again after ``after`` (seconds, or a timedelta) if given, else after the task's own delay.

    The retry uses up an attempt: with none left the task fails.
    """

    def __init__(self, reason: str = "", *, after: float | timedelta | None = None) -> None:
        super().__init__(reason)
        self.after = after.total_seconds() if isinstance(after, timedelta) else after


class Fail(Ending):
    """Fail the task now, whatever attempts are left."""
