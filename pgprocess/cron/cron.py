"""The cron: every slot of every schedule becomes exactly one job, whatever the number of crons.

The cursor (``Process.next_run_at``) is in the database and moves in the transaction that makes the jobs; other
crons skip a locked process, and ``UNIQUE (process, logical_date)`` holds if all else fails. No leader, and no
clock but the database's.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Thread
from typing import Any

from pgprocess.alerts.service import Alerts, delivering
from pgprocess.choices import Overlap
from pgprocess.cron.agenda import Agenda, Cursor, Due, Made, Outlook, Refused, Tick
from pgprocess.cron.maintenance import Maintenance
from pgprocess.cron.plan import next_slot, plan
from pgprocess.exceptions import ScheduleError
from pgprocess.maintenance.rescue import Rescuer
from pgprocess.postgres.connection import Database, DatabaseTrouble, is_passing
from pgprocess.postgres.listener import CRON, Listener
from pgprocess.schedule.zones import NoZoneData, UnknownZone
from pgprocess.service import Service
from pgprocess.statuses import JobStatus
from pgprocess.text import first_line

logger = logging.getLogger("pgprocess")

ALERT = "alert"
"""The payload on the cron's channel when the outbox has something new."""
SHORTEST_WAIT = 0.1
LONGEST_PATIENCE = 2.0
TIDY_EVERY = 60.0
AGAIN_AFTER = 2.0
"""Seconds until jobs are cancelled that somebody had locked when a newer slot took their place."""
STEP = timedelta(seconds=1)
ENDED = "Its schedule has ended."
"""Why a process is paused after its last slot; the rule ``pgprocess_has_ended`` knows this sentence."""


