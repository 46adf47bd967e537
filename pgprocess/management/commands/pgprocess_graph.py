"""``manage.py pgprocess_graph``: a process or a job as a picture, or as text for other programs."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pgprocess.diagram import DiagramError, graph_of
from pgprocess.diagram.export import FORMATS
from pgprocess.models import Job, Process
from pgprocess.text import nearest


class Command(BaseCommand):
    help = "Draw a process, or a job with its statuses, as SVG, Mermaid or DOT."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", metavar="NAME|JOB", help="the name of a process, or the number of a job")
        parser.add_argument("--format", choices=[*FORMATS], default="svg", help="svg (default), mermaid or dot")
        parser.add_argument("-o", "--output", default="", metavar="FILE", help="write into this file, not to stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the diagram to stdout, or into a file."""
        try:
            text = FORMATS[options["format"]].write(graph_of(process_or_job(options["what"])))
        except DiagramError as error:
            raise CommandError(str(error)) from error
        if not options["output"]:
            self.stdout.write(text, ending="")
            return
        try:
            Path(options["output"]).write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{options['output']} can't be written: {error.strerror}.") from error


def process_or_job(what: str) -> Process | Job:
    """Return the process of that name, else the job of that number. Raises CommandError if there is neither."""
    if process := Process.objects.filter(name=what).first():
        return process
    number = int(what) if what.isascii() and what.isdigit() and len(what) < 19 else None
    if number is not None and (job := Job.objects.select_related("process").filter(pk=number).first()):
        return job
    near = nearest(what, Process.objects.values_list("name", flat=True))
    hint = f"did you mean {near!r}?" if near else "give the name of a process or the number of a job."
    raise CommandError(f"There is no process {what!r}{' and no such job' if number is not None else ''}: {hint}")
