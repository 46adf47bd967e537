"""The end of a task within the transaction that the task itself has open, for ``@task(transactional=True)``."""

from __future__ import annotations

from pgprocess.queue.claim import Completed, Ended, Report, completion
from pgprocess.sql import query


def complete_within(alias: str, report: Report, *, tell: bool = False) -> Completed:
    """Complete the claim within the transaction that Django has open on ``alias``; nothing accepted: not ours any more.

    For :func:`~pgprocess.registry.task` with ``transactional``: the task's own writes and its end are one.
    """
    from django.db import connections

    with connections[alias].cursor() as cursor:
        cursor.execute(query("queue/complete"), completion([report]))
        accepted = [row[0] for row in cursor.fetchall()]
        if not tell:
            return Completed(set(accepted), [], [])
        cursor.execute(query("queue/jobs_ended"), {"ids": accepted})
        return Completed(set(accepted), [Ended(*row) for row in cursor.fetchall()], [])
