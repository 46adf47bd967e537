"""Stopping a statement that a database executes, from another thread."""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Any

from pgprocess.runners.base import Stop

CANCEL_EVERY = 0.5
"""Seconds: a cancel that arrives between two statements is lost."""


class StatementCancel:
    """Within, a requested ``stop`` cancels whatever statement runs on the connection, again and again.

    A server that does not answer to it is cut off after ``grace`` seconds, and rolls back. Drivers that can't
    cancel let the statement end.
    """

    def __init__(self, connection: Any, stop: Stop, *, grace: float) -> None:
        driver = connection.connection
        self._driver = driver
        self._cancel = getattr(driver, "cancel", None) or getattr(driver, "interrupt", None)
        self._stop = stop
        self._grace = grace
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> None:
        self._stop.requested.then(self._start_cancelling)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with self._lock:
            self._over.set()
            thread = self._thread
        if thread:  # a cancel on its way must not meet whatever comes next
            thread.join()

    def _start_cancelling(self) -> None:
        with self._lock:
            if self._cancel and not self._over.is_set():
                self._thread = threading.Thread(target=self._cancel_until_over, name="pgprocess-cancel", daemon=True)
                self._thread.start()

    def _cancel_until_over(self) -> None:
        deadline = time.monotonic() + self._grace
        while not self._over.is_set():
            if time.monotonic() > deadline:
                self._shut_down_socket()
                return
            cancel = threading.Thread(target=self._send_cancel, name="pgprocess-cancel", daemon=True)
            cancel.start()  # which has no end where the network has none
            cancel.join(CANCEL_EVERY)
            self._over.wait(CANCEL_EVERY)

    def _send_cancel(self) -> None:
        with suppress(Exception):  # a connection that is gone needs no cancel
            self._cancel()  # type: ignore[misc]

    def _shut_down_socket(self) -> None:
        """Whoever waits for the server meets the end of the connection."""
        with suppress(Exception), socket.socket(fileno=os.dup(self._driver.fileno())) as line:
            line.shutdown(socket.SHUT_RDWR)
