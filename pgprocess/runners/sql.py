"""Kind sql: the statements in ``code``, in one transaction on the database whose alias is in ``target``.

On Postgres the statements find the facts of their run in settings of that transaction:
``current_setting('pgprocess.params')::jsonb``, and likewise job_id, jobtask_id, task, attempt, logical_date, parents,
map_index and item, each text. The rows of the last statement are the result, as a list of objects; a statement without
rows gives the number of rows that it changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, time
from typing import Any

from django.db import Error, close_old_connections, connections, transaction
from django.utils.connection import ConnectionDoesNotExist
from psycopg.pq import TransactionStatus

from pgprocess.attempt import Outcome
from pgprocess.context import texts
from pgprocess.exceptions import PgprocessError, ResultError
from pgprocess.logs.capture import Output
from pgprocess.runners import endings, result, sql_statements
from pgprocess.runners.base import Run, Runner, Stop
from pgprocess.runners.sql_answer import BATCH, Answer
from pgprocess.runners.sql_statements import Statement
from pgprocess.runners.statement_cancel import StatementCancel
from pgprocess.runners.thread_connections import ThreadConnections
from pgprocess.text import first_line


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

        Returns the outcome. Raises :class:`PgprocessError` for code that can't be such a transaction, and for a
        database that is not configured.
        """
        if not run.version.code.strip():
            raise PgprocessError(f"Task {run.task!r} has no code: write its SQL.")
        alias = run.version.target.strip() or self._alias
        try:
            connection = connections[alias]
        except ConnectionDoesNotExist:
            raise PgprocessError(f"Task {run.task!r} runs on {alias!r}, which DATABASES does not have.") from None
        close_old_connections()
        found = ThreadConnections()
        try:
            return endings.succeeded(self._execute(connection, run, output, stop))
        except (_Stopped, ResultError) as error:
            return endings.failed(str(error))
        except Error as error:
            message = str(error).strip() or endings.describe(error)
            output.write("stderr", f"{message}\n".encode("utf-8", "backslashreplace"))
            return endings.failed(first_line(message))
        finally:
            found.put_back()

    def _execute(self, connection: Any, run: Run, output: Output, stop: Stop) -> str | None:
        """Execute the code in a transaction and commit it; return the result."""
        rows = result.Rows(task=run.task, limit=self._result_limit, default=_json_text)
        with transaction.atomic(using=connection.alias):
            with _forward_notices(connection, output), StatementCancel(connection, stop, grace=self._grace):
                on = _execute_on_postgres if connection.vendor == "postgresql" else _execute_elsewhere
                text = on(connection, run, stop, rows)
            stop.close()
            if stop.reason:
                raise _Stopped
        return text


class _Stopped(Exception):
    """The task was told to stop before its transaction was committed."""


def _execute_on_postgres(connection: Any, run: Run, stop: Stop, rows: result.Rows) -> str | None:
    """Execute the code statement by statement, for the server takes only one at a time; return the last answer."""
    facts = texts(run.context(stop))
    settings = [word for name, text in facts.items() for word in (f"pgprocess.{name.lower()}", text)]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(['set_config(%s, %s, true)'] * len(facts))}", settings)
    driver, answer = connection.connection, None
    plain = driver.info.parameter_status("standard_conforming_strings") != "off"
    statements = _checked(run, sql_statements.split(run.version.code, backslashes=not plain))
    for statement in statements:
        if stop.reason:  # a cancel between two statements hits none
            raise _Stopped
        answer = Answer(driver, statement)
        with connection.wrap_database_errors:
            for batch in answer:
                if statement is statements[-1]:
                    rows.add(batch)
        if driver.info.transaction_status != TransactionStatus.INTRANS:
            raise _end_refused(run, statement)
    if answer is None:
        return None
    return rows.text() if answer.has_rows else _changed(answer.changed)


def _execute_elsewhere(connection: Any, run: Run, stop: Stop, rows: result.Rows) -> str | None:
    """Execute the code on another database than Postgres; return the last answer."""
    statements = connection.ops.prepare_sql_script(run.version.code.removeprefix(sql_statements.BOM))
    for statement in statements:
        _checked(run, sql_statements.split(statement))
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        if cursor.description is None:
            return _changed(cursor.rowcount if cursor.rowcount >= 0 else None)
        names = [column[0] for column in cursor.description]
        while batch := cursor.fetchmany(BATCH):
            rows.add([dict(zip(names, row, strict=True)) for row in batch])
    return rows.text()


def _checked(run: Run, statements: Sequence[Statement]) -> Sequence[Statement]:
    """Return the statements. Raises :class:`PgprocessError` if one of them would end the task's transaction."""
    for statement in statements:
        if statement.ends_transaction:
            raise _end_refused(run, statement)
    return statements


def _end_refused(run: Run, statement: Statement) -> PgprocessError:
    words = " ".join(statement.words).upper()
    return PgprocessError(
        f"Task {run.task!r} is one transaction, which begins and ends with it: "
        f"remove {words} in line {statement.words_line}; savepoints are allowed."
    )


def _changed(rows: int | None) -> str | None:
    return None if rows is None else json.dumps({"rows": rows})


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
