"""pgprocess itself, by the same rules as everybody else: ``manage.py pgprocess_worker``, without a line a job."""

from __future__ import annotations

import json
import os
import statistics
import time
from typing import Any

os.environ["PGPROCESS_DATABASE_URL"] = os.environ.get("BENCH_URL", "")
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.noop.settings"

import django
from django.core.management import call_command, execute_from_command_line

from tests.benchmarks.peers import sending

SETTINGS = {"concurrency": 100, "target": "nothing", "verbosity": 0} | json.loads(os.environ.get("BENCH_TUNE", "{}"))
ABOUT = {
    "title": "pgprocess",
    "packages": ["pgprocess", "Django", "psycopg"],
    "settings": f"async function, `pgprocess_worker --concurrency {SETTINGS['concurrency']} --verbosity 0`, "
    "every job with its process, its run, its attempts, its history",
    "candidates": [{"concurrency": 100}, {"concurrency": 500}, {"concurrency": 1000}],
    "candidates_in_threads": [{"concurrency": 20}, {"concurrency": 100}, {"concurrency": 500}],
    "left": "SELECT EXISTS (SELECT FROM pgprocess_job WHERE status = 'running')",
}

django.setup()


def install() -> None:
    """Its tables are there, and a process of one task for each function."""
    from pgprocess.models import Process, Task

    call_command("migrate", verbosity=0)
    for target in ("nothing", "nothing_in_a_thread", "stamp"):
        process = Process.objects.create(name=target)
        Task.objects.create(process=process, name="only", kind="callable", target=target)


def fill(jobs: int) -> None:
    """So many jobs wait."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO pgprocess_job (process_id) "
            "SELECT id FROM pgprocess_process, generate_series(1, %s) WHERE name = %s",
            [jobs, SETTINGS["target"]],
        )


def work() -> None:
    """Work until told to stop."""
    options = ["--concurrency", str(SETTINGS["concurrency"]), "--verbosity", str(SETTINGS["verbosity"])]
    execute_from_command_line(["manage.py", "pgprocess_worker", *options])


def pickups(samples: int, seconds: float) -> list[float]:
    """Milliseconds each."""
    from pgprocess.models import Job, Process

    process = Process.objects.get(name="stamp")

    def send() -> float:
        began = time.time()
        Job.objects.create(process=process)
        return began

    return sending.pickups(send, samples, seconds)


def create(process_id: int, times: int) -> float:
    """Milliseconds that Job.create takes, the median of so many."""
    from pgprocess.models import Job, Process

    process = Process.objects.get(id=process_id)
    took = []
    for _ in range(times):
        began = time.perf_counter()
        Job.create(process)
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


def scripts(scripts: int, subprocesses: int) -> dict[str, Any]:
    """Scripts that import Django, a second: as tasks of a worker, and by a Python started for each."""
    import logging

    from tests.benchmarks.scripts import as_processes, measured, through_a_worker
    from tests.builders.drawing import on_django

    logging.getLogger("pgprocess").setLevel(logging.WARNING)
    *_, tasks = through_a_worker(on_django(), scripts)
    with as_processes() as start:
        *_, plain = measured(start, subprocesses)
    return {"tasks": tasks, "plain": plain}
