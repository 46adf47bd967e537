"""Does the cost of a change depend on its size alone? ``make scale`` answers on a Postgres of its own.

Each shape is timed on small tables and again beside a history of finished tasks. Figures of one run are comparable
with each other, not with those of another machine.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import psycopg

from pgprocess.devtools.postgres import running_postgres
from pgprocess.postgres.connection import Database
from tests.builders.drawing import Executes, on_connection

HISTORY_JOBS_OF = 10


@contextmanager
def database(settings: Mapping[str, str] | None = None) -> Iterator[Executes]:
    """A migrated database on a throw-away server with its durability on, and these settings."""
    with running_postgres(settings=settings) as url:
        os.environ["PGPROCESS_DATABASE_URL"] = url
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        with psycopg.connect(url, autocommit=True) as connection:
            yield on_connection(connection)


def timed(action: Callable[[], Any]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    action()
    return (time.perf_counter() - began) * 1000


def define(execute: Executes, size: int, edges: str, params: Any = ()) -> int:
    """A process of ``size`` tasks t1, t2, …; ``edges`` selects pairs of their numbers (parent, child)."""
    [(process,)] = execute("INSERT INTO pgprocess_process (name) VALUES (gen_random_uuid()::text) RETURNING id")
    execute(
        "INSERT INTO pgprocess_task (process_id, name, kind, code) "
        "SELECT %s, 't' || n, 'python', 'pass' FROM generate_series(1, %s) AS n",
        [process, size],
    )
    execute(
        "INSERT INTO pgprocess_taskdependency (parent_id, task_id) SELECT parent.id, child.id "
        f"FROM ({edges}) AS edge (parent, child) "
        "JOIN pgprocess_task AS parent ON parent.process_id = %s AND parent.name = 't' || edge.parent "
        "JOIN pgprocess_task AS child ON child.process_id = %s AND child.name = 't' || edge.child",
        [process, process],
    )
    return int(process)


def start(execute: Executes, process: int, jobs: int = 1) -> int:
    """So many jobs in one statement; the last one's id."""
    [*_, (job,)] = execute(
        "INSERT INTO pgprocess_job (process_id) SELECT %s FROM generate_series(1, %s) RETURNING id", [process, jobs]
    )
    return int(job)


def become(execute: Executes, job: int, present: str, *statuses: str) -> None:
    """All tasks of the job in one status go through others, a statement each."""
    for status in statuses:
        execute("UPDATE pgprocess_jobtask SET status = %s WHERE job_id = %s AND status = %s", [status, job, present])
        present = status


def chain(execute: Executes) -> Iterator[tuple[str, float]]:
    process = define(execute, 5000, "SELECT n, n + 1 FROM generate_series(1, 4999) AS n")
    yield "chain of 5,000: unfold", timed(lambda: start(execute, process))
    job = start(execute, process)
    become(execute, job, "ready", "running")
    yield "chain of 5,000: its root fails", timed(lambda: become(execute, job, "running", "failed"))
    yield "chain of 5,000: its root is retried", timed(lambda: become(execute, job, "failed", "ready"))


def lattice(execute: Executes) -> Iterator[tuple[str, float]]:
    diamonds = (
        "SELECT 3 * n + a, 3 * n + b FROM generate_series(0, 19) AS n, "
        "(VALUES (1, 2), (1, 3), (2, 4), (3, 4)) AS diamond (a, b)"
    )
    process = define(execute, 61, diamonds)
    job = start(execute, process)
    for _ in range(41):
        become(execute, job, "ready", "running", "succeeded")
    yield (
        "20 diamonds in a row: reopened at the top",
        timed(
            lambda: execute(
                "UPDATE pgprocess_jobtask SET status = 'ready' WHERE job_id = %s AND parents_total = 0", [job]
            )
        ),
    )


def fan(execute: Executes) -> Iterator[tuple[str, float]]:
    edges = (
        "SELECT 1, n FROM generate_series(2, 10001) AS n UNION ALL SELECT n, 10002 FROM generate_series(2, 10001) AS n"
    )
    process = define(execute, 10_002, edges)
    yield "1 → 10,000 → 1: unfold", timed(lambda: start(execute, process))
    job = start(execute, process)
    become(execute, job, "ready", "running")
    yield "1 → 10,000 → 1: the first succeeds", timed(lambda: become(execute, job, "running", "succeeded"))
    become(execute, job, "ready", "running")
    yield "1 → 10,000 → 1: all 10,000 succeed", timed(lambda: become(execute, job, "running", "succeeded"))


def mapped(execute: Executes) -> Iterator[tuple[str, float]]:
    process = define(execute, 3, "VALUES (1, 2), (2, 3)")
    execute("UPDATE pgprocess_task SET map_over = 't1' WHERE process_id = %s AND name = 't2'", [process])
    job = start(execute, process)
    become(execute, job, "ready", "running")
    result = "(SELECT jsonb_agg(n) FROM generate_series(1, 10000) AS n)"
    execute(f"UPDATE pgprocess_jobtask SET result = {result} WHERE job_id = %s AND status = 'running'", [job])
    yield "map over 10,000 items", timed(lambda: become(execute, job, "running", "succeeded"))


