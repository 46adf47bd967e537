"""One size of the history, and all that is measured beside it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from tests.benchmarks.growth import engine, history, people
from tests.benchmarks.growth.live import Live
from tests.benchmarks.growth.measure import Measure, take
from tests.benchmarks.growth.progress import say
from tests.benchmarks.growth.sizes import disk
from tests.benchmarks.growth.wal import costs
from tests.builders.drawing import Executes

SUBJECTS: tuple[Callable[[Live], Iterator[Measure]], ...] = (
    people.views,
    people.doctor,
    people.admin,
    engine.cron,
    engine.worker,
    engine.unfold,
    engine.crowd,
    engine.clearing,
)
"""What looks at the recent first, for what works makes more of it."""
GROUPS = ("worker", "jobs", "cron", "clearing", "views", "doctor", "admin")


def stage(execute: Executes, tasks: int) -> dict[str, Any]:
    """One size: a history of so many tasks, everything that is measured beside it, and the disk it takes."""
    began, shown, written = time.monotonic(), 0.0, 0
    history.clear(execute)
    for written in history.fill(execute, tasks):
        if time.monotonic() - shown > 5:
            shown = time.monotonic()
            say(f"{written:,} of {tasks:,} tasks written")
    filled = time.monotonic() - began
    say(f"{written:,} tasks written and vacuumed in {filled:.0f} s")
    sizes = disk(execute)
    live = Live()
    live.begin()
    found = []
    for subject in SUBJECTS:
        for measure in subject(live):
            figure = take(measure, live.connections())
            say(f"{figure.group:9} {figure.name:50} {figure.error or f'{figure.median:10.2f} ms'}")
            found.append(figure.as_json())
    found.sort(key=lambda figure: GROUPS.index(figure["group"]))
    spent = list(costs(live))
    for cost in spent:
        say(f"{cost['name']:50} {cost['wal']:6.0f} bytes of WAL, {cost['server_us']:6.0f} µs a task")
    live.close()
    return {"tasks": written, "seconds": filled, "disk": sizes, "figures": found, "costs": spent}
