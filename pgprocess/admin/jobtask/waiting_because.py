"""Why a task waits, in the reader's language: the sentence is the database's, its words are translated."""

from __future__ import annotations

import re

from django.db import connections, router
from django.utils.translation import gettext as _

from pgprocess.choices import TriggerRule
from pgprocess.display.status import word
from pgprocess.models import JobTask
from pgprocess.statuses import UNSETTLED, Status

STATE = re.compile(rf"\(({'|'.join(sorted(map(str, UNSETTLED)))})\)")
SOON = re.compile(r"(retry|starts) in ([\d.]+ \w+)")


def waiting_because(jobtask: JobTask) -> str:
    """Why it waits; empty if it does not."""
    if jobtask.status not in UNSETTLED or jobtask.status == Status.RUNNING:
        return ""
    with connections[router.db_for_read(JobTask)].cursor() as cursor:
        cursor.execute("SELECT waiting_because FROM pgprocess_jobtask_overview WHERE id = %s", [jobtask.pk])
        row = cursor.fetchone()
    return translated(row[0], jobtask) if row and row[0] else ""


def translated(sentence: str, jobtask: JobTask) -> str:
    """The sentence in the reader's language; names stay as they are."""
    if sentence.startswith("waits for a free slot in queue "):
        return str(_("It waits for a free slot in queue %s.") % jobtask.queue)
    if sentence.startswith("no live worker serves queue "):
        return str(_("No live worker serves queue %s.") % jobtask.queue)
    if sentence.startswith("waits for its trigger rule "):
        return _("It waits for its trigger rule: %s.") % TriggerRule(jobtask.trigger_rule).label
    if found := SOON.fullmatch(sentence):
        return (_("It is tried again in %s.") if found[1] == "retry" else _("It starts in %s.")) % found[2]
    parents = STATE.sub(lambda state: f"({word(state[1])})", sentence.removeprefix("waits for "))
    parents = SOON.sub(lambda soon: (_("retry in %s") if soon[1] == "retry" else _("starts in %s")) % soon[2], parents)
    return _("It waits for %s.") % re.sub(r"(?<=\)) and ", _(" and "), parents)
