"""How soon does a Python task begin, and how many run a second? ``make bench-scripts`` answers.

A task of kind python that imports Django and a model, beside the same script in a Python started for it, with
``django.setup()``. Latency is from the start of the run to the arrival of its first line; through a worker it is from
the claim, by the database's clock, to what the script's first line says of the time. Throughput is that of as many at
once as there are cores, or of a worker with twice as many slots, whose tasks wait for the disk between two scripts: for
either that is best, or next to it. Figures of one run are comparable with each other, not with another machine's.
"""

from __future__ import annotations

import logging
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

from pgprocess.runners.executor import Executor
from pgprocess.statuses import Status
from tests.benchmarks.scale import database
from tests.builders.attempts import a_run, outcome_of
from tests.builders.drawing import Executes, draw

CODE = "from pgprocess.models import Job\nprint(Job.__name__, flush=True)\n"
PLAIN = f"import django\ndjango.setup()\n{CODE}"
SAYS_WHEN = f"import time\n{CODE}print(time.time())\n"
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
        outcome = outcome_of(executor, a_run(code=CODE), output)
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


def through_a_worker(execute: Executes, count: int) -> tuple[float, float, float]:
    """The same for tasks that a worker claims: one at a time, then twice as many as there are cores."""
    from pgprocess.postgres.connection import Database
    from pgprocess.worker.options import WorkerOptions
    from pgprocess.worker.worker import Worker

    process = draw(execute, "a", {"a": {"code": SAYS_WHEN}})
    rates = []
    for slots in (1, 2 * CORES):
        worker = Worker(WorkerOptions(database=Database("default"), concurrency=slots, max_tasks=count, warm=True))
        outcome_of(worker.executor, a_run(code="pass"), FirstLine())
        execute("INSERT INTO pgprocess_job (process_id) SELECT %s FROM generate_series(1, %s)", [process, count])
        began = time.perf_counter()
        worker.run()
        rates.append(count / (time.perf_counter() - began))
    latencies = execute(
        "SELECT 1000 * (split_part(string_agg(text, '' ORDER BY seq), E'\n', 2)::float8 "
        "- extract(epoch FROM started_at)) "
        "FROM pgprocess_jobtask AS task JOIN pgprocess_logchunk ON jobtask_id = task.id "
        "GROUP BY task.id ORDER BY task.id LIMIT %s",
        [count],
    )
    values = [float(milliseconds) for (milliseconds,) in latencies]
    return statistics.median(values), statistics.quantiles(values, n=20)[-1], rates[1]


def table(execute: Executes) -> None:
    """A line for each way."""
    print(f"Python {sys.version.split()[0]}, {CORES} cores")
    print(f"{'':<24}{'median':>10}{'p95':>10}{'per second':>12}")
    for name, means, count in (("task of kind python", as_tasks, 400), ("python, django.setup()", as_processes, 20)):
        with means() as start:
            line(name, *measured(start, count))
    line("the same, from its claim", *through_a_worker(execute, 300))


def line(name: str, median: float, p95: float, rate: float) -> None:
    """One line of the table."""
    print(f"{name:<24}{median:>7.1f} ms{p95:>7.1f} ms{rate:>12.1f}")


def main() -> None:
    """The table has been printed."""
    logging.getLogger("pgprocess").setLevel(logging.WARNING)
    with database() as execute:
        table(execute)


if __name__ == "__main__":
    main()
