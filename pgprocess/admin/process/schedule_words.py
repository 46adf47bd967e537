"""The schedule of a process in words: when it runs, what the clocks do to that, what happens when it can't run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pgprocess.exceptions import ScheduleError
from pgprocess.models import Process
from pgprocess.schedule.clock_changes import ClockChange, clock_changes
from pgprocess.schedule.missed import AT_ONCE
from pgprocess.schedule.zones import zone_named

CRONTAB = ("minute", "hour", "day_of_month", "month", "day_of_week")
SHOWN = 5  # runs
AHEAD = 60  # days in which a change of the clocks is told
OVERLAP = {
    "skip": gettext_lazy("If the last job still runs, the slot is skipped."),
    "allow": gettext_lazy("Jobs may run beside each other."),
    "buffer_one": gettext_lazy("If the last job still runs, one slot waits for its turn."),
    "buffer_all": gettext_lazy("If the last job still runs, slots wait for their turn."),
    "cancel_running": gettext_lazy("If the last job still runs, it is cancelled."),
}
CATCH_UP = {
    "none": gettext_lazy("Slots that were missed do not run."),
    "last": gettext_lazy("Of the slots that were missed, the last one runs."),
    "all": gettext_lazy("All slots that were missed run, the earliest first."),
}


def schedule_facts(process: Process, now: datetime) -> dict[str, Any]:
    """Return what ``admin/pgprocess/process/schedule.html`` shows, of a schedule that can't be read an ``error``."""
    try:
        process.schedule.check()
        runs = process.next_runs(now, SHOWN)
        return {
            "words": f"{process.describe()}.",
            "runs": [run_moment(run) for run in runs],
            "changes": [*clock_change_warnings(process, now)] if runs else [],
        }
    except ScheduleError as error:
        return {"error": str(error)}


def crontab(process: Process) -> str:
    """Return the five fields as in a crontab, or the word with @ that stands for them; empty without a schedule."""
    fields = [getattr(process, name).strip() for name in CRONTAB]
    if not any(fields):
        return ""
    return fields[0] if fields[0].startswith("@") else " ".join(field or "*" for field in fields)


def run_moment(run: datetime) -> str:
    """Return the moment of a run in its zone, with the weekday and the zone's short name."""
    return f"{date_format(run, 'D')} {run:%Y-%m-%d %H:%M %Z}"


def clock_change_warnings(process: Process, now: datetime) -> Iterator[dict[str, Any]]:
    """Return a sentence for each change of the clocks ahead, and whether it concerns a run."""
    for change in clock_changes(zone_named(process.timezone), now, AHEAD):
        concerned = change.concerns(process.schedule)
        yield {"text": clock_change_sentence(change, process.timezone, concerned), "concerned": concerned}


def clock_change_sentence(change: ClockChange, zone: str, concerned: bool) -> str:
    """Return a sentence on one change of the clocks, and what becomes of the runs around it."""
    values = {
        "zone": zone,
        "day": date_format(change.before, "j F Y"),
        "before": f"{change.before:%H:%M}",
        "after": f"{change.after:%H:%M}",
    }
    if change.forward:
        text = _("On %(day)s the clocks of %(zone)s go forward from %(before)s to %(after)s.")
        effect = _("What is due in between runs at %(after)s, once.")
    else:
        text = _("On %(day)s the clocks of %(zone)s go back from %(before)s to %(after)s.")
        effect = _("What is due in between runs once, the first time.")
    return f"{text} {effect if concerned else _('No run is moved by that.')}" % values


def policy_sentences(process: Process) -> list[str]:
    """Return what happens when a slot can't run as planned, a sentence for each policy."""
    found = [str(OVERLAP[process.overlap]), str(CATCH_UP[process.catch_up])]
    if not process.run_if_failed:
        found.append(_("A job that fails pauses the process."))
    if process.pause_after_failures:
        found.append(_("%d failures in a row pause the process.") % process.pause_after_failures)
    if process.misfire_grace is not None:
        found.append(_("A run begins at most %g seconds late.") % max(process.misfire_grace, AT_ONCE.total_seconds()))
    return found
