"""Alerts reach their receivers: a thread beside the cron, so that nobody who does not answer delays a slot.

Each receiver is told in a thread of its own, one alert after the other; who fails is tried again, ever more seldom.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Any

from pgprocess.alerts.channels import tell
from pgprocess.alerts.outbox import Message, Outbox, Told
from pgprocess.alerts.settings import alert_settings
from pgprocess.backoff import delay
from pgprocess.choices import Backoff
from pgprocess.postgres.connection import Database, DatabaseTrouble
from pgprocess.service import Service

logger = logging.getLogger("pgprocess")

LOOK_EVERY = 15.0
FORGET_EVERY = 3600.0
KEPT_DAYS = 30
MOST_ATTEMPTS = 20
FIRST_WAIT, LONGEST_WAIT = 10.0, 3600.0


class Alerts(Service):
    """Looks for what is late or long, addresses what is new, and delivers what is due."""

    name = "alerts"
    trouble = DatabaseTrouble

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.database = database
        self.settings = alert_settings()
        self.outbox: Outbox | None = None
        self.busy: set[str] = set()
        self.told: list[Told] = []
        self.looked = self.forgot = float("-inf")

    def connect(self) -> None:
        """Connected."""
        if self.outbox:
            self.outbox.close()
        self.outbox = Outbox(self.database)

    def tick(self) -> float | None:
        """All that is due is on its way."""
        assert self.outbox
        if self.told:
            self.outbox.record(self.told)
            self.told = []
        if self.stopping:
            return None
        receivers = self.settings.receivers
        now = time.monotonic()
        if receivers and now - self.looked >= LOOK_EVERY:
            self.outbox.watch(late_after=self.settings.LATE_AFTER, long_factor=self.settings.LONG_FACTOR)
            self.looked = now
        if now - self.forgot >= FORGET_EVERY:
            self.outbox.forget(KEPT_DAYS)
            self.forgot = now
        self.outbox.address(receivers, self.settings.ON)
        messages = sorted(self.outbox.claim(self.busy), key=lambda message: message.receiver)
        for receiver, group in groupby(messages, lambda message: message.receiver):
            self.busy.add(receiver)
            # A daemon, and not a pool: a receiver that hangs must not keep the cron from ending.
            threading.Thread(target=self.tell_all, args=[receiver, list(group)], daemon=True).start()
        return LOOK_EVERY

    def tell_all(self, receiver: str, messages: Sequence[Message]) -> None:
        """One receiver was told of these, in a thread of its own; after a failure the others wait as well."""
        error, told = "", []
        for message in messages:
            if not error:
                error = self.try_to_tell(message)
            told.append(Told(message.delivery, error, _wait(message.attempts) if error else None))
        self.inbox.put(("told", receiver, told))

    def try_to_tell(self, message: Message) -> str:
        """The receiver was told, or why it was not."""
        try:
            tell(message)
        except Exception as error:  # a receiver may fail in any way
            logger.warning("%s could not be told of job %s: %r", message.receiver, message.job, error)
            return f"{type(error).__name__}: {error}"
        logger.info("%s was told: %s", message.receiver, message.text)
        return ""

    def on_event(self, event: str, *details: Any) -> None:
        """A receiver is free again; what it was told is recorded with the next tick."""
        if event == "told":
            receiver, told = details
            self.busy.discard(receiver)
            self.told += told

    def wake(self) -> None:
        """There may be something new: it looks at once. From any thread."""
        self.inbox.put(("wake",))

    def finish(self) -> None:
        """Nothing is open any more; what is on its way is tried again after its lease, by whoever is there then."""
        if self.outbox:
            self.outbox.close()


def _wait(attempts: int) -> float | None:
    """Seconds until the next try; None when it is given up."""
    if attempts >= MOST_ATTEMPTS:
        return None
    return delay(attempts, retry_delay=FIRST_WAIT, backoff=Backoff.EXPONENTIAL, jitter=0.2, cap=LONGEST_WAIT)


@contextmanager
def delivering(database: Database) -> Iterator[Alerts]:
    """Alerts are delivered while the block runs, by a thread of their own."""
    alerts = Alerts(database)
    thread = threading.Thread(target=alerts.run, name="pgprocess-alerts", daemon=True)
    thread.start()
    try:
        yield alerts
    finally:
        alerts.stop()
        thread.join(timeout=5)
