"""Cancel a statement that a database executes, from another thread; the SQL runner stops its tasks with it."""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Any

from pgprocess.runners.base import Stop

CANCEL_EVERY = 0.1
"""Seconds after which a cancel is repeated: one that arrives between two statements is lost."""


class StatementCancel:
    """While the ``with`` block runs, a requested ``stop`` cancels every statement on the connection, again and again.

    If the server does not react within ``grace`` seconds, the connection is cut, and the server rolls back. With a
    driver that can't cancel, the statement runs to its end. Thread: cancels are sent from threads of their own.
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
        if thread:  # a cancel on its way must not hit the next statement
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
                cut_line(self._driver)
                return
            cancel = threading.Thread(target=self._send_cancel, name="pgprocess-cancel", daemon=True)
            cancel.start()  # its own thread, since a cancel may hang as long as the network does
            cancel.join(CANCEL_EVERY)
            self._over.wait(CANCEL_EVERY)

    def _send_cancel(self) -> None:
        with suppress(Exception):  # a connection that is gone needs no cancel
            self._cancel()  # type: ignore[misc]


def cut_line(driver: Any) -> None:
    """Cut a driver's connection, so that the thread that waits for the server gets an error, and the server rolls back.

    Thread: any.
    """
    with suppress(Exception), socket.socket(fileno=os.dup(driver.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)
