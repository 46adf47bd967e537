"""How much of everything is measured."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Self


@dataclass(frozen=True)
class Sizes:
    """The defaults are those of the figures in docs/benchmarks.md."""

    jobs: int = 20_000
    slow_jobs: int = 4_000
    """For those that do less than a few thousand a second, and whose rate does not depend on it."""
    samples: int = 200
    seconds: int = 10
    """For the samples of one who polls."""
    diamonds: int = 1_500
    fans: int = 12
    times: int = 10
    others: int = 50
    creates: int = 10
    many: int = 10_000
    scripts: int = 200
    subprocesses: int = 10
    history: int = 1_000_000
    snapshot: int = 200_000
    idle: int = 20
    idle_seconds: int = 20
    few: int = 1_000
    lot: int = 100_000

    def divided(self, by: int) -> Self:
        """All of it smaller, for developing: such figures say nothing."""
        return replace(self, **{field.name: max(3, getattr(self, field.name) // by) for field in fields(self)})
