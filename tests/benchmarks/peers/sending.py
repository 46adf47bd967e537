"""How soon does an idle worker begin a job? One at a time, at uneven intervals."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.peers.tally import STAMP, stamps

WARM_UP, WARM_UP_OF_POLLERS = 10, 2
LOOK_EVERY = 0.0005


def pickups(send: Callable[[], float], samples: int, seconds: float, *, polls_every: float = 0.0) -> list[float]:
    """Milliseconds from just before a job is sent to the first line of its function.

    ``send`` sends one that stamps, and gives the time just before. At most so many ``samples`` or ``seconds``; a few
    before them are not counted. Whoever polls is asked at every moment between two polls, not just after one.
    """
    folder = Path(os.environ["BENCH_FOLDER"])
    file = folder / "stamps"
    skipped = WARM_UP_OF_POLLERS if polls_every else WARM_UP
    latencies: list[float] = []
    seen, until = len(stamps(folder)), time.monotonic() + seconds
    while len(latencies) < samples + skipped and (time.monotonic() < until or len(latencies) <= skipped):
        time.sleep(random.uniform(0.01, 0.03) + random.uniform(0, polls_every))
        sent = send()
        give_up = time.monotonic() + 30
        while not file.exists() or file.stat().st_size <= seen * STAMP.size:
            assert time.monotonic() < give_up, "no worker takes the job"
            time.sleep(LOOK_EVERY)
        latencies.append((stamps(folder)[seen] - sent) * 1000)
        seen += 1
    return latencies[skipped:]
