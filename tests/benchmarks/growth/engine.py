"""What workers and crons say, and what clears away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from pgprocess.maintenance.prune import prune_some, prune_workers
from pgprocess.maintenance.retention import retention
from tests.benchmarks.growth.live import Live
from tests.benchmarks.growth.measure import Measure
from tests.benchmarks.scale import start


def worker(live: Live) -> Iterator[Measure]:
    """A worker's day."""
    name = "worker"
    yield Measure(name, "claim 100", live.claim, live.refill)
    yield Measure(name, "complete 100", live.complete, live.take)
    yield Measure(name, "complete 100, each with a child", live.complete, live.take_parents)
    live.take()
    scope: dict[str, list[str]] = {"queues": [], "excluded": []}
    yield Measure(name, "lanes", lambda: live.queue.rows("queue/ready_lanes", scope))
    yield Measure(name, "heartbeat with 100 running", live.beat)
    yield Measure(name, "rescue, nobody is lost", live.rescue, live.beat)
    yield Measure(name, "promote, nothing is due", live.queue.promote)
    due = "now() + interval '1 ms'"
    yield Measure(name, "promote 100", live.queue.promote, lambda: live.jobs(live.single, 100, due))
    live.complete()


def unfold(live: Live) -> Iterator[Measure]:
    """Jobs begin."""
    name = "jobs"
    yield Measure(name, "a job of 1 task", lambda: start(live.execute, live.single), rounds=100)
    yield Measure(name, "a job of 10 tasks", lambda: start(live.execute, live.fan), rounds=100)
    live.over(live.fan)


def crowd(live: Live) -> Iterator[Measure]:
    """Many jobs begin at once. After what looks at all that is recent, for these would be most of it."""
    yield Measure(
        "jobs",
        "1,000 jobs of 10 tasks in one INSERT",
        lambda: live.jobs(live.fan, 1000),
        lambda: live.over(live.fan),
        rounds=5,
    )
    live.over(live.fan)


def cron(live: Live) -> Iterator[Measure]:
    """A cron's minute."""
    name = "cron"
    yield Measure(name, "agenda", live.agenda.outlook)
    yield Measure(name, "due", live.agenda.lock_due)
    yield Measure(name, "tick, 10 slots", live.tick)
    yield Measure(name, "watch", lambda: live.outbox.find_late_and_long(late_after=3600.0, long_factor=1000.0))
    yield Measure(name, "overtake", live.agenda.cancel_overtaken)
    yield Measure(name, "stragglers", live.agenda.release_stragglers)


def clearing(live: Live) -> Iterator[Measure]:
    """Retention, and vacuum."""
    name = "clearing"
    some, none = retention("60d"), retention("200d")
    keeper = live.keeper
    yield Measure(name, "prune, a batch of 1,000 rows", lambda: prune_some(keeper, some), rounds=10)
    yield Measure(name, "prune, nothing is old", lambda: prune_some(keeper, none))
    yield Measure(
        name,
        "prune_workers",
        lambda: prune_workers(keeper, timedelta(days=1), dry_run=True),
        rounds=1,
        remark="Once a day; reads all tasks",
    )
    yield Measure(
        name,
        "VACUUM of the job tasks",
        lambda: live.execute("VACUUM pgprocess_jobtask"),
        rounds=1,
        remark="Reads every index",
    )
