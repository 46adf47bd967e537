"""The panel of a job task: status and reason, tries and what they wrote, neighbours, what can be done."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest

from pgprocess.admin.base import may
from pgprocess.admin.jobtask.actions import offered_verbs
from pgprocess.admin.jobtask.last_words import last_words_in
from pgprocess.admin.jobtask.waiting_because import waiting_because
from pgprocess.display.durations import duration, exit_reason
from pgprocess.models import Attempt, JobTask, LogChunk
from pgprocess.statuses import SETTLED, Status

NEIGHBOURS, TRIES = 60, 100
SIZE, CHUNKS = 100_000, 400  # characters and chunks of output that are shown


def panel(request: HttpRequest, jobtask: JobTask, asked: int, *, here: str, alone: bool = False) -> dict[str, Any]:
    """Return what the template shows of a job task; ``asked`` is the number of a try, ``here`` the page's address.

    A number of which there is no try means the latest try. With ``alone`` the page is the task's own, and shows its
    neighbours and its result.
    """
    tries = list(Attempt.objects.filter(jobtask=jobtask).select_related("worker").order_by("-number")[:TRIES])
    latest = jobtask.attempt
    number = asked if asked in {one.number for one in tries} else latest
    chosen = next((one for one in tries if one.number == number and number != jobtask.attempt), None)
    shown: Any = chosen or jobtask
    reads = may(request, "view_log")
    chunks, cut = LogChunk.objects.end_of(jobtask, number, size=SIZE, most=CHUNKS) if reads else ([], False)
    facts = {
        "jobtask": jobtask,
        "here": here,
        "alone": alone,
        "waiting": waiting_because(jobtask),
        "exit": exit_reason(shown.exit_code) if shown.exit_code else "",
        "shown": shown,
        "number": number,
        "tries": [(one, time_it_took(one)) for one in tries],
        "several": bool(tries),
        "took": time_it_took(shown),
        "reads": reads,
        "chunks": chunks,
        "cut": cut,
        "last_words": last_words_in(shown.error, chunks),
        "last": chunks[-1].seq if chunks else 0,
        "live": reads and chosen is None and jobtask.status not in SETTLED,
        "verbs": offered_verbs(request, jobtask.status),
        "runs": jobtask.status == Status.RUNNING,
        "changed": jobtask.version_id != jobtask.task.version_id,
    }
    return facts | (surroundings(jobtask) if alone else {})


def time_it_took(one: Any) -> str:
    """Return how long a try took; empty for a try that goes on, or never began."""
    return duration(one.finished_at - one.started_at) if one.started_at and one.finished_at else ""


def surroundings(jobtask: JobTask) -> dict[str, Any]:
    """Return the neighbours of a job task, and its result."""
    near = JobTask.objects.select_related("task").order_by("pk")
    return {
        "parents": list(near.filter(edges_down__child=jobtask)[:NEIGHBOURS]),
        "children": list(near.filter(edges_up__parent=jobtask)[:NEIGHBOURS]),
        "result": "" if jobtask.result is None else json.dumps(jobtask.result, indent=2, ensure_ascii=False)[:20_000],
    }
