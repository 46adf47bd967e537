"""Celery's own chains and chords, for comparison. (c), (d)"""

from __future__ import annotations

from tests.benchmarks.bench.peer import Peer
from tests.benchmarks.bench.server import Server


def diamonds(server: Server, celery: Peer, width: int, times: int) -> float:
    """Steps a second of so many 1 → width → 1 at once."""
    with celery.place(server) as place, place.workers():
        return float(place.ask("diamonds", width, times))


def chain(server: Server, celery: Peer, length: int, times: int) -> tuple[float, float]:
    """The whole of a chain in ms, and a hop in it."""
    with celery.place(server) as place, place.workers():
        took = place.ask("chains", length, times)
        return took["total"], took["hop"]