def many_jobs(execute: Executes) -> Iterator[tuple[str, float]]:
    process = define(
        execute,
        10,
        "SELECT 1, n FROM generate_series(2, 9) AS n UNION ALL SELECT n, 10 FROM generate_series(2, 9) AS n",
    )
    yield "10,000 jobs of 10 tasks in one INSERT", timed(lambda: start(execute, process, 10_000))
    execute("UPDATE pgprocess_job SET status = 'cancelled' WHERE status = 'running' AND process_id = %s", [process])


def single(execute: Executes) -> Iterator[tuple[str, float]]:
    """Medians of 200 small changes: what a worker does all day."""
    process = define(execute, 2, "VALUES (1, 2)")
    unfolds, claims, completions = [], [], []
    for _ in range(200):
        unfolds.append(timed(lambda: start(execute, process)))
        [(job,)] = execute("SELECT max(id) FROM pgprocess_job")
        for _ in range(2):
            claims.append(timed(partial(become, execute, job, "ready", "running")))
            completions.append(timed(partial(become, execute, job, "running", "succeeded")))
    yield "one job of two tasks: unfold (median)", statistics.median(unfolds)
    yield "one task becomes running (median)", statistics.median(claims)
    yield "one task succeeds (median)", statistics.median(completions)


def prune(execute: Executes) -> Iterator[tuple[str, float]]:
    """A batch of what is old beside what is not, and a look at what was lately counted."""
    from pgprocess.maintenance.prune import prune_some
    from pgprocess.maintenance.retention import retention
    from pgprocess.queue.queue import Queue
    from pgprocess.sql import query

    process = define(execute, 9, "SELECT n, n + 1 FROM generate_series(1, 8) AS n")
    job = start(execute, process, 100)
    execute("UPDATE pgprocess_job SET status = 'cancelled' WHERE process_id = %s", [process])
    execute("UPDATE pgprocess_job SET finished_at = now() - interval '40 days' WHERE process_id = %s", [process])
    queue = Queue(Database("default"))
    ages = retention("30d")
    yield "100 old jobs of 9 tasks are pruned", timed(lambda: prune_some(queue, ages))
    assert not execute("SELECT FROM pgprocess_job WHERE id = %s", [job])
    yield "nothing is left to prune", timed(lambda: prune_some(queue, ages))
    queue.close()
    execute("UPDATE pgprocess_job SET finished_at = now() - interval '2 days' WHERE status <> 'running'")
    yield "drift of the last hour", timed(lambda: execute(query("doctor/drift"), {"recent": "1 hour"}))


def fill(execute: Executes, tasks: int) -> None:
    """A history of finished jobs, written past the rules, as a restored backup would be."""
    process = define(execute, HISTORY_JOBS_OF, "SELECT n, n + 1 FROM generate_series(1, 9) AS n")
    execute("SET session_replication_role = replica")
    execute(
        "INSERT INTO pgprocess_job (process_id, status, tasks_total, started_at, finished_at) "
        "SELECT %s, 'succeeded', 10, now(), now() FROM generate_series(1, %s)",
        [process, tasks // HISTORY_JOBS_OF],
    )
    execute(
        "INSERT INTO pgprocess_jobtask (job_id, task_id, version_id, status, attempt, started_at, finished_at) "
        "SELECT job.id, task.id, task.version_id, 'succeeded', 1, now(), now() FROM pgprocess_job AS job "
        "JOIN pgprocess_task AS task USING (process_id) WHERE job.process_id = %s",
        [process],
    )
    execute(
        "INSERT INTO pgprocess_jobtaskdependency (parent_id, child_id) SELECT id, id + 1 FROM pgprocess_jobtask "
        "WHERE task_id IN (SELECT id FROM pgprocess_task WHERE process_id = %s AND name <> 't10')",
        [process],
    )
    execute("SET session_replication_role = DEFAULT")
    execute("VACUUM ANALYZE")


def measure(execute: Executes) -> dict[str, float]:
    return {
        name: took for shape in (single, chain, lattice, fan, mapped, many_jobs, prune) for name, took in shape(execute)
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--history", type=int, default=1_000_000, help="finished tasks in the second round")
    history = parser.parse_args().history
    with database() as execute:
        [(version,)] = execute("SHOW server_version")
        fill(execute, 1000)
        small = measure(execute)
        fill(execute, history)
        large = measure(execute)
    print(f"Postgres {version}: milliseconds beside 1,000 and {history:,} finished tasks")
    for name, before in small.items():
        print(f"{name:45} {before:10.2f} {large[name]:10.2f}   x {large[name] / before:.2f}")


if __name__ == "__main__":
    main()
