"""The cron on a server in New York: the tests of the cron once more, and the hours that its clocks skip or repeat.

A session that nobody told otherwise has the zone of the server, the database or the role, and psycopg's moments have
that zone, too; to Python they are as far apart as their clocks show.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection as django_connection

from pgprocess.cron.agenda import Agenda
from pgprocess.cron.cron import Cron
from pgprocess.models import Process
from pgprocess.postgres.connection import Database
from pgprocess.queue.claim import Demand
from pgprocess.queue.queue import Queue
from pgprocess.sql import rules
from tests.builders.drawing import Executes, draw
from tests.builders.workers import ME
from tests.cron.test_cron import *  # noqa: F403
from tests.cron.test_end import *  # noqa: F403
from tests.cron.test_policies import *  # noqa: F403
from tests.cron.test_zone_data import *  # noqa: F403

PLACES = {
    "database": "ALTER DATABASE {database} {change}",
    "role": "ALTER ROLE CURRENT_USER IN DATABASE {database} {change}",
}


@pytest.fixture(autouse=True, params=["database"])
def in_new_york(request: pytest.FixtureRequest, transactional_db: None) -> Iterator[None]:
    """Every session on the test database begins in New York; Django's own begins anew."""
    with django_connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_database())")
        [database] = cursor.fetchone()
        statement = PLACES[request.param]
        cursor.execute(statement.format(database=database, change="SET timezone = 'America/New_York'"))
    django_connection.close()
    yield
    with django_connection.cursor() as cursor:
        cursor.execute(statement.format(database=database, change="RESET timezone"))


@pytest.fixture
def stand(execute: Executes) -> Iterator[Callable[[datetime], None]]:
    """Let the database's clock stand at a moment."""

    def at(moment: datetime) -> None:
        execute(
            "CREATE OR REPLACE FUNCTION pgprocess_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS "
            f"$$ SELECT timestamptz '{moment.isoformat()}' $$"
        )

    yield at
    execute(rules()["now"])


def make(execute: Executes, line: str, slot: datetime, **columns: Any) -> int:
    """A process of New York whose cursor is at a slot."""
    minute, hour = line.split()
    columns = {"minute": minute, "hour": hour, "timezone": "America/New_York", "overlap": "allow"} | columns
    process = draw(execute, "a", name=line)
    for name, value in (columns | {"scheduled_from": slot - timedelta(days=1), "next_run_at": slot}).items():
        execute(f"UPDATE pgprocess_process SET {name} = %s WHERE name = %s", [value, line])
    return process


def slots(execute: Executes, process: int) -> list[datetime]:
    rows = execute("SELECT logical_date FROM pgprocess_job WHERE process_id = %s ORDER BY 1", [process])
    return [slot.astimezone(UTC) for (slot,) in rows]


def test_a_session_that_nobody_told_otherwise_is_in_new_york(execute: Executes) -> None:
    assert execute("SHOW timezone") == [("America/New_York",)]


@pytest.mark.parametrize("in_new_york", PLACES, indirect=True)
def test_the_hour_that_is_left_out_loses_no_slot(
    cron: Cron, execute: Executes, stand: Callable[[datetime], None]
) -> None:
    after_gap = datetime(2026, 3, 8, 7, tzinfo=UTC)
    processes = [make(execute, line, after_gap, catch_up="all") for line in ("30 2", "0 3", "* *")]
    stand(after_gap + timedelta(seconds=1))
    cron.tick()
    assert [slots(execute, process) for process in processes] == [[after_gap]] * 3
    assert execute("SELECT min(next_run_at) FROM pgprocess_process")[0][0].astimezone(UTC) == datetime(
        2026, 3, 8, 7, 1, tzinfo=UTC
    )


@pytest.mark.parametrize("in_new_york", PLACES, indirect=True)
def test_the_hour_that_comes_twice_has_each_slot_once_and_no_loop(
    cron: Cron, execute: Executes, stand: Callable[[datetime], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = datetime(2026, 11, 1, 4, tzinfo=UTC)
    process = make(execute, "*/30 *", begin)
    looks = []
    plain = Agenda.lock_due

    def counted(*args: Any) -> Any:
        looks.append(args)
        return plain(*args)

    monkeypatch.setattr(Agenda, "lock_due", counted)
    wanted = [begin + n * timedelta(minutes=30) for n in range(8)]
    for slot in wanted:
        stand(slot + timedelta(seconds=1))
        cron.tick()
        assert slots(execute, process)[-1] == slot
        cursor = execute("SELECT next_run_at FROM pgprocess_process")[0][0].astimezone(UTC)
        assert cursor == slot + timedelta(minutes=30)
    assert slots(execute, process) == wanted
    assert len(looks) == len(wanted)


@pytest.mark.parametrize("late", [timedelta(seconds=100), timedelta(minutes=29), timedelta(hours=1, seconds=100)])
def test_how_late_a_slot_is_does_not_depend_on_the_clock_that_shows_it(
    cron: Cron, execute: Executes, stand: Callable[[datetime], None], late: timedelta
) -> None:
    slot = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)  # half past one, the first time
    process = make(execute, "30 1", slot, misfire_grace=1800.0)
    stand(slot + late)
    cron.tick()
    assert slots(execute, process) == [slot]
    wanted = "running" if late < timedelta(minutes=30) else "skipped"
    assert execute("SELECT status FROM pgprocess_job") == [(wanted,)]


def test_a_job_begins_later_than_its_slot_by_real_time(
    cron: Cron, execute: Executes, stand: Callable[[datetime], None]
) -> None:
    slot = datetime(2026, 3, 8, 6, 59, tzinfo=UTC)
    make(execute, "59 1", slot, jitter=7200.0)
    stand(slot)
    cron.tick()
    [(run_at,)] = execute("SELECT run_at FROM pgprocess_job")
    assert timedelta(0) < run_at.astimezone(UTC) - slot < timedelta(hours=2)


@pytest.mark.parametrize("listen", [True, False], ids=["direct", "pooled"])
def test_the_date_of_a_run_is_that_of_utc_to_tasks_and_programs(execute: Executes, listen: bool) -> None:
    process = draw(execute, "a")
    midnight = datetime(2026, 6, 1, 0, 30, tzinfo=UTC)  # the evening before in New York
    execute("INSERT INTO pgprocess_job (process_id, logical_date) VALUES (%s, %s)", [process, midnight])
    queue = Queue(Database("default", listen=listen))
    [claim] = queue.claim(Demand(queue.register(ME), 1)).claims
    queue.close()
    assert claim.logical_date
    for read in (datetime.fromisoformat(claim.logical_date), Process.objects.get().jobs.get().logical_date):
        assert read
        assert (read.date(), read.utcoffset()) == (midnight.date(), timedelta(0))


def test_a_backfill_of_a_day_is_of_the_process_s_day(execute: Executes) -> None:
    make(execute, "30 1", datetime(2026, 1, 1, tzinfo=UTC))
    out = io.StringIO()
    call_command("pgprocess_backfill", "30 1", "2025-11-02", "2025-11-02", stdout=out)
    assert out.getvalue() == "1 of 1 slots are in line.\n"
    assert Process.objects.get().jobs.get().logical_date == datetime(2025, 11, 2, 5, 30, tzinfo=UTC)
