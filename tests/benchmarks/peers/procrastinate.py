"""procrastinate, with the connector that its documentation recommends for async programs and workers."""

from __future__ import annotations

import asyncio
import json
import os
import time

import procrastinate

from tests.benchmarks.peers import sending
from tests.benchmarks.peers.tally import tally

SETTINGS = {"concurrency": 10} | json.loads(os.environ.get("BENCH_TUNE", "{}"))
ABOUT = {
    "title": "procrastinate",
    "packages": ["procrastinate", "psycopg"],
    "settings": f"async function, PsycopgConnector with a pool of {SETTINGS['concurrency']}, "
    f"concurrency={SETTINGS['concurrency']}, listening, jobs kept, no log handler",
    "candidates": [{"concurrency": 10}, {"concurrency": 1}, {"concurrency": 30}],
    "left": "SELECT EXISTS (SELECT FROM procrastinate_jobs WHERE status IN ('todo', 'doing'))",
}

app = procrastinate.App(
    connector=procrastinate.PsycopgConnector(
        conninfo=os.environ.get("BENCH_URL", ""), min_size=2, max_size=max(2, SETTINGS["concurrency"])
    )
)


@app.task(name="nothing")
async def nothing() -> None:
    """Nothing, counted."""
    tally.count()


@app.task(name="stamp")
async def stamp() -> None:
    """Nothing, and when."""
    tally.stamp()


def install() -> None:
    """Its tables are there."""

    async def go() -> None:
        async with app.open_async():
            await app.schema_manager.apply_schema_async()

    asyncio.run(go())


def fill(jobs: int) -> None:
    """So many jobs wait."""

    async def go() -> None:
        async with app.open_async():
            for done in range(0, jobs, 1000):
                await nothing.batch_defer_async(*({} for _ in range(min(1000, jobs - done))))

    asyncio.run(go())


def work() -> None:
    """Work until told to stop."""

    async def go() -> None:
        async with app.open_async():
            await app.run_worker_async(concurrency=SETTINGS["concurrency"])

    asyncio.run(go())


def pickups(samples: int, seconds: float) -> list[float]:
    """Milliseconds each."""
    with asyncio.Runner() as runner:
        runner.run(app.open_async().__aenter__())

        async def send() -> float:
            began = time.time()
            await stamp.defer_async()
            return began

        latencies = sending.pickups(lambda: runner.run(send()), samples, seconds)
        runner.run(app.close_async())
        return latencies
