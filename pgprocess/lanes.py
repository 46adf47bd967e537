"""Where ready work lies, and which part of it is still worth a look."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from pgprocess.claims import Claim


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
    AFRESH_EVERY = 5.0
    LOOK_EVERY = 0.01

    def __init__(self) -> None:
        self.floors: dict[tuple[str, int], int] = {}
        self.looked_at = float("-inf")

    @property
    def stale(self) -> bool:
        """Whether it is time to look from the start again."""
        return time.monotonic() - self.looked_at > self.AFRESH_EVERY

    @property
    def fresh(self) -> bool:
        """Whether there was a look a moment ago, so that the known lanes may do for now."""
        return time.monotonic() - self.looked_at < self.LOOK_EVERY

    def renew(self, lanes: Sequence[tuple[str, int]]) -> None:
        """These are all the lanes that have work, best first. Those that had some lately will be tried again."""
        known = {} if self.stale else self.floors
        self.floors = dict.fromkeys(lanes, 0)
        self.floors |= {lane: floor for lane, floor in known.items() if lane not in self.floors}
        self.looked_at = time.monotonic()

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

    def shut(self, room: Mapping[str, int]) -> bool:
        """Whether some lane may have work that there is no room for."""
        return any(room.get(queue, 1) <= 0 for queue, _ in self.floors)
