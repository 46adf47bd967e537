"""django-ox, a backend of Django's tasks: a worker with threads, on persistent connections."""

from __future__ import annotations

import json
import os
import time

from django.core.management import call_command
from django.tasks import task

from tests.benchmarks.peers import project, sending
from tests.benchmarks.peers.tally import tally

SETTINGS = {"concurrency": 1} | json.loads(os.environ.get("BENCH_TUNE", "{}"))
POLLS_EVERY = 1.0
ABOUT = {
    "title": "django-ox",
    "packages": ["django-ox", "Django", "psycopg"],
    "settings": f"sync function, `ox_worker --concurrency {SETTINGS['concurrency']}`, its polling interval of 1 s, "
    "CONN_MAX_AGE=None (persistent connections, as its own benchmarks have them), verbosity 0",
    "candidates": [{"concurrency": 1}, {"concurrency": 4}, {"concurrency": 8}],
    "left": "SELECT EXISTS (SELECT FROM django_ox_oxtask WHERE status IN ('READY', 'RUNNING'))",
    "polls_every": POLLS_EVERY,
}
project.configure("django_ox", backend="django_ox.backend.OxBackend", CONN_MAX_AGE=None)


@task
def nothing() -> None:
    """Nothing, counted."""
    tally.count()


@task
def stamp() -> None:
    """Nothing, and when."""
    tally.stamp()


def install() -> None:
    """Its tables are there."""
    call_command("migrate", verbosity=0)


def fill(jobs: int) -> None:
    """So many jobs wait."""
    from django_ox.bulk import enqueue_many

    enqueue_many(nothing, [((), {})] * jobs)


def work() -> None:
    """Work until told to stop."""
    call_command("ox_worker", concurrency=SETTINGS["concurrency"], verbosity=0)


def pickups(samples: int, seconds: float) -> list[float]:
    """Milliseconds each."""

    def send() -> float:
        began = time.time()
        stamp.enqueue()
        return began

    return sending.pickups(send, samples, seconds, polls_every=POLLS_EVERY)
