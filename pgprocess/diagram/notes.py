"""What stands under a task's name in a run: its kind, how long it took, how it failed, which try it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from signal import Signals
from typing import Any

from django.utils.translation import gettext

from pgprocess.diagram.marks import word
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


def note(run: Any, now: datetime) -> str:
    """The note of one JobTask, given as a row with its ``version__kind``, for which a later try leaves no room."""
    first = gettext("try %d") % run.attempt if run.attempt > 1 else run.version__kind
    return " · ".join(filter(None, (first, ending(run, now))))


def counts(statuses: Iterable[str]) -> str:
    """The note of many runs of one task: how many are in which status, the worst first."""
    numbers = Counter(statuses)
    return " · ".join(f"{numbers[status]} {word(status)}" for status in SEVERITY if numbers[status])


def ending(run: Any, now: datetime) -> str:
    """How long it took, or takes so far, or will wait; or how it failed."""
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


def exit_reason(code: int) -> str:
    """An exit code for people; a negative one is a signal's, as in :mod:`subprocess`."""
    try:
        return Signals(-code).name if code < 0 else gettext("exit %d") % code
    except ValueError:
        return gettext("signal %d") % -code


def duration(time: timedelta) -> str:
    """A length of time in its two largest units."""
    seconds = max(0.0, time.total_seconds())
    for size, unit, part_size, part in ((86400, "d", 3600, "h"), (3600, "h", 60, "m"), (60, "m", 1, "s")):
        if seconds >= size:
            whole, rest = divmod(int(seconds), size)
            return f"{whole} {unit} {rest // part_size:02d} {part}"
    return f"{seconds:.1f} s" if seconds < 10 else f"{int(seconds)} s"
