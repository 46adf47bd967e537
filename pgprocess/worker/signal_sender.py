"""Django signals on their way to their receivers: in a thread of their own, so that a slow one holds up no task."""

from __future__ import annotations

import logging
import threading
from queue import SimpleQueue
from typing import Any

from django.db import close_old_connections  # noqa: TID251  the receivers' connections, not ours
from django.dispatch import Signal

from pgprocess import signals
from pgprocess.attempt import Outcome
from pgprocess.queue.claim import Ended
from pgprocess.worker.running import Running

logger = logging.getLogger("pgprocess")


MOST_WAITING = 10_000
"""Signals that may wait for slow receivers; a receiver that hangs must not fill the memory."""


class SignalSender:
    """Sends signals in the order in which things happened; the thread starts with the first signal.

    ``sender`` is the signals' sender; ``worker`` the id that receivers are given.
    """

    def __init__(self, sender: Any) -> None:
        self.sender = sender
        self.worker: int | None = None
        self._queue: SimpleQueue[tuple[Signal, dict[str, Any]] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._warned = False

    def task_ended(self, running: Running, outcome: Outcome) -> None:
        """Send the signal of a try whose end the database has."""
        if signal := signals.OF_STATUS.get(outcome.status):
            claim = running.claim
            self._send(
                signal,
                jobtask_id=claim.id,
                job_id=claim.job_id,
                process=claim.process_name,
                task=claim.task_name,
                attempt=claim.attempt,
                status=str(outcome.status),
                error=outcome.error,
                reason=outcome.reason,
                worker_id=self.worker,
            )

    def job_ended(self, job: Ended) -> None:
        """Send the signal of a job whose end the database has."""
        self._send(signals.job_finished, job_id=job.id, process=job.process, status=job.status)

    def close(self, timeout: float = 5.0) -> None:
        """Wait until everything is sent, for ``timeout`` seconds at most."""
        if self._thread:
            self._queue.put(None)
            self._thread.join(timeout)
            if self._thread.is_alive():
                logger.warning("A receiver of a signal takes too long; what follows is not sent.")

    def _send(self, signal: Signal, **arguments: Any) -> None:
        if signal.has_listeners():
            if self._queue.qsize() >= MOST_WAITING:
                self._warn_once()
                return
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="pgprocess-signals", daemon=True)
                self._thread.start()
            self._queue.put((signal, arguments))

    def _warn_once(self) -> None:
        if not self._warned:
            self._warned = True
            logger.warning("Receivers of signals are %s behind; what follows is not sent.", MOST_WAITING)

    def _run(self) -> None:
        while item := self._queue.get():
            signal, arguments = item
            try:
                close_old_connections()
                signal.send_robust(self.sender, **arguments)
                close_old_connections()
            except BaseException:  # a SystemExit, say: the other receivers still hear of what follows
                logger.exception("A receiver of a signal failed.")
