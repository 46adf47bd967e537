"""Why a task waits, in the reader's language: the database gives a key and arguments, this module the words."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.db import connections, router
from django.utils.translation import gettext as _

from pgprocess.choices import TriggerRule
from pgprocess.display.durations import duration
from pgprocess.display.status import word
from pgprocess.models import JobTask
from pgprocess.statuses import UNSETTLED, Status


def waiting_because(jobtask: JobTask) -> str:
    """Return a sentence that says why the task waits; empty if it does not wait."""
    if jobtask.status not in UNSETTLED or jobtask.status == Status.RUNNING:
        return ""
    with connections[router.db_for_write(JobTask)].cursor() as cursor:
        cursor.execute("SELECT waiting_for FROM pgprocess_jobtask_overview WHERE id = %s", [jobtask.pk])
        row = cursor.fetchone()
    return sentence(json.loads(row[0])) if row and row[0] else ""


def sentence(waiting_for: dict[str, Any]) -> str:
    """Return the sentence for an answer of ``pgprocess_waiting_for``; names stay as they are."""
    return SENTENCES[waiting_for["key"]](waiting_for)


def _parents(arguments: dict[str, Any]) -> str:
    return _("It waits for %s.") % _all_of([_parent(**parent) for parent in arguments["parents"]])


def _parent(name: str, number: int, state: str, seconds: int = 0) -> str:
    times = f" ×{number}" if number > 1 else ""  # noqa: RUF001
    return f"{name}{times} ({_state(state, seconds)})"


def _state(state: str, seconds: int) -> str:
    if state == "turn":
        return _("its job waits for its turn")
    if state == "retry":
        return _("retry in %s") % _span(seconds)
    if state == "start":
        return _("starts in %s") % _span(seconds)
    return word(state)


def _jobs(arguments: dict[str, Any]) -> str:
    jobs = [_("job %s") % job for job in arguments["jobs"]]
    more = [_("%s more") % arguments["more"]] if arguments["more"] else []
    return _("It waits for %s.") % _all_of(jobs + more)


def _all_of(phrases: Sequence[str]) -> str:
    *first, last = phrases
    return ", ".join(first) + _(" and ") + last if first else last


def _span(seconds: int) -> str:
    return duration(timedelta(seconds=seconds))


SENTENCES: dict[str, Callable[[dict[str, Any]], str]] = {
    "parents": _parents,
    "trigger_rule": lambda a: _("It waits for its trigger rule: %s.") % TriggerRule(a["trigger_rule"]).label,
    "retry": lambda a: _("It is tried again in %s.") % _span(a["seconds"]),
    "start": lambda a: _("It starts in %s.") % _span(a["seconds"]),
    "slot": lambda a: _("It waits for a free slot in queue %s.") % a["queue"],
    "worker": lambda a: _("No live worker serves queue %s.") % a["queue"],
    "backfill": lambda a: _("It waits for its turn in backfill %(backfill)s, which runs %(concurrency)s at once.") % a,
    "paused": lambda a: _("It waits until its process is resumed."),
    "jobs": _jobs,
    "turn": lambda a: _("It waits for its turn."),
}
"""A sentence for each key of ``pgprocess_waiting_for``; a new reason in that rule needs a line here."""
