"""A connection that only listens: it turns NOTIFY into calls, and silence into nothing.

A NOTIFY is a hint that may get lost, so whoever listens also polls. The connection is a session of its own, and so a
sign of a worker's life too: it holds a lock that Postgres frees the moment the worker's process is gone.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import psycopg

from pgprocess.postgres.connection import DatabaseTrouble, connect
from pgprocess.sql import query
from pgprocess.text import first_line

logger = logging.getLogger("pgprocess")

WORK = "pgprocess"
CANCEL = "pgprocess_cancel"
CRON = "pgprocess_cron"

VERIFY_EVERY = 30.0
"""Seconds between two looks whether the connection still listens, and lives."""


class Listener(threading.Thread):
    """A thread that calls ``on_notify(channel, payload)`` for every notification until it is stopped.

    It calls ``on_notify(channel, "")`` for each channel when it begins to listen, after a lost connection too: what
    was said meanwhile is unknown. ``hold(channel)``: for how many seconds a notification is kept back; what comes again
    meanwhile is passed on once. ``worker``: the worker whose life this session stands for, if any.
    """

    def __init__(
        self,
        alias: str,
        channels: Sequence[str],
        on_notify: Callable[[str, str], object],
        *,
        hold: Callable[[str], float] = lambda channel: 0.0,
        worker: int | None = None,
    ) -> None:
        super().__init__(name="pgprocess-listen", daemon=True)
        self.alias = alias
        self.channels = channels
        self.on_notify = on_notify
        self.hold = hold
        self.held: dict[tuple[str, str], float] = {}
        """What is kept back, and until when (of :func:`time.monotonic`)."""
        self.worker = worker
        self.stopping = threading.Event()

    def run(self) -> None:
        """Listen, and begin again when the connection is lost."""
        while not self.stopping.is_set():
            try:
                self._listen()
            except DatabaseTrouble as error:
                logger.warning("Listening was cut off (%s); workers poll until it is back.", first_line(error))
                self.stopping.wait(1.0)
            except Exception:
                logger.exception("Listening failed; it begins again.")
                self.stopping.wait(1.0)

    def _listen(self) -> None:
        with connect(self.alias, "pgprocess listen") as connection:
            for channel in self.channels:
                connection.execute(f"LISTEN {channel}")
            owns = self._hold_lock(connection)
            for channel in self.channels:
                self.on_notify(channel, "")
            verified_at = time.monotonic()
            while not self.stopping.is_set():
                wait = min(self.held.values(), default=float("inf")) - time.monotonic()
                for notification in connection.notifies(timeout=max(0.0, min(1.0, wait)), stop_after=1):
                    self._pass_on(notification.channel, notification.payload)
                self._pass_on_held()
                owns = owns or self._hold_lock(connection)
                if time.monotonic() - verified_at > VERIFY_EVERY:
                    self._verify(connection)
                    verified_at = time.monotonic()

    def _pass_on(self, channel: str, payload: str) -> None:
        """Pass a notification on at once, or keep it back."""
        notification = (channel, payload)
        if seconds := self.hold(channel):
            self.held[notification] = min(self.held.get(notification, float("inf")), time.monotonic() + seconds)
        else:
            self.held.pop(notification, None)
            self.on_notify(*notification)

    def _pass_on_held(self) -> None:
        """Pass on what was kept back long enough."""
        now = time.monotonic()
        for notification in [notification for notification, until in self.held.items() if until <= now]:
            del self.held[notification]
            self.on_notify(*notification)

    def _hold_lock(self, connection: psycopg.Connection[Any]) -> bool:
        """Take the lock that the worker's life hangs on; tell whether it is held, or none is needed."""
        if self.worker is None:
            return True
        return connection.execute(query("queue/hold_session_lock"), {"worker": self.worker}).fetchone() is not None

    def _verify(self, connection: psycopg.Connection[Any]) -> None:
        """Raise where the session does not listen any more, as behind a pooler that gives us another one."""
        listening = {row[0] for row in connection.execute("SELECT pg_listening_channels()")}
        if not listening >= set(self.channels):
            raise psycopg.OperationalError(
                "the session was exchanged: behind a pooler in transaction mode use --no-listen, "
                'or name a direct alias in PGPROCESS["LISTEN_DATABASE"]'
            )

    def stop(self) -> None:
        """End the thread within a second."""
        self.stopping.set()
