"""Reading along: what job tasks wrote since the last reading, until they are settled and all is read.

A place in the output of each task is all that is remembered. A reading costs one statement, and one index probe for
each task that has begun and may still write.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from django.db import OperationalError, connections

from pgprocess.models import LogChunk
from pgprocess.models.log import LAST
from pgprocess.statuses import SETTLED

if TYPE_CHECKING:
    from pgprocess.models import JobTask
    from pgprocess.models.verbs import JobTaskQuerySet

logger = logging.getLogger("pgprocess")

PAGE = 500  # chunks


class Follower:
    """The output of these job tasks from the beginning on, or of one attempt each.

    ``attempt`` is a number, or 0 for the newest that there is when a task is first met, and what follows it.
    """

    def __init__(self, tasks: JobTaskQuerySet, *, attempt: int | None = None) -> None:
        self.tasks = tasks
        self.attempt = attempt
        self.places: dict[int, tuple[int, int]] = {}
        self.read_to_end: dict[int, int] = {}
        self.over = False

    def follow(self, every: float = 0.5) -> Iterator[list[LogChunk]]:
        """Read every so many seconds until all tasks are settled and a reading after that has found nothing new.

        A lost connection is made again; what was written meanwhile follows.
        """
        while True:
            new = False
            try:
                for page in self.read():
                    new = new or bool(page)
                    yield page
                if self.over and not new:
                    return
            except OperationalError as error:
                logger.warning("Reading logs lost the database (%s); again in %s s.", str(error).strip(), every)
                connections[self.tasks.db].close()
            time.sleep(every)

    def read(self) -> Iterator[list[LogChunk]]:
        """Read what was written since the last reading, in pages of one task each, and an empty page to end with.

        ``read_to_end`` says by then which tasks are settled and read, with the attempt. Each chunk knows its job task.
        """
        wanted = self._tasks_to_read()
        places = {pk: self.places[pk] for pk in wanted}
        while places:
            chunks = LogChunk.objects.using(self.tasks.db).after(places, last_attempt=self.attempt or LAST, most=PAGE)
            may_go_on = chunks[-1].jobtask_id if len(chunks) == PAGE else None
            for pk, group in groupby(chunks, key=attrgetter("jobtask_id")):
                page = list(group)
                for chunk in page:
                    chunk.jobtask = wanted[pk]
                places[pk] = self.places[pk] = page[-1].attempt, page[-1].seq
                if pk != may_go_on:
                    self.record_read(wanted[pk])
                yield page
            if may_go_on is None:
                break
        for task in wanted.values():
            self.record_read(task)
        yield []

    def _tasks_to_read(self) -> dict[int, JobTask]:
        rows = self.tasks.order_by("started_at", "pk").select_related("task")
        tasks = list(rows.only("job_id", "task__name", "map_index", "status", "attempt"))
        self.over = all(task.status in SETTLED or task.attempt > (self.attempt or task.attempt) for task in tasks)
        wanted = {task.pk: task for task in tasks if task.attempt and self.may_have_more(task)}
        for pk, task in wanted.items():
            self.read_to_end.pop(pk, None)
            self.places.setdefault(pk, (task.attempt if self.attempt == 0 else self.attempt or 0, 0))
        return wanted

    def record_read(self, task: JobTask) -> None:
        """Record that all is read which this task had written when it was met; if it was settled, that is its end."""
        if task.status in SETTLED:
            self.read_to_end[task.pk] = task.attempt

    def may_have_more(self, task: JobTask) -> bool:
        """Return whether the task may have written more: not once its end was read, unless it has run again.

        The last reading, when all are over, reads all tasks once more.
        """
        return self.over or self.read_to_end.get(task.pk) != task.attempt
