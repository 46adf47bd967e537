"""What people look at: the views, the doctor, the admin."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from pgprocess.sql import query
from tests.benchmarks.growth.live import Live
from tests.benchmarks.growth.measure import Measure
from tests.benchmarks.pages import pages

VIEWS = {
    "the last 20 jobs": "SELECT * FROM pgprocess_job_overview ORDER BY id DESC LIMIT 20",
    "the last 20 jobs of a process": (
        "SELECT * FROM pgprocess_job_overview WHERE process = 'process 7' ORDER BY id DESC LIMIT 20"
    ),
    "the last jobs of a process that ran thrice": (
        "SELECT * FROM pgprocess_job_overview WHERE process = 'seldom' ORDER BY id DESC LIMIT 20"
    ),
    "the last 20 jobs that failed": (
        "SELECT * FROM pgprocess_job_overview WHERE status = 'failed' ORDER BY id DESC LIMIT 20"
    ),
    "how far a job is": "SELECT * FROM pgprocess_job_overview WHERE id = {job}",
    "why the tasks of a job wait": (
        "SELECT task, status, waiting_because FROM pgprocess_jobtask_overview WHERE job_id = {job}"
    ),
    "the last 20 tasks that failed": (
        "SELECT * FROM pgprocess_jobtask_overview WHERE status = 'failed' ORDER BY id DESC LIMIT 20"
    ),
    "the newest job task of a name": (
        "SELECT max(id) FROM pgprocess_jobtask_overview WHERE process = 'process 7' AND task = 'task 1'"
    ),
    "queue overview": "SELECT * FROM pgprocess_queue_overview",
    "schedule overview": "SELECT * FROM pgprocess_schedule_overview",
}


def views(live: Live) -> Iterator[Measure]:
    """As docs/psql.md asks them, in Django's session, whose plans are the database's own."""
    from django.db import connection

    def read(text: str) -> Any:
        return connection.connection.execute(text).fetchall()

    for name, statement in VIEWS.items():
        yield Measure("views", name, partial(read, statement.format(job=live.job)), rounds=10)


def doctor(live: Live) -> Iterator[Measure]:
    """Who looks at everything that is recent looks at more of it where more is done."""
    from django.db import connection

    from pgprocess.doctor import examine

    def drift() -> Any:
        return connection.connection.execute(query("doctor/drift"), {"recent": "1 hour"}).fetchall()

    remark = "Looks at what ended within the {}"
    yield Measure("doctor", "drift of the last hour", drift, rounds=5, remark=remark.format("hour"))
    yield Measure(
        "doctor",
        "pgprocess_doctor",
        lambda: list(examine("default")),
        rounds=3,
        remark=remark.format("day"),
    )


def admin(live: Live) -> Iterator[Measure]:
    """Every page and list of ``make pages``, through the whole of Django."""
    from django.contrib.auth.models import User
    from django.test import Client

    client = Client()
    client.force_login(User.objects.filter(is_superuser=True).first() or User.objects.create_superuser("admin"))
    [(jobtask,)] = live.execute("SELECT min(id) FROM pgprocess_jobtask WHERE job_id = %s", [live.job])

    def ask(address: str) -> None:
        assert client.get(address).status_code == 200, address

    for name, address in pages({"job": live.job, "jobtask": jobtask}):
        name, address = (text.replace("p=200", "p=100") for text in (name, address))  # there are as many at any size
        yield Measure("admin", name, partial(ask, address), rounds=5)
