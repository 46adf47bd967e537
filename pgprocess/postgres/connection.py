"""From aliases in DATABASES to a connection of our own, and the statements of ``sql/queries`` sent over it.

Autocommit, so that every statement is its own short transaction and no task ever runs inside one of ours. A dead
network is noticed within half a minute, also in the middle of a statement.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import RowFactory, scalar_row, tuple_row

from pgprocess.sql import query

DatabaseTrouble = psycopg.Error
"""What a statement raises: the connection is gone, or the database can't do now what it should."""

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
"""For claims and completions: some rows, each through an index, and planned once. Fits no other statement."""


@dataclass(frozen=True, slots=True)
class Database:
    """How a worker or a cron reaches the database of the queue, as aliases in DATABASES.

    ``listen_alias``: the alias to LISTEN on, where ``alias`` leads to a pooler. Without ``listen`` nobody listens, and
    everybody polls.
    """

    alias: str
    listen_alias: str = ""
    listen: bool = True

    @property
    def listens_on(self) -> str:
        """The alias to LISTEN on; empty where nobody listens."""
        return (self.listen_alias or self.alias) if self.listen else ""

    @property
    def direct(self) -> Database:
        """The same database past the pooler, where an alias leads there: for what must not wait for tasks' sessions."""
        return Database(self.listen_alias) if self.listen and self.listen_alias else self

    @property
    def pooled(self) -> bool:
        """Whether ``alias`` leads to a pooler that hands out connections by the transaction."""
        return self.listens_on != self.alias


def is_passing(error: Exception) -> bool:
    """Return whether the statement is not to blame, but a lock or the state of the server, which passes.

    What exceeds a limit of Postgres itself (class 54), such as a text of a gigabyte, does not.
    """
    return isinstance(error, psycopg.OperationalError) and not (error.sqlstate or "").startswith("54")


def connect(alias: str, name: str) -> psycopg.Connection[tuple[Any, ...]]:
    """Return a new connection to the alias's database, in autocommit; ``name`` is what pg_stat_activity shows."""
    from django.db import connections

    params = dict(connections[alias].get_connection_params())
    params.pop("cursor_factory", None)
    params.pop("context", None)
    return psycopg.connect(**{**WATCHED, **params, "autocommit": True, "application_name": name})


def _role(alias: str) -> dict[str, str]:
    """Return the setting that takes the role which OPTIONS of the alias names, as Django's own connections do."""
    from django.db import connections

    role = connections[alias].settings_dict.get("OPTIONS", {}).get("assume_role")
    return {"role": role} if role else {}


class Connection:
    """A connection for one thread. Every method raises :data:`DatabaseTrouble`.

    ``settings`` hold for every statement, and each statement is ``prepared`` when it is first sent. Behind a pooler
    settings are sent anew within each transaction, for there is no session to keep them, and nothing is prepared.
    """

    def __init__(
        self,
        database: Database,
        *,
        name: str = "pgprocess",
        settings: Mapping[str, str] = INDEXES_ONLY,
        prepared: bool = False,
    ) -> None:
        self.connection = connect(database.alias, name)
        self.pooled = database.pooled
        settings = {"TimeZone": "UTC", **settings, **_role(database.alias)}  # whatever the server and the role say
        self._settings = [word for pair in settings.items() for word in pair]
        self.connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED  # within BEGIN, whatever is the default
        self.connection.prepare_threshold = 0 if prepared and not self.pooled else None
        if not self.pooled:
            self._settings += ["default_transaction_isolation", "read committed"]
            self._set(local=False)

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    @property
    def is_lost(self) -> bool:
        """Whether the connection is of no use any more: the last error was not its statement's alone."""
        return self.connection.closed

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make the statements of the block one transaction."""
        with self.connection.transaction():
            if self.pooled:
                self._set(local=True)
            yield

    def rows(
        self, name: str, params: Mapping[str, Any] | None = None, *, row: RowFactory[Any] = tuple_row
    ) -> list[Any]:
        """Return the rows that ``queries/NAME.sql`` gives."""
        if self.pooled and self.connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE:
            with self.transaction():
                return self._fetch(name, params, row)
        return self._fetch(name, params, row)

    def row(self, name: str, params: Mapping[str, Any] | None = None) -> tuple[Any, ...]:
        """Return the first of the rows; the statement gives at least one."""
        return self.rows(name, params)[0]  # type: ignore[no-any-return]

    def value(self, name: str, params: Mapping[str, Any] | None = None) -> Any:
        """Return the first column of the first row; None without a row."""
        values = self.rows(name, params, row=scalar_row)
        return values[0] if values else None

    def execute(
        self, name: str, params: Mapping[str, Any] | None, row: RowFactory[Any] = tuple_row
    ) -> psycopg.Cursor[Any]:
        """Send ``queries/NAME.sql``; within a pipeline the cursor has its rows only after it."""
        return self.connection.cursor(row_factory=row).execute(query(name), params)

    def _fetch(self, name: str, params: Mapping[str, Any] | None, row: RowFactory[Any]) -> list[Any]:
        with self.execute(name, params, row) as cursor:
            return cursor.fetchall() if cursor.description else []

    def _set(self, *, local: bool) -> None:
        if self._settings:
            calls = ", ".join([f"set_config(%s, %s, {str(local).lower()})"] * (len(self._settings) // 2))
            self.connection.execute(f"SELECT {calls}", self._settings)
