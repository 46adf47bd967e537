"""PgQueuer, with asyncpg and uvloop: what its own benchmark takes (tools/benchmark.py, strategy ``drain``)."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time

import asyncpg
import uvloop
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver
from pgqueuer.models import Job
from pgqueuer.queries import Queries

from tests.benchmarks.peers import sending
from tests.benchmarks.peers.tally import tally

SETTINGS = {"consumers": 1, "batch": 100} | json.loads(os.environ.get("BENCH_TUNE", "{}"))
ABOUT = {
    "title": "PgQueuer",
    "packages": ["pgqueuer", "asyncpg", "uvloop"],
    "settings": f"async function, asyncpg, uvloop, batch_size={SETTINGS['batch']}, "
    f"{SETTINGS['consumers']} consumer in the process, its tables as `pgq install` makes them (durable)",
    "candidates": [{"batch": 100}, {"batch": 500}, {"batch": 1000}, {"batch": 10, "consumers": 5}],
    "left": "SELECT EXISTS (SELECT FROM pgqueuer)",
}


async def connect() -> asyncpg.Connection:
    """To the database of this run."""
    return await asyncpg.connect(os.environ["BENCH_URL"])


async def queries() -> Queries:
    """Its side of those who send jobs."""
    return Queries(AsyncpgDriver(await connect()))


def install() -> None:
    """Its tables are there."""

    async def go() -> None:
        await (await queries()).install()

    uvloop.run(go())


def fill(jobs: int) -> None:
    """So many jobs wait."""

    async def go() -> None:
        await (await queries()).enqueue(["nothing"] * jobs, [None] * jobs, [0] * jobs)

    uvloop.run(go())


async def consume(stop: asyncio.Event) -> None:
    """One consumer, on a connection of its own."""
    pgq = PgQueuer(AsyncpgDriver(await connect()))

    @pgq.entrypoint("nothing")
    async def nothing(job: Job) -> None:
        tally.count()

    @pgq.entrypoint("stamp")
    async def stamp(job: Job) -> None:
        tally.stamp()

    async def end() -> None:
        await stop.wait()
        pgq.shutdown.set()

    ending = asyncio.create_task(end())
    await pgq.run(batch_size=SETTINGS["batch"])
    await ending


def work() -> None:
    """Work until told to stop."""

    async def go() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        await asyncio.gather(*(consume(stop) for _ in range(SETTINGS["consumers"])))

    uvloop.run(go())


def pickups(samples: int, seconds: float) -> list[float]:
    """Milliseconds each."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sender = runner.run(queries())

        async def send() -> float:
            began = time.time()
            await sender.enqueue("stamp", None)
            return began

        return sending.pickups(lambda: runner.run(send()), samples, seconds)
