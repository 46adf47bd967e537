"""The note under a task's name in a run: its kind, how long it took, how it failed, which try it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from pgprocess.display.durations import duration, exit_reason
from pgprocess.display.status import word
from pgprocess.statuses import Status

SEVERITY = (
    Status.FAILED,
    Status.UPSTREAM_FAILED,
    Status.CANCELLED,
    Status.RUNNING,
    Status.SCHEDULED,
    Status.READY,
    Status.AWAITING,
    Status.SKIPPED,
    Status.FORCED,
    Status.SUCCEEDED,
)
"""Every status, the worst first: many runs of one task are shown by their worst."""


def note(run: Any, now: datetime) -> str:
    """Return the note of one JobTask, given as a row with its ``version__kind``.

    A later try leaves no room for that.
    """
    first = gettext("try %d") % run.attempt if run.attempt > 1 else run.version__kind
    return " · ".join(filter(None, (first, ending(run, now))))


def counts(statuses: Iterable[str]) -> str:
    """Return the note of many runs of one task: how many are in which status, the worst first."""
    numbers = Counter(statuses)
    return " · ".join(f"{numbers[status]} {word(status)}" for status in SEVERITY if numbers[status])


def ending(run: Any, now: datetime) -> str:
    """Return how long the run took, or takes so far, or will wait; or how it failed."""
    match run.status:
        case Status.RUNNING if run.started_at:
            return duration(now - run.started_at) + "…"
        case Status.SCHEDULED if run.run_at and run.run_at > now:
            return gettext("in %s") % duration(run.run_at - now)
        case Status.FAILED if run.exit_code:
            return exit_reason(run.exit_code)
        case _ if run.started_at and run.finished_at:
            return duration(run.finished_at - run.started_at)
    return ""
