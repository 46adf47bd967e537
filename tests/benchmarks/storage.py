"""Which storage settings keep hot tables small and claims fast under a load that never ends? ``make bench-storage``.

For each candidate a database with a history; then tasks come, run and end, and the oldest are pruned at the same rate,
until no row is left of the history: what a table looks like after months. Autovacuum looks every five seconds instead
of every minute, since hours of load come within a minute.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from pgprocess.devtools.postgres import running_postgres
from pgprocess.devtools.url import database_settings
from tests.benchmarks.growth import history
from tests.benchmarks.growth.progress import say
from tests.benchmarks.growth.table import rows
from tests.benchmarks.scale import timed
from tests.builders.drawing import on_connection

RAW = Path(__file__).parents[2] / ".bench" / "storage.json"
SETTINGS = {
    "shared_buffers": "2GB",
    "max_wal_size": "8GB",
    "autovacuum_naptime": "5s",
    "fsync": "off",
}
FIRST = "RESET (fillfactor, autovacuum_vacuum_scale_factor, vacuum_truncate)"
EACH = 700
"""After so many new tasks a batch of old ones is pruned: of about as many."""
TABLES = ("pgprocess_jobtask", "pgprocess_job")

CANDIDATES: dict[str, str] = {
    "Postgres's own": "",
    "fillfactor 60, scale 0.02": "fillfactor = 60, autovacuum_vacuum_scale_factor = 0.02",
    "fillfactor 80, scale 0.02": "fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02",
    "fillfactor 100, scale 0.02": "fillfactor = 100, autovacuum_vacuum_scale_factor = 0.02",
    "fillfactor 80, scale 0.1": "fillfactor = 80, autovacuum_vacuum_scale_factor = 0.1",
    "fillfactor 80, every 1,000": (
        "fillfactor = 80, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, "
        "autovacuum_vacuum_cost_delay = 0"
    ),
}
STATS = """
SELECT relname, n_tup_upd, n_tup_hot_upd, n_tup_newpage_upd, n_dead_tup, autovacuum_count, total_autovacuum_time,
       pg_table_size(relid), pg_indexes_size(relid)
  FROM pg_stat_user_tables WHERE starts_with(relname, 'pgprocess_')
