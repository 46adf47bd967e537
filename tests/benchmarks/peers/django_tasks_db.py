"""django-tasks-db, the database backend that came with django-tasks before: one task at a time in a process."""

from __future__ import annotations

import time

from django.core.management import call_command
from django.tasks import task

from tests.benchmarks.peers import project, sending
from tests.benchmarks.peers.tally import tally

POLLS_EVERY = 1.0
ABOUT = {
    "title": "django-tasks-db",
    "packages": ["django-tasks-db", "Django", "psycopg"],
    "settings": "sync function, `db_worker --no-startup-delay`, its polling interval of 1 s, "
    "CONN_MAX_AGE=None (persistent connections), verbosity 0",
    "candidates": [{}],
    "left": "SELECT EXISTS (SELECT FROM django_tasks_database_dbtaskresult WHERE status IN ('READY', 'RUNNING'))",
    "polls_every": POLLS_EVERY,
}
project.configure("django_tasks_db", backend="django_tasks_db.DatabaseBackend", CONN_MAX_AGE=None)


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
    from django.db import transaction

    with transaction.atomic():
        for _ in range(jobs):
            nothing.enqueue()


def work() -> None:
    """Work until told to stop."""
    call_command("db_worker", startup_delay=False, reload=False, verbosity=0)


def pickups(samples: int, seconds: float) -> list[float]:
    """Milliseconds each."""

    def send() -> float:
        began = time.time()
        stamp.enqueue()
        return began

    return sending.pickups(send, samples, seconds, polls_every=POLLS_EVERY)
