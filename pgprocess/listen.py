"""A connection that only listens: it turns NOTIFY into calls, and silence into nothing.

A NOTIFY is a hint that may get lost, so whoever listens also polls.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

import psycopg

logger = logging.getLogger("pgprocess")

WORK = "pgprocess"
CANCEL = "pgprocess_cancel"
CRON = "pgprocess_cron"


class Listener(threading.Thread):
    """A thread that calls ``heard(channel, payload)`` for every notification until it is stopped.

    It calls ``heard(channel, "")`` for each channel when it begins to listen, after a lost connection too:
    what was said meanwhile is unknown.
    """

    def __init__(self, alias: str, channels: Sequence[str], heard: Callable[[str, str], None]) -> None:
        super().__init__(name="pgprocess-listen", daemon=True)
        self.alias = alias
        self.channels = channels
        self.heard = heard
        self.stopping = threading.Event()

    def run(self) -> None:
        """Listen, and begin again when the connection is lost."""
        while not self.stopping.is_set():
            try:
                self._listen()
            except psycopg.OperationalError as error:
                logger.warning("Listening was cut off (%s); workers poll until it is back.", str(error).strip())
                self.stopping.wait(1.0)

    def _listen(self) -> None:
        with self._connect() as connection:
            for channel in self.channels:
                connection.execute(f"LISTEN {channel}")
            for channel in self.channels:
                self.heard(channel, "")
            while not self.stopping.is_set():
                for notification in connection.notifies(timeout=1.0):
                    self.heard(notification.channel, notification.payload)

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        from django.db import connections

        params = dict(connections[self.alias].get_connection_params())
        params.pop("cursor_factory", None)
        params.pop("context", None)
        return psycopg.connect(**{**params, "autocommit": True, "application_name": "pgprocess listen"})

    def stop(self) -> None:
        """It ends within a second."""
        self.stopping.set()
