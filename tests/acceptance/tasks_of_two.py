"""The tasks of test_two_of_each: each try leaves a row behind, so that what runs twice is seen twice."""

from __future__ import annotations

import time
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connection

from pgprocess import Context, task

TABLE = "CREATE TABLE two_of_each (jobtask_id bigint, attempt int, job_id bigint, task text)"

SCRIPT = """
import json, os
import pgprocess.env
from pgprocess import current
from tests.acceptance.tasks_of_two import leave_a_row
leave_a_row(current.jobtask_id, current.attempt, current.job_id, current.task)
json.dump(1, open(os.environ["PGPROCESS_RESULT"], "w"))
"""


def leave_a_row(*row: Any) -> None:
    """This try has run."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO two_of_each VALUES (%s, %s, %s, %s)", row)


def _note(context: Context) -> int:
    leave_a_row(context.jobtask_id, context.attempt, context.job_id, context.task)
    results: dict[str, int] = context.parents
    return 1 + sum(results.values())


@task
def note(context: Context) -> int:
    """One more than its parents say."""
    return _note(context)


@task
async def note_async(context: Context) -> int:
    """The same, on the event loop."""
    return await sync_to_async(_note)(context)


@task
def note_at_second_try(context: Context) -> int:
    """The same, but the first try fails after it has left its row."""
    counted = _note(context)
    if context.attempt == 1:
        raise ConnectionError("flaky")
    return counted


@task
def meet(context: Context) -> int:
    """Wait until all four of this job are there at once."""
    counted = _note(context)
    deadline = time.monotonic() + 40
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute("SELECT count(*) FROM two_of_each WHERE job_id = %s", [context.job_id])
            if cursor.fetchone() == (4,):
                return counted
            time.sleep(0.02)
    raise TimeoutError("the others did not come")
