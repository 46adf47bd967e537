"""Ninety days of finished jobs, written past the rules, as a restored backup would be."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks.scale import define
from tests.builders.drawing import Executes

PROCESSES = 100
SELDOM = """
UPDATE pgprocess_job SET process_id = (SELECT id FROM pgprocess_process WHERE name = 'seldom')
 WHERE id IN (SELECT id FROM pgprocess_job ORDER BY id LIMIT 3)
"""
DEFINITIONS = ("process", "task", "taskdependency", "taskversion")
BATCH = 20_000  # jobs

SHAPES = (
    (1, "SELECT NULL::int, NULL::int WHERE false"),
    (10, "SELECT n, n + 1 FROM generate_series(1, 9) AS n"),
    (10, "SELECT 1, n FROM generate_series(2, 9) AS n UNION ALL SELECT n, 10 FROM generate_series(2, 9) AS n"),
    (10, "VALUES (1, 2), (1, 3), (2, 4), (3, 4), (4, 5), (4, 6), (5, 7), (6, 7), (7, 8), (7, 9), (8, 10), (9, 10)"),
    (10, "SELECT n, n + 2 FROM generate_series(1, 8) AS n UNION ALL VALUES (9, 10)"),
)
"""One task alone, a chain, 1 → 8 → 1, three diamonds, two chains that meet: a fifth of the processes each."""

KINDS = """
CREATE TEMP TABLE kind AS
SELECT dense_rank() OVER (ORDER BY task.process_id)::int - 1 AS place,
       task.process_id, task.id AS task_id, task.version_id,
       row_number() OVER pace AS step, row_number() OVER pace = count(*) OVER whole AS is_last,
       (SELECT count(*) FROM pgprocess_taskdependency AS edge WHERE edge.task_id = task.id) AS parents
  FROM pgprocess_task AS task
WINDOW pace AS (PARTITION BY task.process_id ORDER BY task.id), whole AS (PARTITION BY task.process_id);
ANALYZE kind;
"""

# A few processes run far more often than the others; one job in fifty failed, in its last task.
JOBS = """
INSERT INTO pgprocess_job (process_id, status, origin, logical_date, created_at, started_at, finished_at,
                           tasks_total, tasks_failed)
SELECT kind.process_id, run.status, CASE WHEN n % 2 = 0 THEN 'schedule' ELSE 'demand' END,
       CASE WHEN n % 2 = 0 THEN ended - interval '20 s' END, ended - interval '20 s', ended - interval '20 s', ended,
       kind.tasks, (run.status = 'failed')::int
  FROM (SELECT n, floor({processes} * power((hashint8(n) & 65535) / 65536.0, 2))::int AS place,
               CASE WHEN n % 50 = 0 THEN 'failed' WHEN n % 500 = 1 THEN 'cancelled' ELSE 'succeeded' END AS status,
               now() - interval '1 s' - ({jobs} - n) * (interval '90 days' / {jobs}) AS ended
          FROM generate_series({low}::bigint, {high}::bigint) AS n) AS run
  JOIN (SELECT place, process_id, count(*) AS tasks FROM kind GROUP BY 1, 2) AS kind USING (place)
 ORDER BY n
