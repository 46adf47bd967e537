"""The cron: every slot of every schedule becomes exactly one job, whatever the number of crons.

The cursor (``Process.next_run_at``) is in the database and moves in the transaction that makes the jobs; other
crons skip a locked process, and ``UNIQUE (process, logical_date)`` holds if all else fails. No leader, and no
clock but the database's.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice, takewhile
from typing import Any

from pgprocess.exceptions import ScheduleError
from pgprocess.listen import CRON, Listener
from pgprocess.queue import ConnectionLost, Due, Queue
from pgprocess.rescue import Lookout, Rescuer
from pgprocess.schedule import Schedule
from pgprocess.service import Service
from pgprocess.statuses import CatchUp

logger = logging.getLogger("pgprocess")

JUST_NOW = timedelta(seconds=60)
AT_ONCE = 100
SHORTEST_WAIT = 0.1
WINDOWS = (timedelta(hours=1), timedelta(days=1), timedelta(days=32), timedelta(days=366))


def schedule_of(due: Due) -> Schedule:
    """The schedule in a row."""
    return Schedule(due.minute, due.hour, due.day_of_month, due.month, due.day_of_week, due.timezone)


def slots(schedule: Schedule, since: datetime, now: datetime, catch_up: str) -> list[datetime]:
    """The slots after ``since`` and not after ``now`` that shall run, by the policy for those that were missed.

    ``all``: each, at most 100 at once · ``last``: the newest · ``none``: the newest, if it is of the last minute.
    """
    if catch_up == CatchUp.ALL:
        return list(islice(_until(schedule, since, now), AT_ONCE))
    earliest = max(since, now - JUST_NOW) if catch_up == CatchUp.NONE else since
    for start in (*(now - window for window in WINDOWS), earliest):
        if found := list(_until(schedule, max(start, earliest), now)):
            return found[-1:]
    return []


def _until(schedule: Schedule, since: datetime, now: datetime) -> Iterator[datetime]:
    return takewhile(lambda slot: slot <= now, schedule.runs_after(since))


class Cron(Service):
    """Looks at schedules when one is due, when one was edited, and every few seconds."""

    name = "cron"
    trouble = ConnectionLost

    def __init__(
        self,
        *,
        alias: str,
        poll_interval: float,
        listen: bool = True,
        listen_alias: str = "",
        max_crashes: int = 3,
    ) -> None:
        super().__init__()
        self.alias = alias
        self.poll_interval = poll_interval
        self.pooled = not listen or listen_alias not in ("", alias)
        self.listener = (
            Listener(listen_alias or alias, [CRON], lambda *heard: self.inbox.put(heard)) if listen else None
        )
        self.lookout = Lookout(alias, Rescuer(max_crashes=max_crashes), pooled=self.pooled)
        self.queue: Queue | None = None

    def connect(self) -> None:
        """Connected; the first time also listening."""
        begins = self.queue is None
        if self.queue:
            self.queue.close()
        self.queue = Queue(self.alias, pooled=self.pooled)
        if begins:
            logger.info("Cron started.")
            self.lookout.start()
            if self.listener:
                self.listener.start()

    def tick(self) -> float | None:
        """Every slot that is due is a job; what was scheduled and is due is ready."""
        assert self.queue
        while not self.stopping and self.look(self.queue):
            pass
        if self.stopping:
            return None
        _, next_due = self.queue.promote()
        waits = [self.poll_interval, self.queue.next_tick(), next_due]
        # Never zero: what is due by now, another cron is looking at.
        return max(SHORTEST_WAIT, min(seconds for seconds in waits if seconds is not None))

    def look(self, queue: Queue) -> int:
        """Take up to a hundred processes that want a look and are not looked at by others; how many they were."""
        with queue.transaction():
            wanting = queue.due()
            for due in wanting:
                try:
                    self.run_due(queue, due)
                except ScheduleError as error:
                    logger.error("Process %s is paused: %s", due.name, error)
                    queue.pause(due.id, str(error))
        return len(wanting)

    def run_due(self, queue: Queue, due: Due) -> None:
        """The process's due slots are jobs, and its cursor is behind them."""
        schedule = schedule_of(due)
        since = due.next_run_at - timedelta(microseconds=1) if due.next_run_at else due.scheduled_from
        chosen = slots(schedule, since, due.now, due.catch_up)
        for slot in chosen:
            if made := queue.tick(due.id, slot):
                job, status = made
                logger.info("Job %s of %s for %s is %s.", job, due.name, slot.isoformat(), status)
        after = chosen[-1] if due.catch_up == CatchUp.ALL and chosen else due.now
        next_run = next(schedule.runs_after(after), None)
        if next_run is None:
            raise ScheduleError("Its schedule never runs again.")
        queue.move(due.id, next_run)

    def finish(self) -> None:
        """Nothing is open any more."""
        self.lookout.stop()
        if self.listener:
            self.listener.stop()
        if self.queue:
            self.queue.close()
        logger.info("Cron stopped.")

    def heard(self, event: str, *details: Any) -> None:
        """Whatever it was, the next tick looks."""
