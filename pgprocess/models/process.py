"""Process: when a set of tasks runs, and what happens when it can't run."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, URLValidator
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from pgprocess.choices import CatchUp, Overlap, Reprocess
from pgprocess.exceptions import ScheduleError
from pgprocess.models.changed_fields import SavesChanges
from pgprocess.models.fields import (
    COUNTABLE,
    FARTHEST,
    LONGEST,
    MANY,
    GeneratedField,
    a_name,
    choice,
    created,
    flag,
    long_text,
    matches,
    moment,
    number,
    one_of,
    optional_seconds,
    seconds,
    text,
    within_calendar,
    within_range,
)
from pgprocess.models.primary import Rows
from pgprocess.schedule.describe import describe
from pgprocess.schedule.schedule import Schedule
from pgprocess.sql import triggers

if TYPE_CHECKING:
    from pgprocess.models.job import Job

CRONTAB_FIELDS = ("minute", "hour", "day_of_month", "month", "day_of_week")
SCHEDULE_FIELDS = (*CRONTAB_FIELDS, "timezone", "start_at", "end_at")


class ProcessQuerySet(Rows["Process"]):
    """Processes by their schedules."""

    def overdue(self, by: timedelta = timedelta(seconds=60)) -> ProcessQuerySet:
        """Return the active processes whose slot passed longer than ``by`` ago: no cron seems to tick.

        Processes that no cron has looked at since they were scheduled that long ago are among them.
        """
        passed = models.Q(next_run_at__lt=Now() - by)
        unseen = models.Q(next_run_at=None, scheduled_from__lt=Now() - by)
        return self.filter(passed | unseen, is_active=True, has_schedule=True)


class Process(SavesChanges):
    """A workflow that people describe: a cron schedule, its policies, and (as :class:`Task`) its tasks.

    With all five crontab fields empty it runs on demand only. ``save()`` writes only columns that were changed here.
    """

    name = models.CharField(_("name"), max_length=200, unique=True, validators=[a_name])
    description = long_text(_("description"))
    is_active = flag(_("active"), True, help_text=_("Only active processes are run by their schedule."))

    minute = text(_("minute"), 200, help_text=_("As in crontab; or @daily and its like, alone."))
    hour = text(_("hour"), 200)
    day_of_month = text(_("day of month"), 200)
    month = text(_("month"), 200)
    day_of_week = text(_("day of week"), 200, help_text=_("0 and 7 are Sunday."))
    timezone = text(_("time zone"), 64, "UTC", help_text=_("A name like Europe/Berlin."))
    has_schedule = GeneratedField(
        expression=models.ExpressionWrapper(
            reduce(or_, (models.Q(**{f"{field}__regex": r"[^ \t\n\r\f\v]"}) for field in CRONTAB_FIELDS)),
            output_field=models.BooleanField(),
        ),
        output_field=models.BooleanField(),
        db_persist=True,
        verbose_name=_("has a schedule"),
    )

    start_at = moment(_("first run not before"))
    end_at = moment(_("last run not after"))
    jitter = seconds(
        _("spread over, seconds"),
        validators=[MinValueValidator(0)],
        help_text=_("Each process begins its runs so much later at most, always by the same time."),
    )

    overlap = choice(_("if the last job still runs"), Overlap, Overlap.SKIP)
    catch_up = choice(_("runs that were missed"), CatchUp, CatchUp.LAST)
    misfire_grace = optional_seconds(
        _("how late a run may begin, seconds"),
        validators=[MinValueValidator(0)],
        help_text=_("Empty: a minute without catching up, else as late as it may be."),
    )
    catch_up_limit = number(
        _("runs to catch up at most"), 100, validators=[MinValueValidator(1), MaxValueValidator(10_000)]
    )
    run_if_failed = flag(_("run after a failure"), True, help_text=_("Off: a job that fails pauses the process."))
    pause_after_failures = number(
        _("pause after failures in a row"), 0, validators=[MinValueValidator(0)], help_text=_("0: never.")
    )
    late_after = optional_seconds(
        _("late after, seconds"),
        validators=[MinValueValidator(0)],
        help_text=_("A run that has not begun by then is told of; empty: as the settings say."),
    )
    ping_url = text(
        _("ping"),
        500,
        validators=[URLValidator(["http", "https"])],
        help_text=_("A monitor's address, called after each success: it tells when the calls stop."),
    )

    next_run_at = moment(_("next run"), editable=False)
    scheduled_from = models.DateTimeField(_("schedule counts from"), db_default=Now(), editable=False)
    looked_at = moment(_("looked at by a cron"), editable=False)
    last_slot = moment(_("last slot looked at"), editable=False)
    last_offset = models.IntegerField(_("its seconds ahead of UTC"), null=True, blank=True, editable=False)
    failures = number(_("failures in a row"), 0, editable=False)
    paused_reason = long_text(_("paused because"), editable=False)
    paused_by = text(_("paused by"), 200, editable=False)
    created_at = created(_("created"))

    objects = ProcessQuerySet.as_manager()

    class Meta:
        base_manager_name = "objects"
        verbose_name = _("process")
        verbose_name_plural = _("processes")
        ordering = ("name",)
        permissions = (("run_process", _("Can run a process on demand")),)
        constraints = (
            one_of("overlap", Overlap.values, "process"),
            one_of("catch_up", CatchUp.values, "process"),
            *(within_range("process", field, 0.0, LONGEST) for field in ("jitter", "misfire_grace", "late_after")),
            within_range("process", "catch_up_limit", 1, 10_000),
            within_range("process", "pause_after_failures", 0, MANY),
            within_range("process", "failures", 0, COUNTABLE),
            within_range("process", "last_offset", -FARTHEST, FARTHEST),
            within_calendar(
                "process", "start_at", "end_at", "next_run_at", "scheduled_from", "looked_at", "last_slot", "created_at"
            ),
            matches("process", "name", a_name),
        )
        indexes = (
            models.Index(
                fields=["next_run_at"],
                name="pgprocess_process_due",
                condition=models.Q(is_active=True, has_schedule=True),
            ),
        )
        triggers = triggers.PROCESS

    def __str__(self) -> str:
        return self.name

    @property
    def schedule(self) -> Schedule:
        """The schedule as a value that knows nothing of rows."""
        return Schedule(**{field: getattr(self, field) for field in SCHEDULE_FIELDS})

    def next_runs(self, after: datetime, count: int) -> list[datetime]:
        """Return the first ``count`` runs after ``after`` (aware), in the process's zone; ``[]`` without a schedule.

        Raises :class:`~pgprocess.exceptions.ScheduleError` where the schedule can't be read.
        """
        return self.schedule.next_runs(after, count)

    def describe(self) -> str:
        """Return the schedule in words of the active language. Raises ScheduleError where it can't be read."""
        return describe(self.schedule)

    def pause(self, reason: str = "", *, actor: str = "") -> None:
        """Stop the schedule from making jobs; jobs that wait for their turn go on waiting."""
        self._switch(False, reason, actor)

    def resume(self, *, actor: str = "") -> None:
        """Let the schedule count from now on: slots that passed are not run; jobs that waited for their turn go on."""
        self._switch(True, "", actor)

    def _switch(self, is_active: bool, reason: str, actor: str) -> None:
        rows = type(self)._base_manager.filter(pk=self.pk)
        rows.exclude(is_active=is_active).update(
            is_active=is_active, paused_reason=reason, paused_by="" if is_active else actor
        )
        self.refresh_from_db()

    def backfill(
        self,
        start: datetime,
        end: datetime,
        *,
        concurrency: int = 1,
        reprocess: str = Reprocess.NONE,
        actor: str = "",
    ) -> list[Job]:
        """Make the slots from ``start`` to ``end``, both included, jobs; return those that were made or run again.

        Slots that have not come yet are left to the schedule. The jobs form a line of their own: ``concurrency`` of
        them run at once, oldest first, whatever else the process runs. A slot that was skipped runs after all; one that
        is a job already is left alone, unless ``reprocess`` says that ``failed`` ones or ``all`` run again.

        Raises ScheduleError without a schedule, and for more than 10,000 slots.
        """
        return self.backfills.plan(self, start, end, reprocess).carry_out(concurrency=concurrency, actor=actor)

    def clean(self) -> None:
        """Refuse a schedule that can't be read or never fires, and an unknown zone."""
        super().clean()
        try:
            self.schedule.check()
        except ScheduleError as error:
            raise ValidationError(str(error)) from error
