"""Delivery of alerts, in a thread beside the cron, so that a receiver which does not answer delays no slot.

Each receiver has a thread of its own, for one message after the other, and each message a limited time. A message that
fails is tried again, ever more seldom, and the others go their way.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from pgprocess.alerts.channels import describe, is_out_of_reach, masked_receiver, prepare
from pgprocess.alerts.outbox import DeliveryResult, Message, Outbox, close_connections
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
LIMIT = 30.0
"""Seconds that the sending of one message may take."""
ROUND = 120.0
"""Seconds after which messages of one receiver that were not tried are given back, well before their lease ends."""
MISSES = 2
"""The number of messages in a row that find a receiver out of reach, after which the others wait."""
MOST_HUNG = 5
"""With so many calls that hang, a receiver is told nothing more until one of them ends."""
Value = TypeVar("Value")


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
        self.hung: dict[str, list[threading.Thread]] = {}
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
        outbox, receivers = self.outbox, self.settings.receivers
        if self.results:
            locked = self.alone("record", lambda: outbox.record(self.results))
            self.results = self.results if locked is None else locked
        if self.stopping:
            return None
        now = time.monotonic()
        if receivers and now - self.looked_at >= LOOK_EVERY:
            late, factor = self.settings.LATE_AFTER, self.settings.LONG_FACTOR
            self.alone("look", lambda: outbox.find_late_and_long(late_after=late, long_factor=factor))
            self.looked_at = now
        if now - self.pruned_at >= PRUNE_EVERY:
            self.alone("prune", lambda: outbox.prune(KEPT_DAYS))
            outbox.forget_refused()
            self.pruned_at = now
        self.alone("address", lambda: outbox.address(receivers, self.settings.ON))
        while messages := self.alone("lease", lambda: outbox.lease(self.not_to_be_told)):
            messages.sort(key=lambda message: message.receiver)
            for receiver, group in groupby(messages, lambda message: message.receiver):
                self.busy.add(receiver)
                # A daemon, and not a pool: a receiver that hangs must not keep the cron from ending.
                threading.Thread(target=self.deliver_all, args=[receiver, list(group)], daemon=True).start()
        return LOOK_EVERY

    def alone(self, what: str, do: Callable[[], Value]) -> Value | None:
        """Do one part of a tick, of which an error does not keep the other parts from being done; None after an error.

        Raises only where the connection is lost.
        """
        assert self.outbox
        try:
            return do()
        except Exception as error:
            if self.outbox.is_lost:
                raise
            logger.warning("Alerts: %s failed and is tried again (%r).", what, error)
            return None

    @property
    def not_to_be_told(self) -> set[str]:
        """Return the receivers that are being told, and those of whom too many calls have hung up to now."""
        return self.busy | {receiver for receiver, calls in self.hung.items() if _alive(calls) >= MOST_HUNG}

    def deliver_all(self, receiver: str, messages: Sequence[Message]) -> None:
        """Deliver messages to one receiver, each whatever became of the others. Thread: one for this receiver.

        Where two in a row say that the receiver is out of reach, the others wait, and none of their attempts is used.
        """
        misses, results, begun = 0, [], time.monotonic()
        for message in messages:
            late = time.monotonic() - begun > ROUND
            if misses == MISSES or late:
                because = f"The receiver is {'slow' if late else 'out of reach'}."
                results.append(DeliveryResult(message.delivery, because, 0.0 if late else FIRST_WAIT, tried=False))
                continue
            error, out_of_reach = self.try_to_deliver(message)
            misses = misses + 1 if out_of_reach else 0
            results.append(DeliveryResult(message.delivery, error, _wait(message.attempts) if error else None))
        self.inbox.put(("delivered", receiver, results))

    def try_to_deliver(self, message: Message) -> tuple[str, bool]:
        """Deliver the message; return why that failed, empty for success, and whether the receiver is out of reach."""
        called = masked_receiver(message.receiver)
        try:
            error = self.within_limit(message.receiver, prepare(message))
        except Exception as unsendable:  # noqa: BLE001  the message can't be built, for whatever reason
            logger.warning("The alert of job %s for %s can't be written: %s", message.job, called, describe(unsendable))
            return describe(unsendable), False
        if error:
            logger.warning("%s could not be told of job %s: %s", called, message.job, describe(error))
            return describe(error), is_out_of_reach(error)
        logger.info("%s was told of job %s: %s.", called, message.job, message.kind)
        return "", False

    def within_limit(self, receiver: str, send: Callable[[], None]) -> BaseException | None:
        """Call ``send`` in a thread, for a limited time; return the error, if there was one."""
        answer: SimpleQueue[BaseException | None] = SimpleQueue()

        def call() -> None:
            try:
                send()
            except BaseException as error:  # noqa: BLE001  a receiver may fail in any way, SystemExit included
                answer.put(error)
            else:
                answer.put(None)
            finally:
                close_connections()

        thread = threading.Thread(target=call, name="pgprocess-alert", daemon=True)
        thread.start()
        try:
            return answer.get(timeout=LIMIT)
        except Empty:
            self.hung[receiver] = [each for each in self.hung.get(receiver, []) if each.is_alive()] + [thread]
            return TimeoutError(f"it took longer than {LIMIT:g} s")

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


def _alive(threads: Iterable[threading.Thread]) -> int:
    return sum(thread.is_alive() for thread in threads)


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
