"""What a task costs: write-ahead log, and seconds of a core, on the way from INSERT to the end of its job."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from pgprocess.logs.buffer import LogChunk
from pgprocess.queue.claim import Demand
from tests.benchmarks.growth.history import SHAPES
from tests.benchmarks.growth.live import OTHER, Live
from tests.benchmarks.scale import define

TICKS = os.sysconf("SC_CLK_TCK")
PIECE = "2026-11-27 06:00:00 INFO shop.loading: 1,000 rows loaded in 0.7 s\n" * 5
DIAMOND = (4, "VALUES (1, 2), (1, 3), (2, 4), (3, 4)")


@dataclass(frozen=True, slots=True)
class Load:
    """A workload: jobs of a shape, so many tasks claimed and completed at once, with or without output."""

    name: str
    shape: tuple[int, str]
    batch: int = 100
    logs: bool = False


LOADS = (
    Load("single tasks", SHAPES[0]),
    Load("single tasks, each with 330 bytes of log", SHAPES[0], logs=True),
    Load("single tasks, one at a time", SHAPES[0], batch=1),
    Load("diamonds of 4", DIAMOND),
    Load("1 → 8 → 1", SHAPES[2]),
)


def costs(live: Live, tasks: int = 5000) -> Iterator[dict[str, Any]]:
    """For each load, per task: bytes of log and of full pages in it, microseconds of a core of Postgres and of ours."""
    with suppress(psycopg.Error):
        live.execute("CREATE EXTENSION IF NOT EXISTS pg_walinspect")
    live.execute("VACUUM")  # else autovacuum would do it meanwhile, at the expense of one of the loads
    for load in LOADS:
        process = define(live.execute, *load.shape)
        live.apart(process, OTHER)
        number = tasks if load.batch > 1 else tasks // 3
        _drain(live, load, process, number // 10)
        live.execute("CHECKPOINT")
        before, server, ours = _position(live), _seconds(live), time.process_time()
        done = _drain(live, load, process, number)
        ours = time.process_time() - ours
        records, full_pages = _written(live, before)
        live.execute("CHECKPOINT")
        server = _seconds(live) - server
        yield {
            "name": load.name,
            "tasks": done,
            "wal": records / done,
            "wal_full_pages": full_pages / done,
            "server_us": server / done * 1e6,
            "client_us": ours / done * 1e6,
        }


def _drain(live: Live, load: Load, process: int, tasks: int) -> int:
    done = 0
    while done < tasks:
        live.jobs(process, max(1, load.batch // load.shape[0]))
        while live.waiting():
            live.claims = live.other.claim(Demand(live.worker, load.batch)).claims
            if load.logs:
                live.queue.append([LogChunk(claim.id, claim.attempt, 1, "stdout", PIECE) for claim in live.claims])
            done += len(live.claims)
            live.complete()
    return done


def _position(live: Live) -> str:
    [(position,)] = live.execute("SELECT pg_current_wal_insert_lsn()::text")
    return str(position)


def _written(live: Live, since: str) -> tuple[float, float]:
    """Bytes of records, and of the full pages within them; all of it as records where pg_walinspect is missing."""
    with suppress(psycopg.Error):
        [(records, pages)] = live.execute(
            "SELECT sum(record_size), sum(fpi_size) FROM pg_get_wal_stats(%s, pg_current_wal_flush_lsn())", [since]
        )
        return float(records), float(pages)
    [(size,)] = live.execute("SELECT pg_current_wal_insert_lsn() - %s::pg_lsn", [since])
    return float(size), 0.0


def _seconds(live: Live) -> float:
    """Of a core, by all processes of the server, those that have ended among them; zero where there is no /proc."""
    [(session,)] = live.execute("SELECT pg_backend_pid()")
    with suppress(OSError):
        postmaster = _stat(session)[1]
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text(encoding="ascii").split()
        ended = sum(_stat(postmaster)[11:15])
        return (ended + sum(sum(_stat(int(child))[11:13]) for child in children)) / TICKS
    return 0.0


def _stat(pid: int) -> list[int]:
    """The fields of /proc/PID/stat behind the name and the state; [0] is that state, as 0."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return [0, *(int(field) for field in fields[1:])]
