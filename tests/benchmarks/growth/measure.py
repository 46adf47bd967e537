"""One thing that is timed, and what came of it."""

from __future__ import annotations

import statistics
import traceback
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import psycopg

from tests.benchmarks.growth.plans import watching
from tests.benchmarks.scale import timed


def nothing() -> None:
    """Needs no preparation."""


@dataclass(frozen=True, slots=True)
class Measure:
    """``action`` is timed, so many times, after ``before`` each time; ``remark`` says what it looks at."""

    group: str
    name: str
    action: Callable[[], Any]
    before: Callable[[], Any] = nothing
    rounds: int = 30
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """Milliseconds of a measure, and the pages that each node of its plans touched in one more round."""

    group: str
    name: str
    remark: str = ""
    median: float = 0.0
    low: float = 0.0
    high: float = 0.0
    rounds: int = 0
    pages: dict[str, int] = field(default_factory=dict)
    error: str = ""

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self)


def take(measure: Measure, connections: Sequence[psycopg.Connection[Any]]) -> Figure:
    """Measure; what goes wrong is a figure with an error, so that the rest of a long run is not lost."""
    told = (measure.group, measure.name, measure.remark)
    try:
        times = []
        for _ in range(measure.rounds):
            measure.before()
            times.append(timed(measure.action))
        measure.before()
        with watching(connections) as pages:
            measure.action()
    except Exception as error:  # noqa: BLE001  one figure that fails leaves the others
        traceback.print_exc()
        return Figure(*told, error=f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}")
    times.sort()
    tenth = len(times) // 10
    low, high = times[tenth], times[-1 - tenth]
    return Figure(*told, statistics.median(times), low, high, len(times), dict(pages.most_common(12)))
