"""How soon does an idle worker begin a job? (e)"""

from __future__ import annotations

from tests.benchmarks.bench.peer import Peer
from tests.benchmarks.bench.server import Server, connected
from tests.benchmarks.workloads.drain import registered


def pickup(server: Server, peer: Peer, samples: int, seconds: float) -> list[float]:
    """Milliseconds each, with one worker."""
    with peer.place(server) as place, place.workers():
        return list(place.ask("pickups", samples, seconds))


def in_company(server: Server, peer: Peer, samples: int, seconds: float, others: int) -> list[float]:
    """The same, while so many other workers of ours are idle beside it."""
    with peer.place(server) as place, connected(place.url) as execute, place.workers(others + 1) as workers:
        registered(place, execute, others + 1, workers)
        return list(place.ask("pickups", samples, seconds))
