"""One statement on Postgres: sent alone, its answer read in batches, so that a large one costs no memory.

psycopg's own cursors either read an answer whole, or can't tell what a statement without rows did.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import psycopg
from psycopg import generators
from psycopg.adapt import Transformer
from psycopg.pq import ExecStatus, TransactionStatus

from pgprocess.runners.sql_statements import Statement

BATCH = 100
"""Rows that are read at once, where libpq (17 or newer) can read more than one."""
JSONB = 3802
"""The oid of jsonb, which Django leaves as text."""

ENDS_TRANSACTION = "2D000"
_NO_COPY = (
    "COPY cannot be used with this method: a task has neither input nor output for rows. "
    "Write INSERT or SELECT, or COPY a file of the server."
)
_HAVE_ROWS = {ExecStatus.SINGLE_TUPLE, ExecStatus.TUPLES_OK, ExecStatus.TUPLES_CHUNK}
_COPIES = {ExecStatus.COPY_IN, ExecStatus.COPY_OUT, ExecStatus.COPY_BOTH}
_QUOTED = re.compile(r"^LINE (?P<number>\d+):(?P<text>[^\n]*\n)(?P<mark> *\^)", re.MULTILINE)


class Answer:
    """The answer to one statement that is sent over ``driver``: to be read once, by iterating over its batches.

    A batch is a list of rows, each a dict. ``has_rows``, whether the statement gives rows, and ``changed``, the number
    of rows that it changed or None, are known once everything is read.
    """

    def __init__(self, driver: psycopg.Connection[Any], statement: Statement) -> None:
        self.has_rows = False
        self.changed: int | None = None
        self._driver = driver
        self._statement = statement

    def __iter__(self) -> Iterator[list[dict[str, Any]]]:
        """Send the statement and yield its rows. Raises :class:`psycopg.Error`.

        Who does not read the answer to its end loses the connection.
        """
        driver, line = self._driver, self._driver.pgconn
        with driver.lock:
            line.send_query_params(self._statement.text.encode(driver.info.encoding), None)
            if psycopg.capabilities.has_stream_chunked():
                line.set_chunked_rows_mode(BATCH)
            else:
                line.set_single_row_mode()
            try:
                driver.wait(generators.send(line))
                while part := driver.wait(generators.fetch(line)):
                    if rows := self._rows(part):
                        yield rows
            finally:
                if line.transaction_status == TransactionStatus.ACTIVE:
                    # Nobody reads the rest. A cancel might arrive late, and hit the statement after this one.
                    driver.close()

    def _rows(self, part: Any) -> list[dict[str, Any]]:
        """Return the rows of a part of the answer. Raises :class:`psycopg.Error` if the part is an error."""
        if part.status in _HAVE_ROWS:
            self.has_rows = True
            return _load(self._driver, part) if part.ntuples else []
        if part.status == ExecStatus.COMMAND_OK:
            self.changed = part.command_tuples
        elif part.status in _COPIES:
            self._driver.close()  # Postgres waits for rows, and nothing else ends that on all versions
            raise psycopg.ProgrammingError(_NO_COPY)
        elif part.status != ExecStatus.EMPTY_QUERY:
            error = self._error(part)
            while self._driver.wait(generators.fetch(self._driver.pgconn)):
                pass
            raise error
        return []

    def _error(self, part: Any) -> psycopg.Error:
        """Return the error with the lines of the whole script."""
        error = psycopg.errors.error_from_result(part, encoding=self._driver.info.encoding)
        message = _QUOTED.sub(lambda found: _in_script(found, self._statement.line - 1), str(error), count=1)
        if error.sqlstate == ENDS_TRANSACTION:
            first, *more = message.split("\n")
            message = "\n".join([f"{first}: a SQL task is one transaction, which ends with it", *more])
        error.args = (message,)
        return error


def _in_script(found: re.Match[str], above: int) -> str:
    """Return the line that an error quotes with its number in the script; the mark below it stays in its place."""
    number = str(int(found["number"]) + above)
    return f"LINE {number}:{found['text']}{' ' * (len(number) - len(found['number']))}{found['mark']}"


def _load(driver: psycopg.Connection[Any], part: Any) -> list[dict[str, Any]]:
    encoding = driver.info.encoding
    names = [(part.fname(place) or b"").decode(encoding) for place in range(part.nfields)]
    loads = [_load_json if part.ftype(place) == JSONB else _unchanged for place in range(part.nfields)]
    transformer = Transformer(driver)
    transformer.set_pgresult(part)
    return transformer.load_rows(0, part.ntuples, lambda values: _row(names, loads, values))


def _row(names: list[str], loads: Sequence[Callable[[Any], Any]], values: Any) -> dict[str, Any]:
    return {name: load(value) for name, load, value in zip(names, loads, values, strict=True)}


def _load_json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _unchanged(value: Any) -> Any:
    return value
