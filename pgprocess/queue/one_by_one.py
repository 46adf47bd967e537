"""Claims of one task at a time, where many could not be claimed together: one that can't be harms itself alone.

The statement fails for what belongs to one of the tasks: results of its parents beyond a gigabyte, say, or a trigger of
somebody's that refuses it. After some seconds such a task fails with that sentence, or is let go of.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from pgprocess.attempt import Claim, Outcome
from pgprocess.postgres.connection import DatabaseTrouble, is_passing
from pgprocess.queue.claim import Claimed, Demand, Report
from pgprocess.queue.watermarks import Lane
from pgprocess.statuses import Status
from pgprocess.text import first_line

if TYPE_CHECKING:
    from pgprocess.queue.queue import Queue

logger = logging.getLogger("pgprocess")

PATIENCE = 5.0
"""Seconds for which a task may be unclaimable until it fails."""
MOST = 1000
"""Unclaimable tasks of a lane that are passed over at most, in one claim."""


class OneByOne:
    """Claims for a :class:`~pgprocess.queue.queue.Queue`, one after the other. ``refused_since`` is by job task."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self.refused_since: dict[int, float] = {}

    def claim(self, demand: Demand, why: Exception) -> Claimed:
        """Claim as many tasks as are demanded and can be claimed, after all of them together failed (``why``)."""
        if not self.refused_since:
            logger.warning("Tasks could not be claimed together (%s); each by itself.", first_line(why))
        queue, claims = self._queue, list[Claim]()
        params = {"queues": list(queue.selector.queues), "excluded": list(queue.selector.excluded)}
        queue.watermarks.renew(queue.rows("queue/ready_lanes", params))
        for lane in queue.watermarks.lanes(demand.slots, queue.selector.room(demand.busy)):
            claims += self._claim_of(lane._replace(mark=0), demand._replace(slots=demand.slots - len(claims)))
        return Claimed(claims, look_at=time.monotonic() + queue.watermarks.AFRESH_EVERY)

    def _claim_of(self, lane: Lane, demand: Demand) -> list[Claim]:
        claims: list[Claim] = []
        for _ in range(MOST + demand.slots):
            if len(claims) >= min(lane.slots, demand.slots):
                break
            with self._queue.transaction():
                first = self._queue.rows("queue/first_ready", lane._asdict())
                if not first:
                    break
                [(jobtask, place)] = first
                claims += self._claim_one(jobtask, lane._replace(mark=place, slots=1), demand._replace(slots=1))
            lane = lane._replace(mark=place + 1)
        return claims

    def _claim_one(self, jobtask: int, lane: Lane, demand: Demand) -> list[Claim]:
        """Claim the task that is locked, the first of the lane; or let it fail where that has not worked for long."""
        try:
            with self._queue.transaction():
                claims = self._queue.claim_from([lane], demand)
        except DatabaseTrouble as error:
            if self._queue.is_lost or is_passing(error):
                raise
            since = self.refused_since.setdefault(jobtask, time.monotonic())
            if time.monotonic() - since >= PATIENCE:
                self._give_up(jobtask, demand, first_line(error))
            return []
        self.refused_since.pop(jobtask, None)
        return claims

    def _give_up(self, jobtask: int, demand: Demand, why: str) -> None:
        """Let the task fail, or cancel it, or leave it as it is, whatever the database takes."""
        sentence = f"It can't be claimed: {why}."
        for end in (self._fail, self._cancel):
            try:
                with self._queue.transaction():
                    end(jobtask, demand, sentence)
            except DatabaseTrouble as error:
                if self._queue.is_lost or is_passing(error):
                    raise
            else:
                del self.refused_since[jobtask]
                logger.error("Job task %s is given up: %s", jobtask, sentence)
                return
        self.refused_since[jobtask] = time.monotonic() + 60.0 - PATIENCE  # and say so no more than once a minute
        logger.error("Job task %s stays ready, for nobody can claim, fail or cancel it: %s", jobtask, sentence)

    def _fail(self, jobtask: int, demand: Demand, sentence: str) -> None:
        token = self._queue.value("queue/begin_to_fail", {"id": jobtask, "worker": demand.worker})
        failed = Outcome(status=Status.FAILED, error=sentence, reason=sentence)
        completed = self._queue.complete([Report(jobtask, token, failed)])
        if completed.refused:
            raise DatabaseTrouble(completed.refused[0].error)

    def _cancel(self, jobtask: int, demand: Demand, sentence: str) -> None:
        self._queue.rows("queue/cancel_unclaimable", {"id": jobtask, "reason": sentence})
