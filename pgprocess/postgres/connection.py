"""From an alias in DATABASES to a connection of our own, and the sentences of ``sql/queries`` said on it.

Autocommit, so that every statement is its own short transaction and no task ever runs inside one of ours. A
dead network is noticed within half a minute, also in the middle of a statement.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.rows import RowFactory, scalar_row, tuple_row

from pgprocess.sql import query

WATCHED = {
    "connect_timeout": 10,
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}
"""What libpq is told, where OPTIONS in DATABASES does not say otherwise; seconds, the last in milliseconds."""

INDEXES_ONLY = {"enable_seqscan": "off", "jit": "off"}
"""For small statements over indexes, on tables whose statistics lag behind: never scan a table for them."""

ROW_BY_ROW = INDEXES_ONLY | {
    "plan_cache_mode": "force_generic_plan",
    "enable_bitmapscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}
"""For claims and completions: some rows, each through an index, and planned once. Nothing else is to be asked so."""


def connect(alias: str, name: str) -> psycopg.Connection[tuple[Any, ...]]:
    """A new connection to the alias's database, in autocommit; ``name`` is what pg_stat_activity shows."""
    from django.db import connections

    params = dict(connections[alias].get_connection_params())
    params.pop("cursor_factory", None)
    params.pop("context", None)
    return psycopg.connect(**{**WATCHED, **params, "autocommit": True, "application_name": name})


class Connected:
    """A connection for one thread. Every method raises :class:`psycopg.Error` when it is lost.

    ``settings`` hold for every statement, and all are ``prepared`` when they are first said. Behind a pooler that hands
    out connections by the transaction (``pooled``), settings are said anew within each, for there is no session to keep
    them, and nothing is prepared.
    """

    def __init__(
        self,
        alias: str,
        *,
        name: str = "pgprocess",
        settings: Mapping[str, str] = INDEXES_ONLY,
        prepared: bool = False,
        pooled: bool = False,
    ) -> None:
        self.connection = connect(alias, name)
        self._settings = [word for pair in settings.items() for word in pair]
        self._pooled = pooled
        self.connection.prepare_threshold = 0 if prepared and not pooled else None
        if not pooled:
            self._set(local=False)

    def close(self) -> None:
        """The connection is gone."""
        self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Within, sentences hold together."""
        with self.connection.transaction():
            if self._pooled:
                self._set(local=True)
            yield

    def rows(
        self, name: str, params: Mapping[str, Any] | None = None, *, row: RowFactory[Any] = tuple_row
    ) -> list[Any]:
        """The rows that ``queries/NAME.sql`` gives."""
        if self._pooled and self.connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE:
            with self.transaction():
                return self._say(name, params, row)
        return self._say(name, params, row)

    def row(self, name: str, params: Mapping[str, Any] | None = None) -> tuple[Any, ...]:
        """The first of its rows, which there is."""
        return self.rows(name, params)[0]  # type: ignore[no-any-return]

    def value(self, name: str, params: Mapping[str, Any] | None = None) -> Any:
        """The first column of its first row; None without one."""
        values = self.rows(name, params, row=scalar_row)
        return values[0] if values else None

    def _say(self, name: str, params: Mapping[str, Any] | None, row: RowFactory[Any]) -> list[Any]:
        with self._ask(name, params, row) as cursor:
            return cursor.fetchall() if cursor.description else []

    def _ask(
        self, name: str, params: Mapping[str, Any] | None, row: RowFactory[Any] = tuple_row
    ) -> psycopg.Cursor[Any]:
        return self.connection.cursor(row_factory=row).execute(query(name), params)

    def _set(self, *, local: bool) -> None:
        if self._settings:
            calls = ", ".join([f"set_config(%s, %s, {str(local).lower()})"] * (len(self._settings) // 2))
            self.connection.execute(f"SELECT {calls}", self._settings)
