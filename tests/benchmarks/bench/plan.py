"""Which workloads there are, and who is measured by each."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from tests.benchmarks.bench.peer import Peer
from tests.benchmarks.bench.server import Server
from tests.benchmarks.bench.sizes import Sizes
from tests.benchmarks.workloads import celery, create, drain, idle, latency, memory, pickup, scripts, snapshot
from tests.benchmarks.workloads.history import Old

OURS = "pgprocess"
SLOW = {"procrastinate", "django_ox", "django_tasks_db", "celery"}

Values = tuple[float, ...]


@dataclass(frozen=True)
class Step:
    """One measurement of one of those compared; ``once``: in the first round only, for it takes long.

    ``figures`` are the keys of what ``measure`` gives, in its order.
    """

    workload: str
    peer: str
    figures: tuple[str, ...]
    measure: Callable[[Server], Values]
    once: bool = False


def steps(peers: Mapping[str, Peer], size: Sizes, sync: Peer) -> Iterator[Step]:
    """All, in the order of a round. ``sync`` is ours with the slots that are best for callables in threads."""
    ours = peers[OURS]
    old = Old(ours.name, ours.redis, ours.tune, history=size.history)
    yield from drains(peers, size, sync)
    yield from graphs(peers, size)
    yield from pickups(peers, size)

    def step(workload: str, figure: str, measure: Callable[[Server], float], once: bool = False) -> Step:
        return Step(workload, OURS, (figure,), lambda server: (measure(server),), once)

    yield step("create", "create:one", lambda server: create.one(server, ours, 1_000, size.creates))
    yield step("create", "create:many", lambda server: create.many(server, ours, size.many))
    yield Step(
        "scripts",
        OURS,
        ("scripts:tasks", "scripts:plain"),
        lambda server: scripts.rates(server, ours, size.scripts, size.subprocesses),
    )

    yield step("history", "history:drain", lambda server: drain.drain(server, old, size.jobs))
    yield step("history", "history:diamonds", lambda server: drain.diamonds(server, old, 8, size.diamonds))
    yield step("history", "history:hop", lambda server: latency.chain(server, old, 50, size.times).hop)
    yield step(
        "history", "history:pickup", lambda server: waits(pickup.pickup(server, old, size.samples, size.seconds))[0]
    )
    yield step("history", "history:create", lambda server: create.one(server, old, 1_000, size.creates))

    yield step("snapshot", "snapshot:kept", lambda server: snapshot.kept(server, ours, size.snapshot), once=True)
    yield step(
        "idle", "idle:queries", lambda server: idle.queries(server, ours, size.idle, size.idle_seconds), once=True
    )
    for figure, peer in (("memory:few", ours.but(concurrency=8)), ("memory:many", ours)):
        grown = partial(memory.growth, peer=peer, few=size.few, many=size.lot)
        yield step("memory", figure, grown, once=True)


def drains(peers: Mapping[str, Peer], size: Sizes, sync: Peer) -> Iterator[Step]:
    """Everybody's queue is worked off, ours in some other ways as well."""
    ours = peers[OURS]

    def step(figure: str, peer: Peer, jobs: int) -> Step:
        return Step("drain", peer.name, (figure,), lambda server: (drain.drain(server, peer, jobs),))

    for name, peer in peers.items():
        yield step(f"drain:{name}", peer, size.slow_jobs if name in SLOW else size.jobs)
    yield step("drain:sync", sync, size.jobs)
    yield step("drain:logged", ours.but(verbosity=1), size.jobs)
    yield Step("two", OURS, ("awake:one",), lambda server: (drain.awake(server, ours, size.jobs, 1),))
    yield Step("two", OURS, ("awake:two",), lambda server: (drain.awake(server, ours, size.jobs, 2),))


def graphs(peers: Mapping[str, Peer], size: Sizes) -> Iterator[Step]:
    """Many of them, and how long one takes."""
    ours, theirs = peers[OURS], peers.get("celery")

    def chain(server: Server) -> Values:
        took = latency.chain(server, ours, 50, size.times)
        return took.total, took.hop

    yield Step("graphs", OURS, ("diamonds",), lambda server: (drain.diamonds(server, ours, 8, size.diamonds),))
    yield Step("graphs", OURS, ("fans",), lambda server: (drain.diamonds(server, ours, 1_000, size.fans),))
    if theirs:
        few = max(3, size.diamonds // 10)
        yield Step("graphs", "celery", ("diamonds:celery",), lambda server: (celery.diamonds(server, theirs, 8, few),))
    yield Step("chain", OURS, ("chain:total", "chain:hop"), chain)
    if theirs:
        figures = ("chain:celery:total", "chain:celery:hop")
        yield Step("chain", "celery", figures, lambda server: celery.chain(server, theirs, 50, size.times))
    yield Step("chain", OURS, ("fan:total",), lambda server: (latency.fan(server, ours, 100, size.times).total,))


def pickups(peers: Mapping[str, Peer], size: Sizes) -> Iterator[Step]:
    """Everybody's, by one idle worker; ours by one among many as well."""

    def step(peer: Peer) -> Step:
        figures = (f"pickup:{peer.name}:median", f"pickup:{peer.name}:p99")
        return Step(
            "pickup", peer.name, figures, lambda server: waits(pickup.pickup(server, peer, size.samples, size.seconds))
        )

    def company(server: Server) -> Values:
        return waits(pickup.in_company(server, peers[OURS], size.samples, size.seconds * 5, size.others))

    yield from map(step, peers.values())
    yield Step("company", OURS, ("company:median", "company:p99"), company, once=True)


def waits(latencies: list[float]) -> Values:
    """The median and the 99th percentile."""
    if len(latencies) == 1:
        return latencies[0], latencies[0]
    return statistics.median(latencies), statistics.quantiles(latencies, n=100, method="inclusive")[98]
