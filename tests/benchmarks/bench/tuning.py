"""Everybody is set up as suits it best on this machine: all candidates of its adapter are tried."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.benchmarks.bench.peer import Failed, Peer
from tests.benchmarks.bench.server import Server
from tests.benchmarks.workloads.drain import drain

TIMES = 2
"""In turns: a candidate's best counts, so that a disturbance doesn't choose."""
Tried = list[tuple[dict[str, Any], float]]


def tuned(server: Server, peer: Peer, candidates: Sequence[dict[str, Any]], jobs: int) -> tuple[Peer, Tried]:
    """The peer with the settings that drain so many jobs the fastest; and all that was tried, with its rate."""
    if len(candidates) == 1:
        return peer.but(**candidates[0]), []
    rates = [0.0] * len(candidates)
    for _ in range(TIMES):
        for number, settings in enumerate(candidates):
            try:
                rates[number] = max(rates[number], drain(server, peer.but(**settings), jobs))
            except Failed as why:
                print(f"tried    {peer.name} with {settings}: {why}", flush=True)
    said = ", ".join(f"{settings} {rate:,.0f}" for settings, rate in zip(candidates, rates, strict=True))
    print(f"tried    {peer.name}: {said}", flush=True)
    return peer.but(**candidates[rates.index(max(rates))]), [*zip(candidates, rates, strict=True)]