"""
COLUMNS = ("updates", "hot", "elsewhere", "dead", "vacuums", "vacuum_ms", "table", "indexes")


def stats(execute: Any) -> dict[str, dict[str, float]]:
    """What Postgres counts of each of our tables."""
    return {name: dict(zip(COLUMNS, values, strict=True)) for name, *values in execute(STATS)}


def dress(execute: Any, settings: str) -> None:
    """The hot tables have these settings and no others."""
    for table in TABLES:
        execute(f"ALTER TABLE {table} {FIRST}")
        if settings:
            execute(f"ALTER TABLE {table} SET ({settings})")


def load(execute: Any, tasks: int) -> dict[str, Any]:
    """So many tasks, half of them alone and half of them in jobs of ten, a fifth with a piece of log."""
    from pgprocess.logs.buffer import LogChunk
    from pgprocess.maintenance.prune import prune_some
    from pgprocess.maintenance.retention import retention
    from tests.benchmarks.growth.live import Live
    from tests.benchmarks.growth.wal import PIECE

    live = Live()
    live.begin()
    before, began = stats(execute), time.monotonic()
    [(position,)] = execute("SELECT pg_current_wal_insert_lsn()::text")
    claims, completions = [], []
    dead, ready = [0.0], [0]
    pruned_at, looked_at, done = 0, began, 0
    while done < tasks:
        live.jobs(live.single, 50)
        live.jobs(live.fan, 5)
        claims.append(timed(live.claim))
        live.queue.append([LogChunk(claim.id, claim.attempt, 1, "stdout", PIECE) for claim in live.claims[::5]])
        completions.append(timed(live.complete))
        done += 100
        if done - pruned_at >= EACH:
            pruned_at = done
            prune_some(live.queue, retention("1s"))
        if time.monotonic() - looked_at > 1:
            looked_at = time.monotonic()
            live.beat()
            dead.append(stats(execute)["pgprocess_jobtask"]["dead"])
            ready.append(execute("SELECT pg_relation_size('pgprocess_jobtask_ready')")[0][0])
    seconds = time.monotonic() - began
    time.sleep(1.5)  # until Postgres has counted
    after = stats(execute)
    [(wal,)] = execute("SELECT pg_current_wal_insert_lsn() - %s::pg_lsn", [position])
    live.close()
    [(left,)] = execute("SELECT count(*) FROM pgprocess_jobtask")
    tenth = max(1, len(claims) // 10)
    return {
        "tasks": done,
        "left": left,
        "seconds": seconds,
        "claim_ms": [statistics.median(claims[:tenth]), statistics.median(claims[-tenth:]), max(claims)],
        "complete_ms": [statistics.median(completions[:tenth]), statistics.median(completions[-tenth:])],
        "dead": max(dead),
        "ready_index": [max(ready), ready[-1]],
        "wal": float(wal) / done,
        "tables": {name: {key: float(after[name][key] - before[name][key]) for key in COLUMNS} for name in after},
        "sizes": {name: [after[name]["table"], after[name]["indexes"]] for name in after},
    }


def table(results: dict[str, dict[str, Any]]) -> str:
    """One line a candidate; the times, which the machine's other work blurs, are in the raw figures."""
    header = [
        "settings of job tasks and jobs",
        "most dead rows",
        "ready index, largest, kB",
        "vacuums",
        "updates that stay on their page",
        "HOT",
        "at the end, bytes a task: tables, indexes",
        "WAL a task, bytes",
    ]

    def line(name: str, result: dict[str, Any]) -> list[str]:
        task, job = result["tables"]["pgprocess_jobtask"], result["tables"]["pgprocess_job"]
        return [
            name,
            f"{result['dead']:,.0f}",
            f"{result['ready_index'][0] / 1000:,.0f}",
            f"{task['vacuums']:.0f}",
            f"{1 - task['elsewhere'] / task['updates']:.0%}",
            f"{task['hot'] / task['updates']:.0%}, jobs {job['hot'] / job['updates']:.0%}",
            ", ".join(
                f"{sum(result['sizes'][table][part] for table in TABLES) / result['left']:.0f}" for part in (0, 1)
            ),
            f"{result['wal']:,.0f}",
        ]

    return rows(header, (line(name, result) for name, result in results.items()))


def migrate(url: str) -> None:
    """The tables are there; nobody is connected to the database any more."""
    os.environ["PGPROCESS_DATABASE_URL"] = url
    import django
    from django.core.management import call_command
    from django.db import connections

    django.setup()
    call_command("migrate", verbosity=0)
    connections.close_all()


def on_a_copy(url: str, settings: str, tasks: int) -> dict[str, Any]:
    """The load on a copy of the database with these settings; the copy is gone afterwards."""
    from django.db import connections

    base = conninfo_to_dict(url)["dbname"]
    with psycopg.connect(url.replace(f"/{base}?", "/template1?"), autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS candidate WITH (FORCE)")
        admin.execute(f"CREATE DATABASE candidate TEMPLATE {base}")
        there = url.replace(f"/{base}?", "/candidate?")
        connections.settings["default"].update(database_settings(there))
        with psycopg.connect(there, autocommit=True) as connection:
            execute = on_connection(connection)
            dress(execute, settings)
            history.processes(execute)
            for _ in history.fill(execute, tasks):
                pass
            result = load(execute, tasks)
        connections.close_all()
        admin.execute("DROP DATABASE candidate WITH (FORCE)")
    return result


def main() -> None:
    """A copy of one empty database for each candidate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=300_000, help="of the history, and of the load")
    parser.add_argument("--only", default="", help="candidates whose name contains this")
    options = parser.parse_args()
    results: dict[str, dict[str, Any]] = {}
    with running_postgres(settings=SETTINGS) as url:
        migrate(url)
        for name, candidate in CANDIDATES.items():
            if options.only in name:
                results[name] = on_a_copy(url, candidate, options.tasks)
                say(f"{name}: {results[name]['seconds']:.0f} s")
                RAW.parent.mkdir(exist_ok=True)
                RAW.write_text(json.dumps(results, indent=1), encoding="utf-8")
    print(table(results))


if __name__ == "__main__":
    main()
