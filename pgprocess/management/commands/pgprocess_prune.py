"""``manage.py pgprocess_prune``: delete jobs that have been over for long enough."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pgprocess.conf import get_settings
from pgprocess.exceptions import RetentionError
from pgprocess.maintenance.prune import BATCH, Gone, Old, count, prune, prune_workers
from pgprocess.maintenance.retention import OVER, parse_age, retention
from pgprocess.management.names import no_such
from pgprocess.models import Process
from pgprocess.postgres.connection import Database, DatabaseTrouble
from pgprocess.queue.queue import Queue
from pgprocess.statuses import JobStatus
from pgprocess.text import first_line


def age(text: str) -> timedelta:
    """Return the age that stands on a command line."""
    try:
        return parse_age(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error


def statuses(text: str) -> list[JobStatus]:
    """Return the statuses that stand on a command line, with commas between them."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    for word in words:
        if word not in OVER:
            raise ArgumentTypeError(no_such("status", word, OVER))
    return [JobStatus(word) for word in words]


def at_least(least: int) -> Any:
    """Return a parser for numbers from ``least`` on."""

    def number(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise ArgumentTypeError(f"{text!r} is not a number from {least} on.")
        return int(text)

    return number


class Command(BaseCommand):
    help = "Delete jobs that are over for long enough, with their tasks, attempts and logs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--older-than", type=age, metavar="AGE", help="as 30d (s, m, h, d, w); default: PGPROCESS['RETENTION']"
        )
        parser.add_argument("--status", type=statuses, metavar="A,B", help="only jobs that ended so")
        parser.add_argument("--process", metavar="NAME", help="only jobs of this process")
        parser.add_argument(
            "--keep-last", type=at_least(0), default=0, metavar="N", help="but not the newest N jobs of each process"
        )
        parser.add_argument(
            "--batch", type=at_least(1), default=BATCH, metavar="N", help=f"rows a transaction (default: {BATCH})"
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what would go")

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete old jobs, old tasks without a job, and old workers; with ``--dry-run`` only count them."""
        settings = get_settings()
        ages = retention(settings.RETENTION)
        if options["older_than"] is not None:
            ages = dict.fromkeys(OVER, options["older_than"])
        elif not ages:
            raise CommandError("Say how old is old, as in --older-than 30d: PGPROCESS['RETENTION'] does not say it.")
        wanted = options["status"] or OVER
        old = Old(
            {status: age for status, age in ages.items() if status in wanted},
            process=self.process(options["process"], settings.DATABASE),
            keep_last=options["keep_last"],
            batch=options["batch"],
        )
        try:
            queue = Queue(Database(settings.DATABASE))
        except DatabaseTrouble as error:
            raise CommandError(f"The database does not answer ({first_line(error)}).") from error
        try:
            gone = self.prune(queue, old, options)
            workers = 0
            if old.process is None:
                workers = prune_workers(queue, max(ages.values()), dry_run=options["dry_run"])
        except RetentionError as error:
            raise CommandError(str(error)) from error
        finally:
            queue.close()
        self.print_counts("Would delete" if options["dry_run"] else "Deleted", gone, workers)

    def process(self, name: str | None, alias: str) -> int | None:
        """Return the id of the process of that name, None without a name."""
        if name is None:
            return None
        names = dict(Process.objects.using(alias).values_list("name", "pk"))
        if name not in names:
            raise CommandError(no_such("process", name, names))
        return names[name]

    def prune(self, queue: Queue, old: Old, options: dict[str, Any]) -> Gone:
        """Delete or count batch by batch; return the totals. ``--verbosity 2`` prints each batch."""
        total = Gone()
        for gone in (count if options["dry_run"] else prune)(queue, old):
            total += gone
            if options["verbosity"] > 1:
                self.print_counts("A batch", gone)
        return total

    def print_counts(self, what: str, gone: Gone, workers: int = 0) -> None:
        self.stdout.write(
            f"{what}: jobs {gone.jobs:,}, tasks {gone.tasks:,}, pieces of log {gone.pieces:,}, workers {workers:,}."
        )
