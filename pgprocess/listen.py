"""A connection that only listens: it turns NOTIFY into calls, and silence into nothing.

A NOTIFY is a hint that may get lost, so whoever listens also polls. The connection is a session of its own, and so
a worker's sign of life too: it holds a lock that Postgres frees the moment the worker's process is gone.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import psycopg

from pgprocess.connect import connect
from pgprocess.sql import query

logger = logging.getLogger("pgprocess")

WORK = "pgprocess"
CANCEL = "pgprocess_cancel"
CRON = "pgprocess_cron"

VERIFY_EVERY = 30.0
"""Seconds between two looks whether the connection still listens, and lives."""


class Listener(threading.Thread):
    """A thread that calls ``heard(channel, payload)`` for every notification until it is stopped.

    It calls ``heard(channel, "")`` for each channel when it begins to listen, after a lost connection too:
    what was said meanwhile is unknown. ``worker``: whose life this session stands for, if anybody's.
    """

    def __init__(
        self, alias: str, channels: Sequence[str], heard: Callable[[str, str], object], *, worker: int | None = None
    ) -> None:
        super().__init__(name="pgprocess-listen", daemon=True)
        self.alias = alias
        self.channels = channels
        self.heard = heard
        self.worker = worker
        self.stopping = threading.Event()

    def run(self) -> None:
        """Listen, and begin again when the connection is lost."""
        while not self.stopping.is_set():
            try:
                self._listen()
            except psycopg.Error as error:
                logger.warning("Listening was cut off (%s); workers poll until it is back.", str(error).strip())
                self.stopping.wait(1.0)

    def _listen(self) -> None:
        with connect(self.alias, "pgprocess listen") as connection:
            for channel in self.channels:
                connection.execute(f"LISTEN {channel}")
            holds = self._hold(connection)
            for channel in self.channels:
                self.heard(channel, "")
            verified_at = time.monotonic()
            while not self.stopping.is_set():
                for notification in connection.notifies(timeout=1.0):
                    self.heard(notification.channel, notification.payload)
                holds = holds or self._hold(connection)
                if time.monotonic() - verified_at > VERIFY_EVERY:
                    self._verify(connection)
                    verified_at = time.monotonic()

    def _hold(self, connection: psycopg.Connection[Any]) -> bool:
        """Whether nothing is left to do for the lock that our worker's life hangs on."""
        if self.worker is None:
            return True
        return connection.execute(query("hold"), {"worker": self.worker}).fetchone() is not None

    def _verify(self, connection: psycopg.Connection[Any]) -> None:
        """Raises where the session does not listen any more, as behind a pooler that gives us another one."""
        listening = {row[0] for row in connection.execute("SELECT pg_listening_channels()")}
        if not listening >= set(self.channels):
            raise psycopg.OperationalError(
                "the session was exchanged: behind a pooler in transaction mode use --no-listen, "
                'or name a direct alias in PGPROCESS["LISTEN_DATABASE"]'
            )

    def stop(self) -> None:
        """It ends within a second."""
        self.stopping.set()
