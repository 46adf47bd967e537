"""``manage.py pgprocess_backfill NAME FROM TO``: make jobs of the slots of a past range."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError
from django.utils.dateparse import parse_date, parse_datetime

from pgprocess.choices import Reprocess
from pgprocess.exceptions import ScheduleError
from pgprocess.models import Process

LAST_MOMENT = timedelta(days=1) - timedelta(microseconds=1)


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
            zone = ZoneInfo(process.timezone)
            plan = process.backfills.plan(
                process,
                parse_moment(options["from"], zone, timedelta(0)),
                parse_moment(options["to"], zone, LAST_MOMENT),
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


def parse_moment(text: str, zone: ZoneInfo, rest_of_day: timedelta) -> datetime:
    """Return the moment that ``text`` says; for a day without a time, the day's begin plus ``rest_of_day``.

    Raises CommandError if it is neither.
    """
    try:
        if day := parse_date(text):
            return datetime.combine(day, time.min, zone) + rest_of_day
        if moment := parse_datetime(text):
            return moment if moment.utcoffset() is not None else moment.replace(tzinfo=zone)
    except ValueError:
        pass
    raise CommandError(f'"{text}" is no day and no time: write 2026-11-01, or 2026-11-01T02:30.')
