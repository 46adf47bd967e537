"""A job's progress: a live table on a terminal, elsewhere one line for each change."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.live import Live
from rich.table import Table
from rich.text import Text

from pgprocess.models import JobTask
from pgprocess.statuses import Status

Show = Callable[[Sequence[JobTask]], None]

GLYPHS = {
    Status.RUNNING: ("▶", "bold blue"),
    Status.SUCCEEDED: ("✓", "green"),
    Status.FORCED: ("✓", "green"),
    Status.FAILED: ("✗", "bold red"),
    Status.UPSTREAM_FAILED: ("✗", "red"),
    Status.CANCELLED: ("✗", "yellow"),
    Status.SKIPPED: ("-", "yellow"),
}
QUIET = ("·", "dim")


@contextmanager
def progress() -> Iterator[Show]:
    """A function that shows the tasks as they are now; call it again and again."""
    if not sys.stdout.isatty():
        yield Lines()
        return
    with Live(refresh_per_second=8) as live:
        yield lambda tasks: live.update(_table(tasks))


class Lines:
    """Prints a line for each task that began or ended since the last call."""

    def __init__(self) -> None:
        self._told: dict[int, str] = {}

    def __call__(self, tasks: Sequence[JobTask]) -> None:
        """What is new has been printed."""
        for jobtask in tasks:
            if jobtask.status in GLYPHS and self._told.get(jobtask.pk) != jobtask.status:
                self._told[jobtask.pk] = jobtask.status
                print(f"  {_glyph(jobtask)[0]} {jobtask.task.name}: {_words(jobtask)}", flush=True)


def _table(tasks: Sequence[JobTask]) -> Table:
    table = Table("", "task", "kind", "status", box=None, pad_edge=False, header_style="dim")
    for jobtask in tasks:
        glyph, style = _glyph(jobtask)
        cells = (glyph, jobtask.task.name, jobtask.task.kind, _words(jobtask))
        table.add_row(*(Text(cell, style=style) for cell in cells))
    return table


def _glyph(jobtask: JobTask) -> tuple[str, str]:
    return GLYPHS.get(Status(jobtask.status), QUIET)


def _words(jobtask: JobTask) -> str:
    """The status, and how long it took where it has run."""
    words = str(Status(jobtask.status).label)
    if jobtask.attempt > 1:
        words += f" (attempt {jobtask.attempt})"
    if jobtask.started_at and jobtask.finished_at:
        words += f" in {(jobtask.finished_at - jobtask.started_at).total_seconds():.1f} s"
    return words
