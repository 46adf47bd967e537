"""``manage.py pgprocess_backfill NAME FROM TO``: make jobs of the slots of a past range."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import UTC, datetime, time, tzinfo
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.dateparse import parse_date, parse_datetime

from pgprocess.choices import Reprocess
from pgprocess.exceptions import ScheduleError
from pgprocess.models import Process
from pgprocess.schedule.wall_clock import first_instant, in_utc, last_instant
from pgprocess.schedule.zones import zone_named


class Command(BaseCommand):
    help = "Make a job of each slot of a past range that is none yet. The command need not stay for them to run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="the process")
        parser.add_argument("from", help="the first slot, or its day: 2026-11-01, or 2026-11-01T02:30")
        parser.add_argument("to", help="the last slot, or its day; in the zone of the process unless it says another")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
        parser.add_argument("--concurrency", type=int, default=1, metavar="N", help="how many run at once (default: 1)")
        parser.add_argument(
            "--reprocess",
            choices=[Reprocess.FAILED, Reprocess.ALL],
            default=Reprocess.NONE,
            help="run slots again that are jobs already: those that failed or were cancelled, or all",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the backfill, or print with ``--dry-run`` what it would do. The database starts its jobs one by one."""
        process = Process.objects.filter(name=options["name"]).first()
        if process is None:
            raise CommandError(f'There is no process "{options["name"]}".')
        if options["concurrency"] < 1:
            raise CommandError("--concurrency is at least 1.")
        try:
            process.schedule.check()
            zone = zone_named(process.timezone)
            plan = process.backfills.plan(
                process,
                parse_moment(options["from"], zone),
                parse_moment(options["to"], zone, last=True),
                options["reprocess"],
            )
        except ScheduleError as error:
            raise CommandError(str(error)) from error
        if options["dry_run"]:
            for slot in plan.slots:
                if what := "new" if slot in plan.fresh else "again" if slot in plan.again else "":
                    self.stdout.write(f"{slot.astimezone(zone):%Y-%m-%d %H:%M %Z} {what}")
            self.stdout.write(f"{len(plan.fresh)} new and {len(plan.again)} again of {len(plan.slots)} slots.")
            return
        jobs = plan.carry_out(concurrency=options["concurrency"])
        self.stdout.write(f"{len(jobs)} of {len(plan.slots)} slots are in line.")


def parse_moment(text: str, zone: tzinfo, *, last: bool = False) -> datetime:
    """Return the moment that ``text`` says: of a day, or of a time that comes twice, the first or the ``last``.

    A time that the clock jumps over is the moment after it. Raises CommandError if it is neither a day nor a time, and
    ScheduleError outside of the calendar.
    """
    try:
        day = parse_date(text)
        moment = datetime.combine(day, time.max if last else time.min) if day else parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None:
        raise CommandError(f'"{text}" is no day and no time: write 2026-11-01, or 2026-11-01T02:30.')
    if moment.utcoffset() is not None:
        return moment
    in_utc(moment.replace(tzinfo=UTC))
    return (last_instant if last else first_instant)(moment, zone)
