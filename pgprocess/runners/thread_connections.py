"""Django's connections of the thread that a task runs in: after the task each is as it was, or is thrown away.

A session lives longer than a task where ``CONN_MAX_AGE`` or a pool says so. Settings, a role, temporary tables, locks,
LISTENs and prepared statements would reach the next task in it. ``DISCARD ALL`` ends them all; what Django and the
project set on a new session (time zone, role, ``connection_created``) is set again. What can't be put back for certain
is closed: a transaction left open, autocommit switched off, a driver that was changed, a connection of another vendor.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

import psycopg
from django.db import connections
from django.db.backends.signals import connection_created
from psycopg.pq import TransactionStatus
from psycopg.rows import scalar_row

from pgprocess.exceptions import PgprocessError
from pgprocess.runners.statement_cancel import cut_line

_created: WeakKeyDictionary[Any, tuple[Any, ...]] = WeakKeyDictionary()
"""The state of a driver's connection when Django had just made it."""
_wrappers: WeakSet[Any] = WeakSet()
"""Django's connections that were ever opened, of all threads; there is no other list of them."""

_ATTRIBUTES = (
    *("autocommit", "isolation_level", "read_only", "deferrable", "row_factory", "cursor_factory"),
    *("server_cursor_factory", "prepare_threshold", "prepared_max"),
)


class ThreadConnections:
    """The connections of this thread, as a task finds them. Those within a transaction are their opener's affair."""

    def __init__(self) -> None:
        self._thread = threading.get_ident()
        self._not_ours = set()
        for connection in _all():
            if connection.in_atomic_block:
                self._not_ours.add(connection.alias)
            else:
                connection.close_if_unusable_or_obsolete()

    def cut(self) -> None:
        """Cut the lines of the connections of a task that is abandoned. Thread: another one."""
        cut_connections(self._thread, but=self._not_ours)

    def put_back(self) -> list[str]:
        """Put back or throw away every connection; return the aliases on which uncommitted writes are lost."""
        return put_back(connection for connection in _all() if connection.alias not in self._not_ours)


def cut_connections(thread: int | None, *, but: Collection[str] = ()) -> None:
    """Cut the lines of a thread's connections, so that the server undoes what was begun there, and frees its locks.

    ``but``: aliases to leave alone. Thread: another one.
    """
    for connection in list(_wrappers):
        if connection._thread_ident == thread and connection.alias not in but:  # noqa: SLF001  there is no other way
            cut_line(connection.connection)


def close_all() -> list[str]:
    """Close every connection of this thread; return the aliases on which uncommitted writes are lost."""
    lost = put_back(_all())
    connections.close_all()
    return lost


def put_back(used: Iterable[Any]) -> list[str]:
    """Put back or throw away the connections; return the aliases on which writes that nobody committed are lost."""
    lost = []
    for connection in used:
        if _has_unsaved_writes(connection):
            lost.append(connection.alias)
        try:
            _put_back(connection)
        except Exception:  # noqa: BLE001  whatever it is: this connection is of no use any more
            _throw_away(connection)
    return lost


class TidyThreads(ThreadPoolExecutor):
    """Threads for calls, each of which leaves no connection behind in its thread."""

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call the function in a thread."""
        return super().submit(_call_tidily, partial(function, *args, **kwargs))


def _call_tidily(call: Callable[[], Any]) -> Any:
    try:
        return call()
    finally:
        close_all()


def refuse_lost(aliases: list[str]) -> None:
    """Raise :class:`PgprocessError` if there is an alias on which writes were lost: such a task has not succeeded."""
    if aliases:
        raise PgprocessError(
            f"It left a transaction open on {', '.join(map(repr, aliases))}, so what it wrote there was undone: "
            "end every atomic() that it begins, and commit where autocommit is off."
        )


def _all() -> list[Any]:
    made: Any = connections._connections  # type: ignore[attr-defined]  # noqa: SLF001  all() looks for each twice
    return [connection for alias in connections if (connection := getattr(made, alias, None))]


def _put_back(connection: Any) -> None:
    """Make the connection fit for the next task, or throw it away. Raises whatever goes wrong meanwhile."""
    if _is_in_disorder(connection):
        _throw_away(connection)
    elif connection.connection is None:
        return
    elif not _outlives_task(connection):
        connection.close()
    elif connection.vendor != "postgresql" or _driver_state(connection) != _created.get(connection.connection):
        _throw_away(connection)
    else:
        _discard_session(connection)
        connection.close_if_unusable_or_obsolete()
        if connection.settings_dict["OPTIONS"].get("pool"):
            connection.close()  # into the pool


def _is_in_disorder(connection: Any) -> bool:
    """Return whether Django's own view of the connection differs from that of a new one."""
    if connection.in_atomic_block or connection.execute_wrappers or connection.run_on_commit:
        return True
    if connection.connection is None:
        return bool(connection.closed_in_transaction or connection.needs_rollback)
    return bool(connection.get_autocommit() != connection.settings_dict["AUTOCOMMIT"])


def _outlives_task(connection: Any) -> bool:
    return connection.settings_dict["CONN_MAX_AGE"] != 0 or bool(connection.settings_dict["OPTIONS"].get("pool"))


def _discard_session(connection: Any) -> None:
    """End everything that the session has, and set up again what Django and the project set up in a new one."""
    driver = connection.connection
    with connection.wrap_database_errors:
        driver.execute("DISCARD ALL")
    if connection.settings_dict["OPTIONS"].get("pool"):
        connection._configure_connection(driver)  # noqa: SLF001  as the pool does; there is no other name
    else:
        connection.init_connection_state()
        connection_created.send(sender=type(connection), connection=connection)


def _throw_away(connection: Any) -> None:
    """Close the session, and let Django make a new connection for the alias when it is next asked for."""
    with suppress(Exception):
        if driver := connection.connection:
            driver.close()  # first: a pool takes back what is open
    with suppress(Exception):
        connection.close()
    with suppress(AttributeError):
        del connections[connection.alias]


def _has_unsaved_writes(connection: Any) -> bool:
    """Return whether an open transaction, which nobody will commit, has written something."""
    driver = connection.connection
    if driver is None or connection.vendor != "postgresql" or driver.closed:
        return False
    if driver.info.transaction_status != TransactionStatus.INTRANS:
        return False
    with suppress(psycopg.Error), psycopg.Cursor(driver, row_factory=scalar_row) as cursor:
        return bool(cursor.execute("SELECT pg_current_xact_id_if_assigned() IS NOT NULL").fetchone())
    return False


def _driver_state(connection: Any) -> tuple[Any, ...]:
    """Return what code can change of psycopg's connection, beside the session."""
    driver = connection.connection
    handlers = (len(getattr(driver, name, ())) for name in ("_notice_handlers", "_notify_handlers"))
    return (*(getattr(driver, name, None) for name in _ATTRIBUTES), *handlers)


def _remember(connection: Any, **_: Any) -> None:
    _wrappers.add(connection)
    if connection.vendor == "postgresql" and connection.connection is not None:
        with suppress(TypeError):
            _created[connection.connection] = _driver_state(connection)


connection_created.connect(_remember, dispatch_uid="pgprocess.thread_connections")
