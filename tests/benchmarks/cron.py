"""How late are slots when a thousand are due in one minute, and what do crons cost that have nothing to do?

``make cron`` answers on a Postgres of its own: 10,000 active processes, of which 1,000 are due in the same minute, and
six crons. Lag is from the slot to the commit's own clock in the row; each slot must be exactly one job.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

from tests.builders.waiting import until
from tests.chaos.crons import SETTINGS, Crons, Server


def define(server: Server, processes: int, due: int, at: str) -> None:
    """So many daily processes of two tasks; that many run at ``at``, the others are spread over the rest of the day."""
    server.execute(
        "WITH slot AS (SELECT n, CASE WHEN n <= %s THEN %s::timestamptz "
        "ELSE %s::timestamptz + make_interval(mins => 60 + n %% 1200) END AS at FROM generate_series(1, %s) AS n) "
        "INSERT INTO pgprocess_process (name, minute, hour, next_run_at) "
        "SELECT 'p' || n, extract(minute FROM at AT TIME ZONE 'UTC'), extract(hour FROM at AT TIME ZONE 'UTC'), at "
        "FROM slot",
        [due, at, at, processes],
    )
    server.execute(
        "INSERT INTO pgprocess_task (process_id, name, kind, code) "
        "SELECT id, task, 'python', 'pass' FROM pgprocess_process, unnest(ARRAY['a', 'b']) AS task"
    )
    server.execute(
        "INSERT INTO pgprocess_taskdependency (parent_id, task_id) SELECT a.id, b.id FROM pgprocess_task AS a "
        "JOIN pgprocess_task AS b USING (process_id) WHERE a.name = 'a' AND b.name = 'b'"
    )
    server.execute("VACUUM ANALYZE")


def idle(server: Server, seconds: float) -> float:
    """Statements a second that all crons send, transactions' own included, while nothing is due."""
    server.execute("SELECT pg_stat_statements_reset()")
    time.sleep(seconds)
    [(calls,)] = server.execute(
        "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements WHERE query NOT LIKE '%pg_stat_statements%'"
    )
    return float(calls) / seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", type=int, default=10_000)
    parser.add_argument("--due", type=int, default=1_000)
    parser.add_argument("--crons", type=int, default=6)
    options = parser.parse_args()
    SETTINGS.update(
        {"synchronous_commit": "on", "track_commit_timestamp": "on", "shared_preload_libraries": "pg_stat_statements"}
    )
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "postgres")
        crons: Crons | None = None
        try:
            server.execute("CREATE EXTENSION pg_stat_statements")
            [(at,)] = server.execute("SELECT date_trunc('minute', now()) + interval '2 min'")
            define(server, options.processes, options.due, at)
            crons = Crons(options.crons, server.url, Path(folder) / "log", "tests.settings")
            connected = "count(*) >= %s FROM pg_stat_activity WHERE application_name = 'pgprocess cron'"
            until(server.execute, connected, [options.crons], seconds=100)
            time.sleep(5)
            a_second = idle(server, 30)
            until(server.execute, "count(*) >= %s FROM pgprocess_job", [options.due], seconds=200)
            time.sleep(2)
            lags = [
                float(lag)
                for (lag,) in server.execute(
                    "SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin) - logical_date) FROM pgprocess_job"
                )
            ]
            [(jobs, distinct)] = server.execute(
                "SELECT count(*), count(DISTINCT (process_id, logical_date)) FROM pgprocess_job"
            )
            [(version,)] = server.execute("SHOW server_version")
        finally:
            if crons is not None:
                crons.stop()
            server.cluster.stop()
    centiles = statistics.quantiles(lags, n=100)
    print(f"Postgres {version}: {options.processes:,} processes, {options.due:,} due at once, {options.crons} crons")
    print(f"jobs {jobs}, of them distinct slots {distinct}")
    print(f"lag of a slot: p50 {centiles[49]:.3f} s, p99 {centiles[98]:.3f} s, longest {max(lags):.3f} s")
    print(f"idle: {a_second:.2f} statements a second of all crons, {a_second / options.crons:.2f} of each")


if __name__ == "__main__":
    main()
