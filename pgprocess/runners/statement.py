"""Kind sql: the statements in ``code``, in one transaction on the database whose alias is in ``target``.

On Postgres they find who they are in settings of that transaction: ``current_setting('pgprocess.params')::jsonb``,
and likewise job_id, jobtask_id, task, attempt, logical_date, parents, map_index and item, each text. The rows of
the last statement are the result, as a list of objects; a statement without rows gives how many it changed.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import close_old_connections, connections, transaction
from django.utils.connection import ConnectionDoesNotExist

from pgprocess.context import texts
from pgprocess.exceptions import PgprocessError
from pgprocess.outcome import Outcome
from pgprocess.runners import endings, result
from pgprocess.runners.base import Output, Run, Runner, Stop

CANCEL_EVERY = 1.0
"""Seconds: a cancel that arrives between two statements is lost."""


class StatementRunner(Runner):
    """Executes SQL, in the calling thread. ``alias`` is the database of tasks that name none."""

    def __init__(self, *, alias: str, result_limit: int) -> None:
        self._alias = alias
        self._result_limit = result_limit

    def run(self, run: Run, output: Output, stop: Stop) -> Outcome:
        """The statements are committed, all of them. Raises what the database raises, and then none is."""
        if not run.code.strip():
            raise PgprocessError(f"Task {run.task!r} has no code: write its SQL.")
        alias = run.target.strip() or self._alias
        try:
            connection = connections[alias]
        except ConnectionDoesNotExist:
            raise PgprocessError(f"Task {run.task!r} runs on {alias!r}, which DATABASES does not have.") from None
        close_old_connections()
        try:
            with transaction.atomic(using=alias), _heard(connection, output), _stoppable(connection, stop):
                value = _execute(connection, run, stop)
        finally:
            close_old_connections()
        return endings.succeeded(result.dump(value, task=run.task, limit=self._result_limit))


def _execute(connection: Any, run: Run, stop: Stop) -> Any:
    """What the last statement gave."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            known = texts(run.context(stop))
            settings = [word for name, text in known.items() for word in (f"pgprocess.{name.lower()}", text)]
            cursor.execute(f"SELECT {', '.join(['set_config(%s, %s, true)'] * len(known))}", settings)
            cursor.execute(run.code)
            while cursor.nextset():
                pass
        else:
            for statement in connection.ops.prepare_sql_script(run.code):
                cursor.execute(statement)
        if cursor.description is None:
            return {"rows": cursor.rowcount} if cursor.rowcount >= 0 else None
        columns = [column[0] for column in cursor.description]
        rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
    return json.loads(json.dumps(rows, default=str))


@contextmanager
def _heard(connection: Any, output: Output) -> Iterator[None]:
    """What the statements RAISE is output of the task."""
    if connection.vendor != "postgresql":
        yield
        return

    def hear(notice: Any) -> None:
        output.write("stderr", f"{notice.severity}:  {notice.message_primary}\n".encode("utf-8", "replace"))

    connection.connection.add_notice_handler(hear)
    try:
        yield
    finally:
        connection.connection.remove_notice_handler(hear)


@contextmanager
def _stoppable(connection: Any, stop: Stop) -> Iterator[None]:
    """Once the task is told to stop, whatever statement runs here is cancelled, again and again until it is over."""
    over = threading.Event()

    def cancel() -> None:
        while not over.is_set():
            connection.connection.cancel()
            over.wait(CANCEL_EVERY)

    if connection.vendor == "postgresql":
        stop.requested.then(threading.Thread(target=cancel, name="pgprocess-cancel", daemon=True).start)
    try:
        yield
    finally:
        over.set()