class Cron(Service):
    """Turns due slots into jobs: when one is due, when a schedule was edited, and every few seconds."""

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
        self.maintenance = Maintenance(database, Rescuer(max_crashes=max_crashes), keep=keep)
        self.agenda: Agenda | None = None
        self.alerts: Alerts | None = None
        self.clock: datetime | None = None
        self.corrected: int | None = 0
        self.passed_over: set[int] = set()
        self.said: dict[int, float] = {}
        self.tidied = float("-inf")
        self.patience = SHORTEST_WAIT

    def run(self) -> None:
        """Tick until stopped. Meanwhile another thread delivers alerts."""
        with delivering(self.database) as self.alerts:
            super().run()

    def connect(self) -> None:
        """Connect to the database; the first time start to listen and the maintenance as well."""
        begins = self.agenda is None
        if self.agenda:
            self.agenda.close()
        self.agenda = Agenda(self.database)
        self.clock = None
        if begins:
            logger.info("Cron started.")
            self.maintenance.start()
            if self.listener:
                self.listener.start()

    def tick(self) -> float | None:
        """Turn every due slot into a job and make due tasks ready; return the seconds until the next tick."""
        assert self.agenda
        if self.stopping:
            return None
        self.passed_over = set()
        is_time = time.monotonic() - self.tidied > TIDY_EVERY
        if is_time:
            self.tidy(self.agenda)
        if self.corrected is not None:
            self.corrected = self.correct(self.agenda, self.corrected)
        outlook = self.outlook(self.agenda)
        if self.rewind(self.agenda, outlook.now, always=is_time):
            outlook = self.outlook(self.agenda)
        while outlook.is_due and self.tick_due(self.agenda):
            if self.stopping:
                return None
            outlook = self.outlook(self.agenda)
        # Never zero: another cron has locked what is still due, maybe for long.
        shortest = self.patience if outlook.is_due else SHORTEST_WAIT
        self.patience = min(shortest * 2, LONGEST_PATIENCE) if outlook.is_due else SHORTEST_WAIT
        waits = [self.poll_interval, outlook.next_slot, outlook.next_task, None if self.corrected is None else 0.0]
        waits.append(LONGEST_PATIENCE if self.passed_over else None)
        return max(shortest, min(seconds for seconds in waits if seconds is not None))

    def outlook(self, agenda: Agenda) -> Outlook:
        """Ask what comes next, and promote tasks that are due by now: workers do so too, but there may be none.

        One statement while nothing is due.
        """
        outlook = agenda.outlook(self.passed_over)
        return replace(outlook, next_task=agenda.promote()) if outlook.has_due_task else outlook

    def tidy(self, agenda: Agenda) -> None:
        """Once a minute start and cancel what a tick or an end of a job had to pass over, since it was locked."""
        agenda.cancel_overtaken()
        agenda.release_stragglers()
        self.tidied = time.monotonic()

    def correct(self, agenda: Agenda, behind: int) -> int | None:
        """Tell the next slots of a hundred processes anew, by the rules that the zones have for this cron.

        Returns the id behind which to go on, None at the end. A cron does so when it begins: after an update of the
        zones' rules the next look could come too late.
        """
        followed = agenda.followed(behind)
        wrong = []
        for due in followed:
            with suppress(Exception):  # when its slot is due its own tick says what is wrong
                slot = next_slot(due)
                if slot and slot != due.next_run_at:
                    logger.info("The rules of %s have changed: %s runs next at %s.", due.timezone, due.name, slot)
                    wrong.append((due, slot))
        try:
            if wrong:
                agenda.correct_cursors(wrong)
        except Refused as error:
            if agenda.is_lost:
                raise
            logger.warning("The next slots of some processes can't be corrected (%s).", first_line(error))
        return followed[-1].id if len(followed) == 100 else None

    def rewind(self, agenda: Agenda, now: datetime, *, always: bool) -> bool:
        """Where the clock was set back, reset the cursors that it had moved too far; return whether there were any.

        This cron may not have seen that the clock was ahead, so now and then it looks ``always``.
        """
        set_back = always or self.clock is None or now < self.clock - STEP
        names = agenda.rewind_cursors() if set_back else []
        for name in names:
            logger.warning("The clock was set back: %s counts from now on.", name)
        self.clock = now
        return bool(names)

    def tick_due(self, agenda: Agenda) -> int:
        """Tick up to a hundred due processes that no other cron has locked; return how many there were."""
        with agenda.transaction():
            wanting = agenda.lock_due(self.passed_over)
            try:
                with agenda.transaction():
                    made = self.run_due(agenda, wanting)
            except Refused as error:
                if agenda.is_lost:
                    raise
                logger.info("Slots could not be made jobs together (%s); each process by itself.", first_line(error))
                alone = [self.run_alone(agenda, due) for due in wanting]
                made = [job for jobs in alone for job in jobs or ()]
                self.passed_over |= {due.id for due, jobs in zip(wanting, alone, strict=True) if jobs is None}
        self.log_jobs(wanting, made)
        if any(due.overlap == Overlap.CANCEL_RUNNING for due in wanting):
            agenda.cancel_overtaken()
            self.tidied = min(self.tidied, time.monotonic() - TIDY_EVERY + AGAIN_AFTER)
        return len(wanting)

    def run_alone(self, agenda: Agenda, due: Due) -> list[Made] | None:
        """Do :meth:`run_due` for one process, and pause it if the database refuses its slots.

        Returns None for a process whose slots meet somebody's lock: the next tick tries again.
        """
        try:
            with agenda.transaction():
                return self.run_due(agenda, [due])
        except Refused as error:
            if agenda.is_lost:
                raise
            if is_passing(error):
                logger.warning("A slot of %s can't be made a job now (%s).", due.name, first_line(error))
                return None
            self.pause(agenda, due, f"Its slot could not be made a job: {first_line(error)}")
            return []

    def run_due(self, agenda: Agenda, wanting: Sequence[Due]) -> list[Made]:
        """Turn the due slots of processes into jobs and move their cursors on; return the jobs."""
        found: list[Tick] = []
        cursors: list[Cursor] = []
        ended: list[Due] = []
        for due in wanting:
            try:
                slots, cursor = plan(due)
            except UnknownZone as error:
                self.lacks_zone(agenda, due, error)
            except ScheduleError as error:
                self.pause(agenda, due, str(error))
            except Exception as error:  # one bad process never stops the others
                logger.exception("The schedule of %s can't be told.", due.name)
                self.pause(agenda, due, f"Its schedule can't be told: {error!r}")
            else:
                found += slots
                if cursor:
                    cursors.append(cursor)
                else:
                    ended.append(due)
        made = agenda.tick(found) if found else []
        if cursors:
            agenda.move_cursors(cursors)
        for due in ended:  # only now: in a process that is paused no slot gets into the line
            self.end(agenda, due)
        return made

    def end(self, agenda: Agenda, due: Due) -> None:
        """Pause a process that has no slot any more."""
        if due.end_at is None:
            self.pause(agenda, due, "Its schedule never runs again.")
        else:
            logger.info("The schedule of %s has ended.", due.name)
            agenda.pause(due.id, ENDED)

    def lacks_zone(self, agenda: Agenda, due: Due, error: UnknownZone) -> None:
        """Pause a process whose zone there is not, and pass it over where this machine is to blame.

        It is to blame without any data of zones, and where another cron has followed the schedule as it stands.
        """
        if not isinstance(error, NoZoneData) and due.looked_at is None:
            self.pause(agenda, due, str(error))
            return
        self.passed_over.add(due.id)
        if time.monotonic() - self.said.get(due.id, float("-inf")) > TIDY_EVERY:
            self.said[due.id] = time.monotonic()
            logger.error("A slot of %s waits for a cron that knows its time zone: %s", due.name, error)

    def pause(self, agenda: Agenda, due: Due, reason: str) -> None:
        """Pause a process whose schedule can't be followed, with the reason in its row and in the log."""
        logger.error("Process %s is paused: %s", due.name, reason)
        agenda.pause(due.id, reason)

    def log_jobs(self, wanting: Sequence[Due], made: Sequence[Made]) -> None:
        """Log a line for each job that was made."""
        names = {due.id: due.name for due in wanting}
        for job in made:
            level = logging.INFO if job.status == JobStatus.RUNNING else logging.WARNING
            because = f": {job.reason}" if job.reason else ""
            slot = job.logical_date.isoformat()
            logger.log(level, "Job %s of %s for %s is %s%s.", job.id, names[job.process_id], slot, job.status, because)

    def threads(self) -> list[Thread]:
        """Return the threads for maintenance, for news and for alerts."""
        threads = (self.maintenance, self.listener, self.alerts and self.alerts.thread)
        return [thread for thread in threads if thread]

    def finish(self) -> None:
        """Stop the threads and close the connection."""
        self.maintenance.stop()
        if self.listener:
            self.listener.stop()
        if self.agenda:
            self.agenda.close()
        logger.info("Cron stopped.")

    def on_event(self, event: str, *details: Any) -> None:
        """Wake the thread that delivers alerts if the event is one. Any event ends the wait for the next tick."""
        if self.alerts and details == (ALERT,):
            self.alerts.wake()
