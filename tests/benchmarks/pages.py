"""How fast are the pages beside a million jobs, and for a job of a thousand tasks? ``make pages`` answers.

History is written with the triggers off, on a throw-away Postgres; the pages are asked for through Django's whole
stack, once to warm up and then five times. Queries are counted; a page over its limit makes the exit code 1.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.benchmarks.scale import database, define, start, timed
from tests.builders.drawing import Executes

LIMIT, LIVE_LIMIT, LIVE_BYTES, QUERIES = 300.0, 10.0, 200, 40
EDGES = "SELECT n / 2, n FROM generate_series(2, {0}) AS n UNION SELECT n - 7, n FROM generate_series(9, {0}) AS n"

JOB_LISTS = (
    *("", "status=failed", "status=unseen", "status=cancelled", "status=running", "process__id__exact=7"),
    *("origin__exact=schedule", "status=failed&process__id__exact=1", "p=200", "id__lt=5000", "q=process+7", "q=4711"),
)
TASK_LISTS = (
    *("", "status__exact=failed", "status__exact=succeeded", "status__exact=ready", "queue=default"),
    *("task__process__id__exact=7", "p=200", "q=task+2"),
)

HISTORY = """
INSERT INTO pgprocess_process (name) SELECT 'process ' || n FROM generate_series(1, 100) AS n;
INSERT INTO pgprocess_task (process_id, name, kind, code)
SELECT id, 'task ' || n, 'python', 'pass' FROM pgprocess_process, generate_series(1, 2) AS n WHERE id > 1;
INSERT INTO pgprocess_taskversion (task_id, number, digest, kind, code)
SELECT id, 1, '', kind, code FROM pgprocess_task WHERE process_id > 1;
UPDATE pgprocess_task AS task SET version_id = version.id
  FROM pgprocess_taskversion AS version WHERE version.task_id = task.id AND task.process_id > 1;
INSERT INTO pgprocess_job (
       process_id, status, started_at, finished_at, created_at, tasks_total, tasks_failed)
SELECT 2 + n % 100,
       CASE WHEN n % 1000 = 0 THEN 'failed' WHEN n % 5000 = 1 THEN 'cancelled' ELSE 'succeeded' END,
       moment, moment + interval '20 s', moment, 2, (n % 1000 = 0)::int
  FROM generate_series(1, {jobs}) AS n,
       LATERAL (SELECT now() - make_interval(secs => ({jobs} - n) * 30)) AS time (moment);
INSERT INTO pgprocess_jobtask (job_id, task_id, version_id, status, attempt, started_at, finished_at, error)
SELECT job.id, task.id, task.version_id, job.status, 1, job.started_at, job.finished_at,
       CASE WHEN job.status = 'failed' THEN 'boom' ELSE '' END
  FROM pgprocess_job AS job JOIN pgprocess_task AS task ON task.process_id = job.process_id
 WHERE job.process_id > 1;
"""
DONE = """
UPDATE pgprocess_jobtask SET status = 'succeeded', attempt = 1, started_at = now(), finished_at = now();
UPDATE pgprocess_job SET status = 'succeeded', tasks_left = 0, finished_at = now();
"""
OF_JOB = "UPDATE pgprocess_jobtask SET status = %s WHERE job_id = %s AND status = %s"


def fill(execute: Executes, jobs: int, tasks: int) -> dict[str, int]:
    """So many jobs in a hundred small processes; and a large one that ran 24 times, and runs with a failure in it."""
    large = define(execute, tasks, EDGES.format(tasks))
    for _ in range(24):
        start(execute, large)
    execute("SET session_replication_role = replica")
    execute(DONE)
    execute(HISTORY.format(jobs=jobs))
    execute("SET session_replication_role = origin")
    job = start(execute, large)
    for _ in range(4):
        execute(OF_JOB, ["running", job, "ready"])
        execute(OF_JOB, ["succeeded", job, "running"])
    execute(OF_JOB, ["running", job, "ready"])
    [(task,)] = execute("SELECT min(id) FROM pgprocess_jobtask WHERE job_id = %s AND status = 'running'", [job])
    execute("UPDATE pgprocess_jobtask SET status = 'failed', error = 'boom' WHERE id = %s", [task])
    execute("VACUUM ANALYZE")
    return {"job": job, "jobtask": task}


def pages(rows: dict[str, int]) -> Iterator[tuple[str, str]]:
    """What is asked for: its name and its address."""
    from django.urls import reverse

    yield "home", reverse("admin:app_list", args=["pgprocess"])
    yield "job", reverse("admin:pgprocess_job_change", args=[rows["job"]])
    yield "job task", reverse("admin:pgprocess_jobtask_change", args=[rows["jobtask"]])
    yield "queues", reverse("admin:pgprocess_worker_queues")
    for model, filters in (("job", JOB_LISTS), ("jobtask", TASK_LISTS), ("worker", ("",))):
        for one in filters:
            yield f"{model} list {one}".strip(), reverse(f"admin:pgprocess_{model}_changelist") + "?" + one


@dataclass(frozen=True, slots=True)
class Answer:
    """How a page answered: the first time and in the median of five, in milliseconds."""

    cold: float
    median: float
    queries: int
    size: int
    status: int
    mark: str

    def print(self, name: str, *, bad: bool) -> None:
        """A line of the table."""
        times = f"{self.cold:6.0f} ms {self.median:6.1f} ms"
        print(f"{name:50} {times} {self.queries:4} {self.size:8,} {'TOO MUCH' if bad else ''}", flush=True)


def measure(client: Any, address: str, **headers: str) -> Answer:
    """Ask six times; what redirects or fails has not been measured."""
    from django.core import signals
    from django.db import connection, reset_queries

    answers: list[Any] = []

    def ask() -> None:
        answers.append(client.get(address, headers=headers))

    signals.request_started.disconnect(reset_queries)
    connection.force_debug_cursor, before = True, len(connection.queries_log)
    cold = timed(ask)
    connection.force_debug_cursor, queries = False, len(connection.queries_log) - before
    median = statistics.median(timed(ask) for _ in range(5))
    last = answers[-1]
    assert last.status_code in (200, 304), f"{address} answered {last.status_code}"
    return Answer(cold, median, queries, len(last.content), last.status_code, last.get("ETag", ""))


def main() -> int:
    """Fill, ask, print; 1 if a page is too slow or asks too much."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=1_000_000)
    parser.add_argument("--tasks", type=int, default=1000)
    options = parser.parse_args()
    late = 0
    with database() as execute:
        from django.contrib.auth.models import User
        from django.test import Client
        from django.urls import reverse

        rows: dict[str, int] = {}
        took = timed(lambda: rows.update(fill(execute, options.jobs, options.tasks)))
        print(f"{options.jobs:,} jobs written in {took / 1000:.0f} s\n")
        client = Client()
        client.force_login(User.objects.create_superuser("admin"))
        print(f"{'':50}      cold    median queries bytes")
        for name, address in pages(rows):
            answer = measure(client, address)
            bad = answer.median > LIMIT or answer.queries > QUERIES
            answer.print(name, bad=bad)
            late += bad
        live = reverse("admin:pgprocess_job_live", args=[rows["job"]])
        mark = client.get(live)["ETag"]
        answer = measure(client, live, if_none_match=mark)
        bad = answer.median > LIVE_LIMIT or answer.status != 304 or answer.size > LIVE_BYTES
        answer.print("live, nothing changed", bad=bad)
    return 1 if late or bad else 0


if __name__ == "__main__":
    sys.exit(main())
