"""How long does a graph take whose tasks do nothing? (d)

A worker waits; a job is inserted; its tasks say when they were called. The whole is from just before the INSERT to the
moment when the job is over for others to see.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from tests.benchmarks.bench.peer import Peer, Place
from tests.benchmarks.bench.server import Server, connected
from tests.benchmarks.peers.tally import STAMP, stamps
from tests.benchmarks.workloads import shapes
from tests.benchmarks.workloads.drain import registered
from tests.builders.drawing import Executes

WARM_UP = 3


@dataclass(frozen=True)
class Took:
    """Of several jobs, in ms: the median of the wholes, and of all pauses from one task's call to the next."""

    total: float
    hop: float


def timed(place: Place, execute: Executes, process: int, tasks: int) -> tuple[float, list[float]]:
    """One job: the whole in ms, and the moments when its tasks were called."""
    file = place.folder / "stamps"
    before = file.stat().st_size // STAMP.size if file.exists() else 0
    began = time.time()
    [(job,)] = execute("INSERT INTO pgprocess_job (process_id) VALUES (%s) RETURNING id", [process])
    place.wait(lambda: file.exists() and file.stat().st_size >= (before + tasks) * STAMP.size, 0.001, [])
    place.wait(lambda: execute("SELECT status <> 'running' FROM pgprocess_job WHERE id = %s", [job])[0][0], 0.0005, [])
    return (time.time() - began) * 1000, stamps(place.folder)[before:]


def took(server: Server, peer: Peer, define: Callable[[Executes], int], times: int) -> Took:
    """Of so many jobs of a process, one after the other."""
    with peer.place(server) as place, connected(place.url) as execute, place.workers() as workers:
        process = define(execute)
        [(tasks,)] = execute("SELECT count(*) FROM pgprocess_task WHERE process_id = %s", [process])
        registered(place, execute, 1, workers)
        jobs = [timed(place, execute, process, tasks) for _ in range(WARM_UP + times)][WARM_UP:]
        hops = [(later - earlier) * 1000 for _, moments in jobs for earlier, later in pairwise(moments)]
        return Took(statistics.median(total for total, _ in jobs), statistics.median(hops))


def chain(server: Server, peer: Peer, length: int, times: int) -> Took:
    """One task after the other."""
    return took(server, peer, lambda execute: shapes.chain(execute, length), times)


def fan(server: Server, peer: Peer, width: int, times: int) -> Took:
    """1 → width → 1."""
    return took(server, peer, lambda execute: shapes.diamond(execute, width, "stamp"), times)
