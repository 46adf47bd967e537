"""How soon does a Python task begin, and how many run a second? ``make bench-scripts`` answers.

A task of kind python that imports Django and a model, beside the same script in a Python started for it, with
``django.setup()``. Latency is from the start of the run to the arrival of its first line; throughput is that of as
many tasks at once as there are cores. No database is asked. Figures of one run are comparable with each other, not
with those of another machine.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import pgprocess.env  # noqa: F401
from pgprocess.execute import Executor
from pgprocess.runners.base import Run, Stop
from pgprocess.statuses import Status

CODE = "from pgprocess.models import Job\nprint(Job.__name__, flush=True)\n"
PLAIN = f"import django\ndjango.setup()\n{CODE}"
CORES = os.cpu_count() or 1

Start = Callable[[], float]
"""Runs the script; gives the seconds until its first line came."""


class FirstLine:
    """Output that remembers when it began."""

    def __init__(self) -> None:
        self.at = 0.0

    def write(self, stream: str, data: bytes) -> None:
        """Somebody says something."""
        assert stream == "stdout", data
        self.at = self.at or time.perf_counter()


@contextmanager
def as_tasks() -> Iterator[Start]:
    """The script as a task."""
    executor = Executor()

    def start() -> float:
        output, began = FirstLine(), time.perf_counter()
        outcome = executor.run(Run(jobtask_id=1, task="bench", kind="python", code=CODE), output, Stop())
        assert outcome.status == Status.SUCCEEDED, outcome
        return output.at - began

    start()  # the first waits until Django is ready
    yield start
    executor.close()


@contextmanager
def as_processes() -> Iterator[Start]:
    """The script by a Python of its own."""
    with TemporaryDirectory() as folder:
        script = Path(folder) / "bench.py"
        script.write_text(PLAIN)
        environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}

        def start() -> float:
            began = time.perf_counter()
            with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, env=environment) as process:
                assert process.stdout and process.stdout.readline() == b"Job\n"
                return time.perf_counter() - began

        yield start


def measured(start: Start, count: int) -> tuple[float, float, float]:
    """The median and the 95th percentile of the latency in ms, one after the other; tasks per second, many at once."""
    latencies = [start() * 1000 for _ in range(count)]
    began = time.perf_counter()
    with ThreadPoolExecutor(CORES) as threads:
        list(threads.map(lambda _: start(), range(count)))
    rate = count / (time.perf_counter() - began)
    return statistics.median(latencies), statistics.quantiles(latencies, n=20)[-1], rate


def main() -> None:
    """The table has been printed."""
    print(f"Python {sys.version.split()[0]}, {CORES} cores")
    print(f"{'':<24}{'median':>10}{'p95':>10}{'per second':>12}")
    for name, means, count in (("task of kind python", as_tasks, 400), ("python, django.setup()", as_processes, 20)):
        with means() as start:
            median, p95, rate = measured(start, count)
        print(f"{name:<24}{median:>7.1f} ms{p95:>7.1f} ms{rate:>12.1f}")


if __name__ == "__main__":
    main()
