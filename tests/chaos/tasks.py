"""What the fleet runs. Everything writes into the journal that it began, that it still runs, and how it ended."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from django.db import connection

from pgprocess import Context, task
from tests.chaos.journal import Flaky, execution, has_failed, note

BEAT = 0.1
EFFECTS = "CREATE TABLE chaos_effect (jobtask_id bigint NOT NULL, attempt int NOT NULL)"
"""What transactional tasks leave behind."""


def spend(run: Any, beats: int) -> None:
    """So many tenths of a second have passed, or a little more."""
    for _ in range(beats):
        time.sleep(BEAT)
        note(run, "beat")


@task
def work(context: Context) -> int:
    """A function in a thread."""
    with execution(context):
        spend(context, context.params.get("beats", 3))
    return 1


@task
async def wait(context: Context) -> int:
    """A function on the event loop."""
    with execution(context):
        for _ in range(context.params.get("beats", 3)):
            await asyncio.sleep(BEAT)
            note(context, "beat")
    return 1


@task(transactional=True)
def transact(context: Context) -> int:
    """A function whose row and whose end are one."""
    with execution(context):
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO chaos_effect VALUES (%s, %s)", [context.jobtask_id, context.attempt])
        spend(context, context.params.get("beats", 3))
    return 1


@task
def flaky(context: Context) -> int:
    """It fails once, however often it is begun."""
    with execution(context):
        if not has_failed(context):
            raise Flaky("as it was meant to")
    return 1


@task
def doomed(context: Context) -> None:
    """It always fails."""
    with execution(context):
        raise Flaky("as it was meant to")


@task
def listed(context: Context) -> list[int]:
    """Something to map over."""
    with execution(context):
        return [1, 2, 3, 4]


@task
def each(context: Context) -> int:
    """One item."""
    with execution(context):
        spend(context, 1)
        return int(context.item) * 10


@task
def added(context: Context) -> int:
    """All items, each once."""
    with execution(context):
        total = sum(context.parents["each"])
        assert total == 100, context.parents
        return int(total)


PYTHON = """
import json, os
from pgprocess import current
from tests.chaos.journal import execution
from tests.chaos.tasks import spend
print("begins", flush=True)
with execution(current):
    spend(current, current.params.get("beats", 3))
    with open(os.environ["PGPROCESS_RESULT"], "w") as file:
        json.dump(1, file)
print("ends")
"""

STUBBORN = """
note() { echo "$PGPROCESS_JOBTASK_ID $PGPROCESS_ATTEMPT $1 $(date +%s.%6N)" >>"$CHAOS_JOURNAL"; }
trap '' TERM
note start
( sleep 600 & sleep 600 ) >/dev/null 2>&1 &
echo begins
for beat in 1 2 3 4 5 6 7 8 9 10; do sleep 0.1; note beat; done
note end
echo ends
"""
"""It ignores TERM, and leaves children and grandchildren behind that do so, too."""
