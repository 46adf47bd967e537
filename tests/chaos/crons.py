"""Six real cron processes on a server of their own, both of which get killed; and what must have become of it."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from pgprocess.devtools.postgres import Cluster, start_cluster
from pgprocess.schedule.schedule import Schedule
from pgprocess.sql import rules
from tests.builders.schedules import a_schedule

REPOSITORY = Path(__file__).parents[2]
SETTINGS = {"max_connections": "60", "synchronous_commit": "off"}
LINES = [
    "*/15 * * * *",
    "*/20 0-5,18-23 * * *",
    "0 * * * *",
    "30 2 * * *",
    "30 1 * * *",
    "*/30 1 * * *",
    "0 */3 * * *",
    "45 23 * * sat,sun",
    "@daily",
]
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]


class Crons:
    """So many ``pgprocess_cron`` on the database; ``kill`` ends one by SIGKILL and starts another."""

    def __init__(self, number: int, url: str, log: Path, settings: str = "tests.chaos.settings") -> None:
        self.environment = os.environ | {"PGPROCESS_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": settings}
        self.log = log.open("wb")
        self.killed = 0
        self.running = [self._start() for _ in range(number)]

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "django", "pgprocess_cron"],
            cwd=REPOSITORY,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
        )

    def kill(self, chance: random.Random) -> None:
        victim = self.running.pop(chance.randrange(len(self.running)))
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        self.killed += 1
        self.running.append(self._start())

    def stop(self) -> None:
        for process in self.running:
            process.terminate()
        for process in self.running:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.log.close()


class Server:
    """A migrated database on a server that can be crashed: all its processes go at once, and it recovers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.crashes = 0
        self.cluster: Cluster = start_cluster(folder, settings=SETTINGS)
        environment = os.environ | {"PGPROCESS_DATABASE_URL": self.url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
        migrate = [sys.executable, "-m", "django", "migrate", "--verbosity", "0"]
        subprocess.run(migrate, cwd=REPOSITORY, env=environment, check=True)

    @property
    def url(self) -> str:
        return self.cluster.url()

    def execute(self, statement: str, params: Any = None) -> list[tuple[Any, ...]]:
        """On a connection of its own, for the server comes and goes."""
        while True:
            with suppress(psycopg.OperationalError), psycopg.connect(self.url, autocommit=True) as connection:
                cursor = connection.execute(statement, params)
                return cursor.fetchall() if cursor.description else []
            time.sleep(0.05)

    def crash(self) -> None:
        """One of its processes is killed as if memory had run out: the others end too, and all begins anew."""
        [(pid,)] = self.execute("SELECT pid FROM pg_stat_activity WHERE backend_type = 'background writer'")
        os.kill(pid, signal.SIGKILL)
        self.crashes += 1


@contextmanager
def server(folder: Path) -> Iterator[Server]:
    """A server for the block."""
    found = Server(folder)
    try:
        yield found
    finally:
        found.cluster.stop()


def define(execute: Callable[..., Any], lines: list[str], zones: list[str], since: datetime) -> dict[int, Schedule]:
    """A process of one task for each line in each zone, whose schedule counts from then on."""
    found = {}
    for number, (line, zone) in enumerate((line, zone) for line in lines for zone in zones):
        fields = (*line.split(), "", "", "", "")[:5]
        [(process,)] = execute(
            "INSERT INTO pgprocess_process (name, minute, hour, day_of_month, month, day_of_week, timezone, "
            "scheduled_from, overlap, catch_up, catch_up_limit) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 'allow', 'all', 10000) RETURNING id",
            [f"p{number}", *fields, zone, since],
        )
        execute(
            "INSERT INTO pgprocess_task (process_id, name, kind, code) VALUES (%s, 'a', 'python', 'pass')", [process]
        )
        found[process] = a_schedule(fields, zone)
    return found


def slots(schedules: dict[int, Schedule], since: datetime, until: datetime) -> list[tuple[int, datetime]]:
    """All that must be jobs, and nothing else."""
    return sorted(
        (process, slot.astimezone(UTC))
        for process, schedule in schedules.items()
        for slot in schedule.runs_between(since, until)
    )


def jobs(execute: Callable[..., Any]) -> list[tuple[int, datetime]]:
    """All that are jobs, as often as they are."""
    rows = execute("SELECT process_id, logical_date FROM pgprocess_job")
    return sorted((process, slot.astimezone(UTC)) for process, slot in rows)


def run_fast(execute: Callable[..., Any], start: datetime, end: datetime, factor: int) -> None:
    """The database's clock stands at ``start``, runs so many times faster from now on, and stops at ``end``."""
    execute(
        "CREATE OR REPLACE FUNCTION pgprocess_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS $$ "
        f"SELECT least('{end.isoformat()}', '{start.isoformat()}'::timestamptz + {factor} * "
        f"(clock_timestamp() - '{execute('SELECT clock_timestamp()')[0][0].isoformat()}')) $$"
    )


def run_true(execute: Callable[..., Any]) -> None:
    """The clock is the server's again."""
    execute(rules()["now"])
