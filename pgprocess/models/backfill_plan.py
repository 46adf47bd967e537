"""Plan: what a backfill would do, to look at before it is done."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from django.db import connections, router, transaction

from pgprocess.choices import Reprocess
from pgprocess.exceptions import ScheduleError
from pgprocess.schedule.wall_clock import in_utc
from pgprocess.statuses import JobStatus

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from pgprocess.models.job import Job
    from pgprocess.models.process import Process

AT_MOST = 10_000
"""Slots of one backfill."""
RUNS_AGAIN: dict[str, list[str]] = {
    Reprocess.NONE: [JobStatus.SKIPPED],
    Reprocess.FAILED: [JobStatus.SKIPPED, JobStatus.FAILED, JobStatus.CANCELLED],
    Reprocess.ALL: [JobStatus.SKIPPED, JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.SUCCEEDED],
}
"""Which jobs run again, by their statuses, for each word of ``reprocess``."""


class Plan:
    """A backfill before it is made: look at ``fresh`` and ``again`` first, then call :meth:`carry_out`."""

    def __init__(self, process: Process, start: datetime, end: datetime, reprocess: str = Reprocess.NONE) -> None:
        """Raises ScheduleError without a schedule, and for more than ``AT_MOST`` slots.

        The same for a moment that is naive, or outside of the calendar.
        """
        if reprocess not in RUNS_AGAIN:
            raise ValueError(f"There is no reprocess {reprocess!r}: use {', '.join(RUNS_AGAIN)}.")
        schedule = replace(process.schedule, start_at=None, end_at=None)
        if schedule.is_empty:
            raise ScheduleError(f"{process} has no schedule, so there is no slot to make up for.")
        self.process, self.start, self.end, self.reprocess = process, in_utc(start), in_utc(end), reprocess
        self.using = router.db_for_write(type(process), instance=process)
        slots = schedule.runs_between(self.start - timedelta(microseconds=1), min(self.end, self._now()))
        self.slots = [slot.astimezone(UTC) for slot in islice(slots, AT_MOST + 1)]
        if len(self.slots) > AT_MOST:
            raise ScheduleError(f"These are more than {AT_MOST} slots: make up for them in smaller pieces.")

    @cached_property
    def known(self) -> dict[datetime, Job]:
        """The jobs that exist already, by their slots."""
        ends = self.slots[:1] + self.slots[-1:]
        found = self._jobs.filter(logical_date__range=ends) if ends else ()
        return {job.logical_date.astimezone(UTC): job for job in found if job.logical_date}

    @property
    def fresh(self) -> list[datetime]:
        """The slots without a job."""
        return [slot for slot in self.slots if slot not in self.known]

    @property
    def again(self) -> list[datetime]:
        """The slots whose jobs would run again, or after having been skipped."""
        jobs = ((slot, self.known[slot]) for slot in self.slots if slot in self.known)
        return [slot for slot, job in jobs if job.status in RUNS_AGAIN[self.reprocess] and not job.buffered]

    def carry_out(self, *, concurrency: int = 1, actor: str = "") -> list[Job]:
        """Make a backfill of these slots; return its jobs, oldest slot first."""
        if concurrency < 1:
            raise ValueError("The concurrency of a backfill is at least 1.")
        with transaction.atomic(using=self.using):
            # Lock the process first, as crons do: a cron may be making a job of the same slot.
            type(self.process).objects.using(self.using).select_for_update(no_key=True).get(pk=self.process.pk)
            self.__dict__.pop("known", None)
            if not self.fresh and not self.again:
                return []
            line = self.process.backfills.using(self.using).create(
                process=self.process,
                starts_at=self.start,
                ends_at=self.end,
                concurrency=0,
                reprocess=self.reprocess,
                actor=actor,
            )
            common = {"process": self.process, "backfill": line, "origin": "backfill", "actor": actor}
            fresh = [self._jobs.model(**common, logical_date=slot, buffered=True) for slot in self.fresh]
            self._jobs.bulk_create(fresh, batch_size=1000, ignore_conflicts=True)
            ids = [self.known[slot].pk for slot in self.again]
            free = self._jobs.filter(pk__in=ids, status__in=RUNS_AGAIN[self.reprocess]).order_by("pk")
            free = free.select_for_update(no_key=True, skip_locked=True)
            self._jobs.filter(pk__in=[job.pk for job in free]).update(buffered=True, backfill=line)
            # Only now may the jobs start: the rule that watches this column starts the first of them.
            line.concurrency = concurrency
            line.save(update_fields=["concurrency"])
            return list(self._jobs.filter(backfill=line).order_by("logical_date"))

    @property
    def _jobs(self) -> QuerySet[Job]:
        return self.process.jobs.using(self.using)

    def _now(self) -> datetime:
        with connections[self.using].cursor() as cursor:
            cursor.execute("SELECT pgprocess_now()")
            now: datetime = cursor.fetchone()[0]
            return now.astimezone(UTC)
