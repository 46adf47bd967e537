"""The cron: every slot of every schedule becomes exactly one job, whatever the number of crons.

The cursor (``Process.next_run_at``) is in the database and moves in the transaction that makes the jobs; other
crons skip a locked process, and ``UNIQUE (process, logical_date)`` holds if all else fails. No leader, and no
clock but the database's.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pgprocess.alerts.service import Alerts, delivering
from pgprocess.choices import Overlap
from pgprocess.cron.agenda import Agenda, Due, Made, Outlook, Refused, Tick, is_lost
from pgprocess.cron.maintenance import Lookout
from pgprocess.exceptions import ScheduleError
from pgprocess.maintenance.rescue import Rescuer
from pgprocess.postgres.connection import Database, DatabaseTrouble
from pgprocess.postgres.listener import CRON, Listener
from pgprocess.schedule import missed as ticks
from pgprocess.service import Service
from pgprocess.statuses import JobStatus
from pgprocess.text import first_line

logger = logging.getLogger("pgprocess")

ALERT = "alert"  # what the database says on the cron's channel when there is something in the outbox
SHORTEST_WAIT = 0.1
LONGEST_PATIENCE = 2.0
TIDY_EVERY = 60.0
STEP = timedelta(seconds=1)


class Cron(Service):
    """Looks at schedules when one is due, when one was edited, and every few seconds."""

    name = "cron"
    trouble = DatabaseTrouble

    def __init__(
        self,
        database: Database,
        *,
        poll_interval: float,
        max_crashes: int = 3,
        keep: Mapping[JobStatus, timedelta] | None = None,
    ) -> None:
        super().__init__()
        self.database = database
        self.poll_interval = poll_interval
        self.listener = (
            Listener(database.listens_on, [CRON], lambda *event: self.inbox.put(event)) if database.listen else None
        )
        self.lookout = Lookout(database, Rescuer(max_crashes=max_crashes), keep=keep)
        self.agenda: Agenda | None = None
        self.alerts: Alerts | None = None
        self.clock: datetime | None = None
        self.tidied = float("-inf")
        self.patience = SHORTEST_WAIT

    def run(self) -> None:
        """Tick until stopped; meanwhile a thread of its own delivers alerts."""
        with delivering(self.database) as self.alerts:
            super().run()

    def connect(self) -> None:
        """Connected; the first time also listening."""
        begins = self.agenda is None
        if self.agenda:
            self.agenda.close()
        self.agenda = Agenda(self.database)
        self.clock = None
        if begins:
            logger.info("Cron started.")
            self.lookout.start()
            if self.listener:
                self.listener.start()

    def tick(self) -> float | None:
        """Every slot that is due is a job; what was scheduled and is due is ready."""
        assert self.agenda
        if self.stopping:
            return None
        self.tidy(self.agenda)
        outlook = self.outlook(self.agenda)
        if self.rewound(self.agenda, outlook.now):
            outlook = self.outlook(self.agenda)
        while outlook.is_due and self.look(self.agenda):
            if self.stopping:
                return None
            outlook = self.outlook(self.agenda)
        # Never zero: what is due by now, somebody else is at, and may be for long.
        shortest = self.patience if outlook.is_due else SHORTEST_WAIT
        self.patience = min(shortest * 2, LONGEST_PATIENCE) if outlook.is_due else SHORTEST_WAIT
        waits = [self.poll_interval, outlook.next_slot, outlook.next_task]
        return max(shortest, min(seconds for seconds in waits if seconds is not None))

    def outlook(self, agenda: Agenda) -> Outlook:
        """Ask what comes next, and promote tasks that are due by now: workers do so too, but there may be none.

        One statement while nothing is due.
        """
        outlook = agenda.outlook()
        return replace(outlook, next_task=agenda.promote()) if outlook.has_due_task else outlook

    def tidy(self, agenda: Agenda) -> None:
        """Now and then: nothing waits in a line whose turn has come."""
        if time.monotonic() - self.tidied > TIDY_EVERY:
            agenda.overtake()
            agenda.release()
            self.tidied = time.monotonic()

    def rewound(self, agenda: Agenda, now: datetime) -> bool:
        """No cursor is where only a clock put it that has been set back since; whether one was."""
        set_back = self.clock is None or now < self.clock - STEP
        names = agenda.rewind() if set_back else []
        for name in names:
            logger.warning("The clock was set back: %s counts from now on.", name)
        self.clock = now
        return bool(names)

    def look(self, agenda: Agenda) -> int:
        """Take up to a hundred processes that want a look and are not looked at by others; how many they were."""
        with agenda.transaction():
            wanting = agenda.due()
            try:
                with agenda.transaction():
                    made = self.run_due(agenda, wanting)
            except Refused as error:
                if is_lost(error):
                    raise
                made = [job for due in wanting for job in self.run_alone(agenda, due)]
        self.tell(wanting, made)
        if any(due.overlap == Overlap.CANCEL_RUNNING for due in wanting):
            agenda.overtake()
        return len(wanting)

    def run_alone(self, agenda: Agenda, due: Due) -> list[Made]:
        """As :meth:`run_due` for one process, which is paused if the database refuses its slots."""
        try:
            with agenda.transaction():
                return self.run_due(agenda, [due])
        except Refused as error:
            if is_lost(error):
                raise
            self.pause(agenda, due, f"Its slot could not be made a job: {first_line(error)}")
            return []

    def run_due(self, agenda: Agenda, wanting: Sequence[Due]) -> list[Made]:
        """Their due slots are jobs, and their cursors are behind them; these jobs."""
        found: list[Tick] = []
        cursors: list[tuple[int, datetime]] = []
        for due in wanting:
            try:
                slots, next_run = plan(due)
            except ScheduleError as error:
                self.pause(agenda, due, str(error))
            except Exception as error:  # one bad process never stops the others
                logger.exception("The schedule of %s can't be told.", due.name)
                self.pause(agenda, due, f"Its schedule can't be told: {error!r}")
            else:
                found += slots
                if next_run:
                    cursors.append((due.id, next_run))
                else:
                    logger.info("The schedule of %s has ended.", due.name)
                    agenda.pause(due.id, "Its schedule has ended.")
        made = agenda.tick(found) if found else []
        if cursors:
            agenda.move(cursors)
        return made

    def pause(self, agenda: Agenda, due: Due, reason: str) -> None:
        """The process is not scheduled any more, and says why."""
        logger.error("Process %s is paused: %s", due.name, reason)
        agenda.pause(due.id, reason)

    def tell(self, wanting: Sequence[Due], made: Sequence[Made]) -> None:
        """The log has a line for each job."""
        names = {due.id: due.name for due in wanting}
        for job in made:
            level = logging.INFO if job.status == JobStatus.RUNNING else logging.WARNING
            because = f": {job.reason}" if job.reason else ""
            slot = job.logical_date.isoformat()
            logger.log(level, "Job %s of %s for %s is %s%s.", job.id, names[job.process_id], slot, job.status, because)

    def finish(self) -> None:
        """Nothing is open any more."""
        self.lookout.stop()
        if self.listener:
            self.listener.stop()
        if self.agenda:
            self.agenda.close()
        logger.info("Cron stopped.")

    def on_event(self, event: str, *details: Any) -> None:
        """Whatever it was, the next tick looks; at alerts, their own thread."""
        if self.alerts and details == (ALERT,):
            self.alerts.wake()


def plan(due: Due) -> tuple[list[Tick], datetime | None]:
    """What its slots until now become, and its next slot; None where there is none any more."""
    policy = ticks.Policy(due.catch_up, due.misfire_grace, due.catch_up_limit)
    slots, next_run = ticks.look(due.schedule, due.since, due.now, policy)
    later = ticks.spread(due.id, due.jitter)
    found = [
        Tick(due.id, slot.at, slot.at + later if slot.at + later > due.now else None, slot.reason, slot.lost)
        for slot in slots
    ]
    if next_run is None and not due.end_at:
        raise ScheduleError("Its schedule never runs again.")
    return found, next_run
