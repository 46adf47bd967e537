"""Does a worker grow with what it has done? (k)"""

from __future__ import annotations

import subprocess
import time

from tests.benchmarks.bench.peer import Peer
from tests.benchmarks.bench.server import Server, connected
from tests.benchmarks.workloads.drain import drained, registered


def growth(server: Server, peer: Peer, few: int, many: int) -> float:
    """The resident memory of a worker's process after ``many`` tasks, as a multiple of that after ``few``."""
    with peer.place(server) as place, connected(place.url) as execute, place.workers() as workers:
        registered(place, execute, 1, workers)
        sizes: list[int] = []
        for calls in (few, many):
            place.ask("fill", calls if not sizes else many - few)
            drained(place, calls, workers)
            time.sleep(2)
            sizes.append(resident(workers[0].pid))
        return sizes[1] / sizes[0]


def resident(pid: int) -> int:
    """Kilobytes."""
    return int(subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, check=True).stdout)
