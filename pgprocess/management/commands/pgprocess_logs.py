"""``manage.py pgprocess_logs``: the output of tasks, also while they run."""

from __future__ import annotations

import os
import re
import sys
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pgprocess.conf import get_settings
from pgprocess.management.follow import Follower
from pgprocess.management.names import no_such
from pgprocess.management.printing import Lines, as_json, plain
from pgprocess.models import Job, JobTask, Process
from pgprocess.statuses import JobStatus


def attempt(text: str) -> int:
    """Return the number of an attempt that stands on a command line; 0 is the newest."""
    if text == "last":
        return 0
    if not re.fullmatch(r"[1-9]\d{0,8}", text):
        raise ArgumentTypeError(f"{text!r} is no attempt: write a number from 1 on, or last.")
    return int(text)


class Command(BaseCommand):
    help = "Print what the tasks of a job wrote: stdout to stdout, stderr to stderr."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("job", metavar="JOB", help="a job's number, or a process's name for its newest job")
        parser.add_argument("task", metavar="TASK", nargs="?", help="a name, name[3] for one item, or a job task's id")
        parser.add_argument("-f", "--follow", action="store_true", help="go on until it is over")
        parser.add_argument("--attempt", type=attempt, metavar="N", help="this attempt only, or last; default: all")
        parser.add_argument("--timestamps", action="store_true", help="begin each line with its time, in UTC")
        parser.add_argument("--json", action="store_true", help="a JSON object for each piece instead")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the output; Ctrl-C, and a reader of stdout that has gone, end the command quietly."""
        alias = get_settings().DATABASE
        tasks = self.tasks(self.job(options["job"], alias), options["task"], alias)
        follower = Follower(tasks, attempt=options["attempt"])
        try:
            self.show(follower, options)
        except KeyboardInterrupt:
            pass
        except BrokenPipeError:
            # Python flushes stdout once more when it ends, which must not fail.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def show(self, follower: Follower, options: dict[str, Any]) -> None:
        """Print page after page; with ``--follow`` until the job is over."""
        names = follower.tasks.count() > 1
        lines = Lines(self.put, names=names, timestamps=options["timestamps"])
        show = as_json(self.put) if options["json"] else lines if names or options["timestamps"] else plain(self.put)
        for page in follower.follow() if options["follow"] else follower.read():
            show(page)
            lines.end(follower.read_to_end)
            self.stdout.flush()
            self.stderr.flush()
        lines.close()

    def put(self, stream: str, text: str) -> None:
        """Write to the stream of that name."""
        to = self.stderr if stream == "stderr" else self.stdout
        to.write(text, style_func=str, ending="")

    def job(self, name: str, alias: str) -> Job:
        """Return the job of that number, or the newest one of that process that was not skipped."""
        jobs = Job.objects.using(alias)
        if name.isdecimal():
            if job := jobs.filter(pk=min(int(name), 2**63 - 1)).first():
                return job
            newest = jobs.first()
            raise CommandError(
                f"There is no job {name}{f': the newest is {newest.pk}' if newest else ', nor any other'}."
            )
        process = Process.objects.using(alias).filter(name=name).first()
        if not process:
            raise CommandError(no_such("process", name, Process.objects.using(alias).values_list("name", flat=True)))
        job = jobs.filter(process=process).exclude(status=JobStatus.SKIPPED).first()
        if not job:
            raise CommandError(f"{process} has not run yet.")
        return job

    def tasks(self, job: Job, name: str | None, alias: str) -> Any:
        """Return the job's tasks of that name, all without a name. A name is a task's, with an item, or an id."""
        tasks = JobTask.objects.using(alias).filter(job=job)
        if name is None:
            return tasks
        item = re.fullmatch(r"(.+)\[(\d{1,9})\]", name)
        ways: list[dict[str, Any]] = [
            {"task__name": name},
            {"task__name": item[1], "map_index": int(item[2])} if item else {},
            {"pk": int(name)} if re.fullmatch(r"\d{1,18}", name) else {},
        ]
        for way in ways:
            if way and tasks.filter(**way).exists():
                return tasks.filter(**way)
        known = tasks.order_by("pk").select_related("task").only("task__name", "map_index")
        raise CommandError(no_such(f"task of job {job.pk}", name, dict.fromkeys(map(str, known))))
