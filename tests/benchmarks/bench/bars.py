"""What was promised, as data: the only place where a bar is written down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Bar:
    """A figure's median shall be ``least`` or more, or ``most`` or less: of the median of ``than``, if that is given.

    ``letter`` is the workload's; ``figure`` and ``than`` are keys of the results.
    """

    letter: str
    figure: str
    title: str
    unit: str
    least: float | None = None
    most: float | None = None
    than: str = ""
    digits: Literal[0, 1, 2] = 0


TASKS, JOBS, MS = "tasks/s", "jobs/s", "ms"

BARS = (
    Bar("a", "drain:pgprocess", "async callable, one worker, beside PgQueuer", JOBS, least=1.0, than="drain:pgqueuer"),
    Bar("a", "drain:sync", "sync callable in threads, one worker", JOBS, least=10_000),
    Bar("b", "awake:two", "two workers, beside one", JOBS, least=1.5, than="awake:one"),
    Bar("c", "diamonds", "diamonds 1 → 8 → 1", TASKS, least=12_000),
    Bar("c", "fans", "1 → 1,000 → 1", TASKS, least=12_000),
    Bar("d", "chain:total", "a chain of 50, from INSERT to its end", MS, most=100, digits=1),
    Bar("d", "chain:hop", "from one task of the chain to the next", MS, most=1.6, digits=2),
    Bar("d", "fan:total", "1 → 100 → 1, from INSERT to its end", MS, most=50, digits=1),
    Bar("e", "pickup:pgprocess:median", "pickup by an idle worker, median", MS, most=2.0, digits=2),
    Bar("e", "pickup:pgprocess:p99", "pickup by an idle worker, p99", MS, most=5.0, digits=2),
    Bar("e", "company:median", "with 50 idle workers beside it, median", MS, most=2.0, digits=2),
    Bar("e", "company:p99", "with 50 idle workers beside it, p99", MS, most=5.0, digits=2),
    Bar("f", "create:one", "Job.create of 1,000 tasks", MS, most=50, digits=1),
    Bar("f", "create:many", "10,000 jobs of 10 tasks in one INSERT", TASKS, least=50_000),
    Bar("g", "scripts:tasks", "Python scripts that import Django", "scripts/s", least=150, digits=1),
    Bar(
        "g",
        "scripts:tasks",
        "the same, beside plain subprocesses",
        "scripts/s",
        least=40,
        than="scripts:plain",
        digits=1,
    ),
    Bar(
        "h", "history:drain", "async callable beside 1,000,000 finished tasks", JOBS, least=0.9, than="drain:pgprocess"
    ),
    Bar("h", "history:diamonds", "diamonds beside them", TASKS, least=0.9, than="diamonds"),
    Bar("h", "history:hop", "a hop in the chain beside them", MS, most=1.1, than="chain:hop", digits=2),
    Bar("h", "history:pickup", "pickup beside them, median", MS, most=1.1, than="pickup:pgprocess:median", digits=2),
    Bar("h", "history:create", "Job.create of 1,000 tasks beside them", MS, most=1.1, than="create:one", digits=1),
    Bar(
        "i",
        "snapshot:kept",
        "200,000 tasks under an old snapshot: last tenth / third tenth",
        "times",
        least=0.9,
        digits=2,
    ),
    Bar("j", "idle:queries", "20 idle workers, all they ask", "queries/s", most=20, digits=1),
    Bar("k", "memory:few", "memory after 100,000 tasks / after 1,000, 8 slots", "times", most=1.1, digits=2),
    Bar("k", "memory:many", "the same with the slots of the drain", "times", most=1.1, digits=2),
)
