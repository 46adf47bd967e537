"""Kind sql: the statements in ``code``, in one transaction on the database whose alias is in ``target``.

On Postgres the statements find the facts of their run in settings of that transaction:
``current_setting('pgprocess.params')::jsonb``, and likewise job_id, jobtask_id, task, attempt, logical_date, parents,
map_index and item, each text. The rows of the last statement are the result, as a list of objects; a statement without
rows gives the number of rows that it changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, time
from typing import Any

from django.db import Error, close_old_connections, connections, transaction
from django.utils.connection import ConnectionDoesNotExist

from pgprocess.attempt import Outcome
from pgprocess.context import texts
from pgprocess.exceptions import PgprocessError, ResultError
from pgprocess.logs.capture import Output
from pgprocess.runners import endings, result
from pgprocess.runners.base import Run, Runner, Stop
from pgprocess.runners.statement_cancel import StatementCancel
from pgprocess.text import first_line

JSONB = 3802
"""The oid of jsonb, which Django leaves as text."""


class SqlRunner(Runner):
    """Executes SQL in the calling thread. ``alias`` is the database of tasks that name none.

    If the server has not ended a cancelled statement after ``grace`` seconds, the connection is cut.
    """

    def __init__(self, *, alias: str, grace: float, result_limit: int) -> None:
        self._alias = alias
        self._grace = grace
        self._result_limit = result_limit

    def run(self, run: Run, output: Output, stop: Stop) -> Outcome:
        """Execute the statements in one transaction: commit all if the task succeeds, none if it does not.

        Returns the outcome. Raises :class:`PgprocessError` without code, and for a database that is not configured.
        """
        if not run.version.code.strip():
            raise PgprocessError(f"Task {run.task!r} has no code: write its SQL.")
        alias = run.version.target.strip() or self._alias
        try:
            connection = connections[alias]
        except ConnectionDoesNotExist:
            raise PgprocessError(f"Task {run.task!r} runs on {alias!r}, which DATABASES does not have.") from None
        close_old_connections()
        try:
            with transaction.atomic(using=alias):
                with _forward_notices(connection, output), StatementCancel(connection, stop, grace=self._grace):
                    text = result.dump(_execute(connection, run, stop), task=run.task, limit=self._result_limit)
                stop.close()
                if stop.reason:
                    raise _Stopped
        except (_Stopped, ResultError) as error:
            return endings.failed(str(error))
        except Error as error:
            message = str(error).strip() or endings.describe(error)
            output.write("stderr", f"{message}\n".encode("utf-8", "backslashreplace"))
            return endings.failed(first_line(message))
        finally:
            close_old_connections()
        return endings.succeeded(text)


class _Stopped(Exception):
    """The task was told to stop before its transaction was committed."""


def _execute(connection: Any, run: Run, stop: Stop) -> Any:
    """Execute the code and return the last statement's rows, or how many it changed, as values for JSON."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            known = texts(run.context(stop))
            settings = [word for name, text in known.items() for word in (f"pgprocess.{name.lower()}", text)]
            cursor.execute(f"SELECT {', '.join(['set_config(%s, %s, true)'] * len(known))}", settings)
            cursor.execute(run.version.code)
            while cursor.nextset():
                pass
        else:
            for statement in connection.ops.prepare_sql_script(run.version.code):
                cursor.execute(statement)
        if cursor.description is None:
            return {"rows": cursor.rowcount} if cursor.rowcount >= 0 else None
        names = [column[0] for column in cursor.description]
        loads = [json.loads if column[1] == JSONB else _unchanged for column in cursor.description]
        rows = [
            {name: _loaded(value, load) for name, value, load in zip(names, row, loads, strict=True)}
            for row in cursor.fetchall()
        ]
    return json.loads(json.dumps(rows, default=_json_text))


def _unchanged(value: Any) -> Any:
    return value


def _loaded(value: Any, load: Any) -> Any:
    return load(value) if isinstance(value, str) else value


def _json_text(value: Any) -> str:
    """Return text for what JSON does not have: ISO 8601 for dates and times, hex for bytes, exact numbers."""
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    return str(value)


@contextmanager
def _forward_notices(connection: Any, output: Output) -> Iterator[None]:
    """Write what the statements RAISE into the task's output, within the ``with`` block and on Postgres only."""
    if connection.vendor != "postgresql":
        yield
        return

    def write_notice(notice: Any) -> None:
        output.write("stderr", f"{notice.severity}:  {notice.message_primary}\n".encode("utf-8", "replace"))

    connection.connection.add_notice_handler(write_notice)
    try:
        yield
    finally:
        if connection.connection:
            connection.connection.remove_notice_handler(write_notice)
