"""Reading along: what job tasks wrote since one looked last, until they are settled and all is read.

A place in each task's output is all that is remembered. A look costs one statement, and one index probe for each
task that has begun and may still write.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from django.db import OperationalError, connections

from pgprocess.models import LogChunk
from pgprocess.statuses import SETTLED

if TYPE_CHECKING:
    from pgprocess.models.verbs import JobTaskQuerySet

logger = logging.getLogger("pgprocess")

PAGE = 500


@dataclass(frozen=True, slots=True)
class Written:
    """A piece of a task's output; ``task`` is its name, with the item's place where it is mapped."""

    job: int | None
    jobtask: int
    task: str
    attempt: int
    seq: int
    stream: str
    text: str
    at: datetime


class Tail:
    """The output of these job tasks from the beginning on, or of one attempt each.

    ``attempt`` is a number, or 0 for the newest there is when a task is first met, and what follows it.
    """

    def __init__(self, tasks: JobTaskQuerySet, *, attempt: int | None = None) -> None:
        self.tasks = tasks
        self.attempt = attempt
        self.places: dict[int, tuple[int, int]] = {}
        self.read_to_end: dict[int, int] = {}
        self.over = False

    def follow(self, every: float = 0.5) -> Iterator[list[Written]]:
        """Look every so many seconds until all tasks are settled and a look after that has found nothing new.

        A lost connection is made again; what was written meanwhile follows.
        """
        while True:
            new = False
            try:
                for page in self.look():
                    new = new or bool(page)
                    yield page
                if self.over and not new:
                    return
            except OperationalError as error:
                logger.warning("Reading logs lost the database (%s); again in %s s.", str(error).strip(), every)
                connections[self.tasks.db].close()
            time.sleep(every)

    def look(self) -> Iterator[list[Written]]:
        """What was written since the last look, in pages of one task each, and an empty page to end with.

        ``read_to_end`` says by then which tasks are settled and read, with the attempt.
        """
        rows = list(
            self.tasks.order_by("started_at", "pk").values("pk", "job", "task__name", "map_index", "status", "attempt")
        )
        self.over = all(row["status"] in SETTLED or row["attempt"] > (self.attempt or row["attempt"]) for row in rows)
        wanted = {row["pk"]: row for row in rows if row["attempt"] and self.may_have_more(row)}
        for pk, row in wanted.items():
            self.read_to_end.pop(pk, None)
            self.places.setdefault(pk, (row["attempt"] if self.attempt == 0 else self.attempt or 0, 0))
        places = {pk: self.places[pk] for pk in wanted}
        last = {"last": self.attempt} if self.attempt else {}
        while places:
            pieces = LogChunk.objects.using(self.tasks.db).beyond(places, pieces=PAGE, **last)
            may_go_on = pieces[-1].jobtask_id if len(pieces) == PAGE else None
            for pk, group in groupby(pieces, key=attrgetter("jobtask_id")):
                page = [_written(wanted[pk], piece) for piece in group]
                places[pk] = self.places[pk] = page[-1].attempt, page[-1].seq
                if pk != may_go_on:
                    self.is_read(wanted[pk])
                yield page
            if may_go_on is None:
                break
        for row in wanted.values():
            self.is_read(row)
        yield []

    def is_read(self, row: Any) -> None:
        """All that this task had written when it was looked at is read; if it was settled, that is its end."""
        if row["status"] in SETTLED:
            self.read_to_end[row["pk"]] = row["attempt"]

    def may_have_more(self, row: Any) -> bool:
        """Not where it was settled when its output was read, and has not run again. The last look reads all."""
        return self.over or self.read_to_end.get(row["pk"]) != row["attempt"]


def label(task: str, map_index: int | None) -> str:
    """A job task's name among those of its job: ``load``, ``load[3]``."""
    return task if map_index is None else f"{task}[{map_index}]"


def _written(row: Any, piece: LogChunk) -> Written:
    return Written(
        job=row["job"],
        jobtask=row["pk"],
        task=label(row["task__name"], row["map_index"]),
        attempt=piece.attempt,
        seq=piece.seq,
        stream=piece.stream,
        text=piece.text,
        at=piece.created_at,
    )
