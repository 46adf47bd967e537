"""How fast do jobs come into being? (f)"""

from __future__ import annotations

from tests.benchmarks.bench.peer import Peer
from tests.benchmarks.bench.server import Server, connected
from tests.benchmarks.scale import timed
from tests.benchmarks.workloads import shapes


def one(server: Server, peer: Peer, tasks: int, times: int) -> float:
    """Milliseconds of Job.create for a process 1 → tasks - 2 → 1, the median of so many."""
    with peer.place(server) as place:
        with connected(place.url) as execute:
            process = shapes.diamond(execute, tasks - 2)
        server.settle(place.url)
        took = float(place.ask("create", process, times))
        with connected(place.url) as execute:  # nobody shall meet these tasks who measures here after us
            execute("UPDATE pgprocess_job SET status = 'cancelled' WHERE process_id = %s", [process])
        return took


def many(server: Server, peer: Peer, jobs: int) -> float:
    """Tasks a second of one INSERT of so many jobs 1 → 8 → 1."""
    with peer.place(server) as place, connected(place.url) as execute:
        process = shapes.diamond(execute, 8)
        server.settle(place.url)
        insert = "INSERT INTO pgprocess_job (process_id) SELECT %s FROM generate_series(1, %s)"
        return jobs * 10 / timed(lambda: execute(insert, [process, jobs])) * 1000
