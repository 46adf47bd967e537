"""What does a session with an old snapshot cost, while which nothing dead can be cleared away? (i)"""

from __future__ import annotations

import time
from functools import partial

import psycopg

from tests.benchmarks.bench.peer import Peer, Place
from tests.benchmarks.bench.server import Server
from tests.benchmarks.peers.tally import counts
from tests.benchmarks.workloads.drain import drained


def so_many(place: Place, calls: int) -> bool:
    """Tell whether there were so many calls."""
    return counts(place.folder).calls >= calls


def kept(server: Server, peer: Peer, jobs: int) -> float:
    """The rate of the last tenth of so many jobs, as a part of that of the third tenth."""
    with peer.place(server) as place:
        place.ask("fill", jobs)
        server.settle(place.url)
        with psycopg.connect(place.url) as other:
            other.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            other.execute("SELECT count(*) FROM pg_class")
            with place.workers() as workers:
                moments = []
                for tenth in (2, 3, 9):
                    place.wait(partial(so_many, place, jobs * tenth // 10), 0.005, workers)
                    moments.append(time.time())
                drained(place, jobs, workers)
                ended = time.time()
        second, third, ninth = moments
        return (third - second) / (ended - ninth)
