"""Where ready work lies, and which part of it is still worth a look."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from pgprocess.attempt import Claim


class Lane(NamedTuple):
    """A queue at one priority; from ``floor`` on, so many tasks of it may be taken."""

    queue: str
    priority: int
    floor: int
    slots: int


class Lanes:
    """Every lane (queue and priority) that has ready work, and from which place on each is still worth a look.

    ``ready_seq`` grows in the order in which tasks become ready, but transactions commit out of that order:
    hence the margin, and a look from the start again every few seconds.
    """

    MARGIN = 500
    AFRESH_EVERY = 3.0
    LOOK_EVERY = 0.01
    REMEMBERED = 60.0

    def __init__(self) -> None:
        self.floors: dict[tuple[str, int], int] = {}
        self.seen_at: dict[tuple[str, int], float] = {}
        self.looked_at = float("-inf")

    @property
    def stale(self) -> bool:
        """Whether it is time to look from the start again."""
        return time.monotonic() - self.looked_at > self.AFRESH_EVERY

    @property
    def look_at(self) -> float:
        """When it is time to look for others than the known lanes (of :func:`time.monotonic`)."""
        return self.looked_at + self.LOOK_EVERY

    def doubt(self) -> None:
        """Look before the next claim, even if the last look was a moment ago: it asks less than a claim that fails."""
        self.looked_at = float("-inf")

    def renew(self, lanes: Sequence[tuple[str, int]]) -> None:
        """These are all the lanes that have work, best first. Those that had some lately will be tried again."""
        self.looked_at = time.monotonic()
        self.seen_at |= dict.fromkeys(lanes, self.looked_at)
        self.seen_at = {lane: at for lane, at in self.seen_at.items() if at > self.looked_at - self.REMEMBERED}
        self.floors = dict.fromkeys(lanes, 0) | {
            lane: floor for lane, floor in self.floors.items() if lane in self.seen_at and lane not in lanes
        }

    def took(self, claims: Sequence[Claim]) -> None:
        """Raise the floors to what was just taken, less the margin."""
        lowest: dict[tuple[str, int], int] = {}
        for claim in claims:
            lane = claim.queue, claim.priority
            lowest[lane] = min(claim.ready_seq, lowest.get(lane, claim.ready_seq))
        for lane, seq in lowest.items():
            self.floors[lane] = max(0, seq - self.MARGIN)

    def open(self, slots: int, room: Mapping[str, int], among: Collection[tuple[str, int]] | None = None) -> list[Lane]:
        """Those to take up to ``slots`` from, best first; all that are known, or only those of ``among``.

        Of a queue that ``room`` limits, only its best lane.
        """
        chosen: list[Lane] = []
        limited: set[str] = set()
        for (queue, priority), floor in sorted(self.floors.items(), key=lambda lane: -lane[0][1]):
            if among is not None and (queue, priority) not in among:
                continue
            if queue not in room:
                chosen.append(Lane(queue, priority, floor, slots))
            elif queue not in limited and room[queue] > 0:
                limited.add(queue)
                chosen.append(Lane(queue, priority, floor, min(slots, room[queue])))
        return chosen

    @staticmethod
    def shut(room: Mapping[str, int], lanes: Iterable[tuple[str, int]]) -> bool:
        """Whether one of these lanes has work that there is no room for."""
        return any(room.get(queue, 1) <= 0 for queue, _ in lanes)


def request(lanes: Sequence[Lane], slots: int, worker: int) -> dict[str, Any]:
    """The parameters of ``claim.sql``: up to so many of these lanes for this worker."""
    return {
        "queues": [lane.queue for lane in lanes],
        "priorities": [lane.priority for lane in lanes],
        "floors": [lane.floor for lane in lanes],
        "room": [lane.slots for lane in lanes],
        "slots": slots,
        "worker": worker,
    }
