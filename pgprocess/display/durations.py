"""Lengths of time and exit codes, for people."""

from __future__ import annotations

from datetime import timedelta
from signal import Signals

from django.utils.translation import gettext


def exit_reason(code: int) -> str:
    """Return an exit code for people; a negative one is a signal's, as in :mod:`subprocess`."""
    try:
        return Signals(-code).name if code < 0 else gettext("exit %d") % code
    except ValueError:
        return gettext("signal %d") % -code


def duration(time: timedelta) -> str:
    """Return a length of time in its two largest units."""
    seconds = max(0.0, time.total_seconds())
    for size, unit, part_size, part in ((86400, "d", 3600, "h"), (3600, "h", 60, "m"), (60, "m", 1, "s")):
        if seconds >= size:
            whole, rest = divmod(int(seconds), size)
            return f"{whole} {unit} {rest // part_size:02d} {part}"
    return f"{seconds:.1f} s" if seconds < 10 else f"{int(seconds)} s"


def rough_duration(seconds: float) -> str:
    """Return a length of time in one unit, as people say it: ``90 s``, ``12 min``, ``5 h``, ``3 days``."""
    for size, unit in ((172_800, "days"), (7200, "h"), (120, "min")):
        if seconds >= size:
            return f"{seconds * 2 / size:.0f} {unit}"
    return f"{seconds:.0f} s"
