"""Tasks that do nothing but say that they were called."""

from __future__ import annotations

from pgprocess import task
from tests.benchmarks.peers.tally import tally


@task("nothing")
async def nothing() -> None:
    """Nothing, counted."""
    tally.count()


@task("nothing_in_a_thread")
def nothing_in_a_thread() -> None:
    """Nothing, counted, and not async."""
    tally.count()


@task("stamp")
async def stamp() -> None:
    """Nothing, and when."""
    tally.stamp()
