"""How fast is a queue worked off? (a), (b), (c)

The clock runs from the first call of a job's function, so that no start of a process counts, to the moment when the
database holds no job that is not over: what is only in a worker's memory is not done. Celery, which keeps no results
here, has until the last call only.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable

from tests.benchmarks.bench.peer import Peer, Place
from tests.benchmarks.bench.server import Server, connected
from tests.benchmarks.peers.tally import counts
from tests.benchmarks.workloads import shapes
from tests.builders.drawing import Executes

LOOK_EVERY = 0.002

Processes = list[subprocess.Popen[bytes]]


def drained(place: Place, calls: int, workers: Processes) -> float:
    """Calls a second, of workers that have just been started or are about to find work."""
    place.wait(lambda: counts(place.folder).calls >= calls, LOOK_EVERY, workers)
    if not place.peer.about["left"]:
        first_to_last = counts(place.folder)
        return calls / (first_to_last.last - first_to_last.first)
    with connected(place.url) as execute:
        place.wait(lambda: not execute(place.peer.about["left"])[0][0], LOOK_EVERY, workers)
    return calls / (time.time() - counts(place.folder).first)


def drain(server: Server, peer: Peer, jobs: int) -> float:
    """Jobs a second of one worker that finds them when it starts."""
    with peer.place(server) as place:
        place.ask("fill", jobs)
        server.settle(place.url)
        with place.workers() as workers:
            return drained(place, jobs, workers)


def awake(server: Server, peer: Peer, jobs: int, number: int) -> float:
    """Jobs a second of so many workers that are there before the jobs are."""
    with peer.place(server) as place, connected(place.url) as execute, place.workers(number) as workers:
        registered(place, execute, number, workers)
        place.ask("fill", jobs)
        return drained(place, jobs, workers)


def steps(server: Server, peer: Peer, define: Callable[[Executes], int], jobs: int) -> float:
    """Tasks a second, of so many jobs of a process."""
    with peer.place(server) as place:
        with connected(place.url) as execute:
            process = define(execute)
            execute("INSERT INTO pgprocess_job (process_id) SELECT %s FROM generate_series(1, %s)", [process, jobs])
            [(tasks,)] = execute("SELECT %s * count(*) FROM pgprocess_task WHERE process_id = %s", [jobs, process])
        server.settle(place.url)
        with place.workers() as workers:
            return drained(place, tasks, workers)


def diamonds(server: Server, peer: Peer, width: int, jobs: int) -> float:
    """Tasks a second, of so many jobs 1 → width → 1."""
    return steps(server, peer, lambda execute: shapes.diamond(execute, width), jobs)


def registered(place: Place, execute: Executes, number: int, workers: Processes) -> None:
    """So many workers of ours have a row, and listen: the session that does says so in it."""
    there = "SELECT count(*) >= %s FROM pgprocess_worker WHERE session"
    place.wait(lambda: execute(there, [number])[0][0], 0.1, workers)
