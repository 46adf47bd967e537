"""Delivery of alerts, in a thread beside the cron, so that a receiver which does not answer delays no slot.

Each receiver has a thread of its own, for one message after the other. A receiver that fails is tried again, ever more
seldom.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Any

from pgprocess.alerts.channels import deliver
from pgprocess.alerts.outbox import DeliveryResult, Message, Outbox
from pgprocess.alerts.settings import alert_settings
from pgprocess.backoff import delay
from pgprocess.choices import Backoff
from pgprocess.postgres.connection import Database, DatabaseTrouble
from pgprocess.service import Service

logger = logging.getLogger("pgprocess")

LOOK_EVERY = 15.0
PRUNE_EVERY = 3600.0
KEPT_DAYS = 30
MOST_ATTEMPTS = 20
FIRST_WAIT, LONGEST_WAIT = 10.0, 3600.0


class Alerts(Service):
    """Finds jobs that are late or long, addresses new alerts, and delivers what is due."""

    name = "alerts"
    trouble = DatabaseTrouble

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.database = database
        self.settings = alert_settings()
        self.outbox: Outbox | None = None
        self.busy: set[str] = set()
        self.results: list[DeliveryResult] = []
        self.looked_at = self.pruned_at = float("-inf")

    def connect(self) -> None:
        """Connect to the database, anew after trouble with it."""
        if self.outbox:
            self.outbox.close()
        self.outbox = Outbox(self.database)

    def tick(self) -> float | None:
        """Record what was delivered, and send everything that is due on its way."""
        assert self.outbox
        if self.results:
            self.outbox.record(self.results)
            self.results = []
        if self.stopping:
            return None
        receivers = self.settings.receivers
        now = time.monotonic()
        if receivers and now - self.looked_at >= LOOK_EVERY:
            self.outbox.find_late_and_long(late_after=self.settings.LATE_AFTER, long_factor=self.settings.LONG_FACTOR)
            self.looked_at = now
        if now - self.pruned_at >= PRUNE_EVERY:
            self.outbox.prune(KEPT_DAYS)
            self.pruned_at = now
        self.outbox.address(receivers, self.settings.ON)
        messages = sorted(self.outbox.lease(self.busy), key=lambda message: message.receiver)
        for receiver, group in groupby(messages, lambda message: message.receiver):
            self.busy.add(receiver)
            # A daemon, and not a pool: a receiver that hangs must not keep the cron from ending.
            threading.Thread(target=self.deliver_all, args=[receiver, list(group)], daemon=True).start()
        return LOOK_EVERY

    def deliver_all(self, receiver: str, messages: Sequence[Message]) -> None:
        """Deliver messages to one receiver; after a failure the others wait as well. Thread: one for this receiver."""
        error, results = "", []
        for message in messages:
            if not error:
                error = self.try_to_deliver(message)
            results.append(DeliveryResult(message.delivery, error, _wait(message.attempts) if error else None))
        self.inbox.put(("delivered", receiver, results))

    def try_to_deliver(self, message: Message) -> str:
        """Deliver the message; return why that failed, empty if it did not."""
        try:
            deliver(message)
        except Exception as error:  # noqa: BLE001  a receiver may fail in any way
            logger.warning("%s could not be told of job %s: %r", message.receiver, message.job, error)
            return f"{type(error).__name__}: {error}"
        logger.info("%s was told: %s", message.receiver, message.text)
        return ""

    def on_event(self, event: str, *details: Any) -> None:
        """Free a receiver whose messages were tried; the next tick records the results."""
        if event == "delivered":
            receiver, results = details
            self.busy.discard(receiver)
            self.results += results

    def wake(self) -> None:
        """Look for something new at once. Thread: any."""
        self.inbox.put(("wake",))

    def finish(self) -> None:
        """Close the connection. A message on its way is tried again after its lease, by any cron that is there then."""
        if self.outbox:
            self.outbox.close()


def _wait(attempts: int) -> float | None:
    """Return the seconds until the next try; None when the delivery is given up."""
    if attempts >= MOST_ATTEMPTS:
        return None
    return delay(attempts, retry_delay=FIRST_WAIT, backoff=Backoff.EXPONENTIAL, jitter=0.2, cap=LONGEST_WAIT)


@contextmanager
def delivering(database: Database) -> Iterator[Alerts]:
    """Deliver alerts in another thread while the block runs."""
    alerts = Alerts(database)
    thread = threading.Thread(target=alerts.run, name="pgprocess-alerts", daemon=True)
    thread.start()
    try:
        yield alerts
    finally:
        alerts.stop()
        thread.join(timeout=5)