"""

# Of a hundred tasks three were tried twice, ten have a result and twenty wrote something.
TASKS = """
WITH fresh AS (
    INSERT INTO pgprocess_jobtask (job_id, task_id, version_id, status, attempt, parents_total, worker_id, ready_seq,
                                   started_at, finished_at, exit_code, error, result)
    SELECT job.id, kind.task_id, kind.version_id, CASE WHEN is_last THEN job.status ELSE 'succeeded' END,
           CASE WHEN (job.id + step) %% 33 = 0 THEN 2 ELSE 1 END, parents, 1 + job.id %% 50, job.id,
           job.started_at + make_interval(secs => 2 * step - 2), job.started_at + make_interval(secs => 2 * step),
           CASE WHEN is_last AND job.status = 'failed' THEN 1 ELSE 0 END,
           CASE WHEN is_last AND job.status = 'failed' THEN 'ConnectionError: the server is busy' ELSE '' END,
           CASE WHEN (job.id + step) %% 10 = 0 THEN jsonb_build_object('rows', job.id) END
      FROM pgprocess_job AS job JOIN kind USING (process_id)
     WHERE job.id > %(after)s
     ORDER BY job.id, kind.task_id
    RETURNING id, job_id, task_id, attempt, started_at
), edges AS (
    INSERT INTO pgprocess_jobtaskdependency (parent_id, child_id)
    SELECT parent.id, child.id
      FROM pgprocess_taskdependency AS edge
      JOIN fresh AS child ON child.task_id = edge.task_id
      JOIN fresh AS parent ON parent.task_id = edge.parent_id AND parent.job_id = child.job_id
), tries AS (
    INSERT INTO pgprocess_attempt (jobtask_id, number, status, started_at, finished_at, exit_code, error)
    SELECT id, 1, 'failed', started_at, started_at, 75, 'the server is busy' FROM fresh WHERE attempt = 2
), pieces AS (
    INSERT INTO pgprocess_logchunk (jobtask_id, attempt, seq, stream, text, created_at)
    SELECT id, 1, 1, 'stdout',
           repeat('2026-11-27 06:00:00 INFO shop.loading: 1,000 rows loaded in 0.7 s' || chr(10), 5),
           started_at FROM fresh WHERE id %% 5 = 0
)
SELECT count(*) FROM fresh
"""


def processes(execute: Executes) -> None:
    """A hundred processes of one to ten tasks, each with a schedule that is not due, and fifty workers of the past."""
    for place in range(PROCESSES):
        define(execute, *SHAPES[place % len(SHAPES)])
    execute("UPDATE pgprocess_task SET name = replace(name, 't', 'task ')")
    execute("UPDATE pgprocess_process SET name = 'process ' || id, minute = '0', hour = '3'")
    execute("UPDATE pgprocess_process SET next_run_at = now() + interval '1 day'")
    execute(KINDS)
    execute("INSERT INTO pgprocess_process (name) VALUES ('seldom')")
    execute(
        "INSERT INTO pgprocess_worker (host, pid, state, last_seen) "
        "SELECT 'app-1', n, 'stopped', now() - interval '60 days' FROM generate_series(1, 50) AS n"
    )


def clear(execute: Executes) -> None:
    """No job is there any more, nor anything of one; definitions stay."""
    rows = execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND starts_with(relname, 'pgprocess_')")
    keep = {f"pgprocess_{name}" for name in (*DEFINITIONS, "worker", "backfill")}
    execute(f"TRUNCATE {', '.join(name for (name,) in rows if name not in keep)} CASCADE")


def fill(execute: Executes, tasks: int) -> Iterator[int]:
    """About so many finished tasks; says after each batch how many there are by now."""
    [(average,)] = execute(
        "SELECT sum(tasks * share) FROM (SELECT place, count(*) AS tasks, sqrt((place + 1) / %s::float8) "
        "- sqrt(place / %s::float8) AS share FROM kind GROUP BY 1) AS kind",
        [PROCESSES, PROCESSES],
    )
    jobs = max(1, round(tasks / average))
    written = 0
    for setting in ("session_replication_role = replica", "enable_nestloop = off", "enable_mergejoin = off"):
        execute(f"SET {setting}")
    execute("SET work_mem = '256MB'")
    for low in range(1, jobs + 1, BATCH):
        [(after,)] = execute("SELECT coalesce(max(id), 0) FROM pgprocess_job")
        high = min(low + BATCH - 1, jobs)
        execute(JOBS.format(processes=PROCESSES, jobs=jobs, low=low, high=high))
        [(more,)] = execute(TASKS, {"after": after})
        written += more
        yield written
    execute(SELDOM)
    for setting in ("session_replication_role", "enable_nestloop", "enable_mergejoin", "work_mem"):
        execute(f"RESET {setting}")
    execute("VACUUM ANALYZE")
    execute("CHECKPOINT")
