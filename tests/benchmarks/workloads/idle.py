"""What do workers ask that have nothing to do? (j)"""

from __future__ import annotations

import time

from tests.benchmarks.bench.peer import Peer
from tests.benchmarks.bench.server import Server, connected
from tests.benchmarks.workloads.drain import registered

SETTLED = 8.0
"""Seconds after which each has done what a worker does once."""


def queries(server: Server, peer: Peer, number: int, seconds: float) -> float:
    """Statements a second of so many idle workers in all, BEGIN and COMMIT included, as pg_stat_statements counts."""
    with peer.place(server) as place, connected(place.url) as execute:
        [(database,)] = execute("SELECT current_database()")
        execute("CREATE EXTENSION pg_stat_statements")
        execute(f'ALTER DATABASE "{database}" SET pg_stat_statements.track = "top"')
        with place.workers(number) as workers:
            registered(place, execute, number, workers)
            time.sleep(SETTLED)
            execute("SELECT pg_stat_statements_reset()")
            time.sleep(seconds)
            [(calls,)] = execute(
                "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements "
                "WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
            return float(calls) / seconds
