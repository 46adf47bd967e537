"""Celery with Redis, set up for many short tasks as its guide to optimizing says. Redis keeps nothing durably."""

from __future__ import annotations

import json
import os
import statistics
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

from celery import Celery, chain, chord, group

from tests.benchmarks.peers import sending
from tests.benchmarks.peers.tally import counts, stamps, tally

SETTINGS = {"pool": "prefork", "concurrency": 2, "prefetch": 128} | json.loads(os.environ.get("BENCH_TUNE", "{}"))
ABOUT = {
    "title": "Celery with Redis",
    "packages": ["celery", "kombu", "redis", "hiredis"],
    "settings": f"sync function, pool {SETTINGS['pool']} of {SETTINGS['concurrency']}, "
    f"worker_prefetch_multiplier={SETTINGS['prefetch']}, ignore_result (chords keep theirs), no gossip, mingle and "
    "heartbeat, log level WARNING; Redis over its Unix socket with its own defaults: no append-only file",
    "candidates": [
        {"pool": "prefork", "concurrency": 2},
        {"pool": "solo", "concurrency": 1},
        {"pool": "threads", "concurrency": 4},
    ],
    "left": "",
}
REDIS = f"redis+socket://{os.environ.get('BENCH_REDIS', '')}"
app = Celery("bench", broker=REDIS, backend=REDIS)
app.conf.update(
    worker_prefetch_multiplier=SETTINGS["prefetch"],
    broker_connection_retry_on_startup=True,
    task_ignore_result=True,
    worker_hijack_root_logger=False,
)


@app.task(name="nothing")
def nothing() -> None:
    """Nothing, counted."""
    tally.count()


@app.task(name="stamp")
def stamp() -> None:
    """Nothing, and when."""
    tally.stamp()


@app.task(name="step", ignore_result=False)
def step() -> None:
    """Nothing, counted, and its result kept: a chord counts on that."""
    tally.count()


def install() -> None:
    """There is nothing to install."""


def fill(jobs: int) -> None:
    """So many jobs wait."""
    app.control.purge()
    with app.producer_pool.acquire(block=True) as producer:
        for _ in range(jobs):
            nothing.apply_async(producer=producer)


def work() -> None:
    """Work until told to stop."""
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"]
    pool = ["--pool", SETTINGS["pool"], "--concurrency", str(SETTINGS["concurrency"])]
    app.worker_main(["worker", *pool, *quiet])


def pickups(samples: int, seconds: float) -> list[float]:
    """Milliseconds each."""

    def send() -> float:
        began = time.time()
        stamp.apply_async()
        return began

    return sending.pickups(send, samples, seconds)


def chains(tasks: int, times: int) -> dict[str, Any]:
    """Chains of so many tasks: the whole in ms, from before it is sent to the last one's call; and all hops in ms."""
    folder = Path(os.environ["BENCH_FOLDER"])
    totals, hops = [], []
    for _ in range(times):
        before = len(stamps(folder))
        began = time.time()
        chain(*(stamp.si() for _ in range(tasks))).apply_async()
        while len(stamps(folder)) < before + tasks:
            time.sleep(0.001)
        calls = stamps(folder)[before:]
        totals.append((calls[-1] - began) * 1000)
        hops += [(later - earlier) * 1000 for earlier, later in pairwise(calls)]
    return {"total": statistics.median(totals), "hop": statistics.median(hops)}


def diamonds(width: int, times: int) -> float:
    """Steps a second of so many 1 → width → 1 at once, from the first call to the last."""
    folder = Path(os.environ["BENCH_FOLDER"])
    diamond = chain(step.si(), chord(group(step.si() for _ in range(width)), step.si()))
    steps, already = times * (width + 2), counts(folder).calls
    began = time.time()
    for _ in range(times):
        diamond.apply_async()
    while counts(folder).calls < already + steps:
        assert time.time() < began + 300, "the diamonds do not end"
        time.sleep(0.005)
    return steps / (time.time() - began)
