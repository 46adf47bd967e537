"""How many Python scripts that import Django run a second? (g)"""

from __future__ import annotations

from tests.benchmarks.bench.peer import Peer
from tests.benchmarks.bench.server import Server


def rates(server: Server, peer: Peer, count: int, subprocesses: int) -> tuple[float, float]:
    """A second: as tasks of a worker, and by a Python started for each. The latter as many at once as cores, the
    former twice as many, which is best for either."""
    with peer.place(server) as place:
        answer = place.ask("scripts", count, subprocesses)
        return answer["tasks"], answer["plain"]
