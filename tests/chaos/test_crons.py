"""Six crons that are killed, on a server that crashes: exactly one job for each slot, whatever happens.

The database's clock is the only one there is, so a week of it may pass in half a minute.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.builders.waiting import until
from tests.chaos import crons as chaos

START, END = datetime(2026, 10, 24, 23, 0, 30, tzinfo=UTC), datetime(2026, 11, 1, 12, 0, 30, tzinfo=UTC)
SECONDS = 30
PASSED = "bool_and(next_run_at > pgprocess_now()) FROM pgprocess_process"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[chaos.Server]:
    """A server of the test's own."""
    with chaos.server(tmp_path / "postgres") as found:
        yield found


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_over_a_week_with_changes_of_the_clocks(server: chaos.Server, tmp_path: Path) -> None:
    chance = random.Random(7)
    schedules = chaos.define(server.execute, chaos.LINES, chaos.ZONES, START)
    wanted = chaos.slots(schedules, START, END)
    chaos.run_fast(server.execute, START, END, round((END - START).total_seconds() / SECONDS))
    crons = chaos.Crons(6, server.url, tmp_path / "log")
    try:
        for second in range(SECONDS):
            time.sleep(1)
            crons.kill(chance)
            if second % 9 == 4:
                server.crash()
        until(server.execute, PASSED, seconds=120)
    finally:
        crons.stop()
    assert (crons.killed, server.crashes) == (SECONDS, 3)
    found = chaos.jobs(server.execute)
    assert len(wanted) > 5000
    assert found == wanted
    assert server.execute("SELECT count(*), count(DISTINCT job_id) FROM pgprocess_jobtask") == [
        (len(wanted), len(wanted))
    ]


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.skipif("PGPROCESS_REAL_MINUTES" not in os.environ, reason="takes two real minutes: make minutes")
def test_over_two_real_minutes(server: chaos.Server, tmp_path: Path) -> None:
    chance = random.Random(7)
    [(start,)] = server.execute("SELECT date_trunc('minute', now()) + interval '59 s'")
    schedules = chaos.define(server.execute, ["* * * * *"], ["UTC"] * 50, start)
    crons = chaos.Crons(6, server.url, tmp_path / "log")
    end = start + timedelta(seconds=120)
    try:
        while server.execute("SELECT now() < %s", [end])[0][0]:
            time.sleep(2)
            crons.kill(chance)
            if crons.killed % 12 == 5:
                server.crash()
        until(server.execute, PASSED, seconds=60)
    finally:
        crons.stop()
    assert crons.killed > 30
    found = [(process, slot) for process, slot in chaos.jobs(server.execute) if slot <= end]
    assert found == chaos.slots(schedules, start, end)
    assert len(found) == 100
