"""Scheduled workflows for Django, run by the Postgres that you already have.

    from pgprocess import Skip, current, task

    @task
    def load(context):
        rows = context.parents["extract"]["rows"]
        if not rows:
            raise Skip("nothing new")
        return {"loaded": rows, "for": str(current.logical_date)}

Importing this package needs no settings. The models are in :mod:`pgprocess.models`; a script begins with
``import pgprocess.env``. ``docs/index.md`` lists the names that stay; every other name may move.
"""

from pgprocess.context import Context, current
from pgprocess.exceptions import (
    ConfigurationError,
    Fail,
    ParamsError,
    PgprocessError,
    ResultError,
    Retry,
    ScheduleError,
    Skip,
    TaskNotFound,
    TransitionError,
)
from pgprocess.registry import task

__version__ = "0.1.0"

__all__ = [
    "ConfigurationError",
    "Context",
    "Fail",
    "ParamsError",
    "PgprocessError",
    "ResultError",
    "Retry",
    "ScheduleError",
    "Skip",
    "TaskNotFound",
    "TransitionError",
    "current",
    "task",
]
