"""Which queues a worker serves, and of which queues it runs only so many tasks at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class QueueSelector:
    """All queues, or those named, less the excluded ones; ``caps`` says how many of a queue's tasks run at once."""

    queues: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    caps: Mapping[str, int] = field(default_factory=dict)

    def serves(self, queue: str) -> bool:
        """Tell whether tasks of this queue are taken at all."""
        return queue not in self.excluded and (not self.queues or queue in self.queues)

    def room(self, busy: Mapping[str, int]) -> dict[str, int]:
        """Return for each capped queue how many more tasks may run, where ``busy`` counts those that run."""
        return {queue: cap - busy.get(queue, 0) for queue, cap in self.caps.items()}

    @property
    def quiet(self) -> str:
        """The value of ``pgprocess.quiet``: the queues of whose new work nobody need be told, * for all."""
        if self.queues:
            return ",".join(queue for queue in self.queues if self.serves(queue))
        return "" if self.excluded else "*"

    def __str__(self) -> str:
        named = ", ".join(self.queues) or "every queue"
        but = f" but {', '.join(self.excluded)}" if self.excluded else ""
        caps = "".join(f", {limit} of {queue}" for queue, limit in self.caps.items())
        return f"{named}{but}{caps}"
