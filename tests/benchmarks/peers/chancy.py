"""chancy, with the executor for async functions and the queue that polls as soon as there is room."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import time

from chancy import Chancy, Queue, Worker, job

from tests.benchmarks.peers import sending
from tests.benchmarks.peers.tally import tally

SETTINGS = {"concurrency": 1000, "send_every": 0.1} | json.loads(os.environ.get("BENCH_TUNE", "{}"))
ABOUT = {
    "title": "chancy",
    "packages": ["chancy", "psycopg"],
    "settings": f"async function, AsyncExecutor, concurrency={SETTINGS['concurrency']}, eager_polling, "
    f"send_outgoing_interval={SETTINGS['send_every']} s, notifications on, log level WARNING",
    "candidates": [{"concurrency": 1000}, {"concurrency": 5000}, {"concurrency": 20000}],
    "left": "SELECT EXISTS (SELECT FROM chancy_jobs WHERE state IN ('pending', 'running', 'retrying'))",
}
QUEUE = Queue(
    "default",
    concurrency=SETTINGS["concurrency"],
    executor=Chancy.Executor.Async,
    polling_interval=5,
    eager_polling=True,
)


@job()
async def nothing() -> None:
    """Nothing, counted."""
    tally.count()


@job()
async def stamp() -> None:
    """Nothing, and when."""
    tally.stamp()


def application() -> Chancy:
    """On the database of this run."""
    log = logging.getLogger("chancy")
    log.setLevel(logging.WARNING)
    return Chancy(os.environ["BENCH_URL"], log=log)


def install() -> None:
    """Its tables and its queue are there."""

    async def go() -> None:
        async with application() as chancy:
            await chancy.migrate()
            await chancy.declare(QUEUE, upsert=True)

    asyncio.run(go())


def fill(jobs: int) -> None:
    """So many jobs wait."""

    async def go() -> None:
        async with application() as chancy:
            await chancy.declare(QUEUE, upsert=True)
            async for _ in chancy.push_many([nothing.job] * jobs):
                pass

    asyncio.run(go())


def work() -> None:
    """Work until told to stop."""

    async def go() -> None:
        async with application() as chancy:
            worker = Worker(chancy)
            worker.send_outgoing_interval = SETTINGS["send_every"]
            async with worker:
                await worker.wait_for_shutdown()

    asyncio.run(go())


def pickups(samples: int, seconds: float) -> list[float]:
    """Milliseconds each."""
    with asyncio.Runner() as runner:
        chancy = application()
        runner.run(chancy.__aenter__())

        async def send() -> float:
            began = time.time()
            await chancy.push(stamp)
            return began

        latencies = sending.pickups(lambda: runner.run(send()), samples, seconds)
        runner.run(chancy.__aexit__(None, None, None))
        return latencies
