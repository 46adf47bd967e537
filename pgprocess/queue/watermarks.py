"""From which place on a claim looks in each lane: the mark below which everything is known to be taken.

A lane is a queue at one priority. Dead rows that an old snapshot keeps alive lie below the mark, so a claim costs the
same beside a million of them.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from pgprocess.attempt import Claim
from pgprocess.queue.claim import Demand


class Lane(NamedTuple):
    """A queue at one priority; from ``mark`` on, so many tasks of it may be taken."""

    queue: str
    priority: int
    mark: int
    slots: int


class Watermarks:
    """Every lane that has ready work, each with its mark.

    ``ready_seq`` grows in the order in which tasks become ready, but transactions commit out of that order: hence the
    margin, and a look from the start again every few seconds.
    """

    MARGIN = 500
    AFRESH_EVERY = 3.0
    LOOK_EVERY = 0.01
    REMEMBERED = 60.0

    def __init__(self) -> None:
        self.marks: dict[tuple[str, int], int] = {}
        self.seen_at: dict[tuple[str, int], float] = {}
        self.looked_at = float("-inf")

    @property
    def stale(self) -> bool:
        """Whether it is time to look from the start again."""
        return time.monotonic() - self.looked_at > self.AFRESH_EVERY

    @property
    def look_at(self) -> float:
        """When to look for other lanes than the known ones (of :func:`time.monotonic`)."""
        return self.looked_at + self.LOOK_EVERY

    def forget(self) -> None:
        """Forget when the lanes were looked for: before the next claim, ask the database again which have work.

        Cheaper than a claim that finds nothing.
        """
        self.looked_at = float("-inf")

    def renew(self, ready: Sequence[tuple[str, int]]) -> None:
        """Take ``ready`` for all lanes that have work, best first. Lanes that had some lately will be tried again."""
        self.looked_at = time.monotonic()
        self.seen_at |= dict.fromkeys(ready, self.looked_at)
        self.seen_at = {lane: at for lane, at in self.seen_at.items() if at > self.looked_at - self.REMEMBERED}
        self.marks = dict.fromkeys(ready, 0) | {
            lane: mark for lane, mark in self.marks.items() if lane in self.seen_at and lane not in ready
        }

    def raise_to(self, claims: Sequence[Claim]) -> None:
        """Raise the marks to what was just taken, less the margin."""
        lowest: dict[tuple[str, int], int] = {}
        for claim in claims:
            lane = claim.queue, claim.priority
            lowest[lane] = min(claim.ready_seq, lowest.get(lane, claim.ready_seq))
        for lane, seq in lowest.items():
            self.marks[lane] = max(0, seq - self.MARGIN)

    def lanes(
        self, slots: int, room: Mapping[str, int], among: Collection[tuple[str, int]] | None = None
    ) -> list[Lane]:
        """Return the lanes to take up to ``slots`` tasks from, best first; all that are known, or only ``among``.

        Of a queue that ``room`` limits, only its best lane.
        """
        chosen: list[Lane] = []
        limited: set[str] = set()
        for (queue, priority), mark in sorted(self.marks.items(), key=lambda lane: -lane[0][1]):
            if among is not None and (queue, priority) not in among:
                continue
            if queue not in room:
                chosen.append(Lane(queue, priority, mark, slots))
            elif queue not in limited and room[queue] > 0:
                limited.add(queue)
                chosen.append(Lane(queue, priority, mark, min(slots, room[queue])))
        return chosen


def request(lanes: Sequence[Lane], demand: Demand) -> dict[str, Any]:
    """Build the parameters of ``claim.sql``."""
    return {
        "queues": [lane.queue for lane in lanes],
        "priorities": [lane.priority for lane in lanes],
        "marks": [lane.mark for lane in lanes],
        "room": [lane.slots for lane in lanes],
        "slots": demand.slots,
        "worker": demand.worker,
    }
