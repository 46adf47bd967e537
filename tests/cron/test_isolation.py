"""What belongs to one process holds back the schedules of no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection

from pgprocess.cron.cron import Cron
from tests.builders.daily import Daily
from tests.builders.drawing import Executes


def test_a_slot_that_meets_a_lock_is_made_a_job_later_and_the_others_now(
    cron: Cron, execute: Executes, connect: Callable[..., Any]
) -> None:
    held, free = Daily(execute, name="held"), Daily(execute, name="free")
    with connect(autocommit=False) as client:
        client.execute("INSERT INTO pgprocess_job (process_id, logical_date) VALUES (%s, %s)", [held.id, held.slot])
        cron.tick()
        assert free.jobs == [(free.slot, "running")]
        assert (held.jobs, held.get("is_active"), held.get("paused_reason")) == ([], True, "")
        client.rollback()
    cron.tick()
    assert held.jobs == [(held.slot, "running")]
    assert len(free.jobs) == 1


def test_a_job_that_somebody_has_locked_is_overtaken_later_and_the_others_now(
    cron: Cron, execute: Executes, connect: Callable[..., Any]
) -> None:
    held, free = (Daily(execute, name=name, overlap="cancel_running") for name in ("held", "free"))
    jobs = {
        daily: execute("INSERT INTO pgprocess_job (process_id) VALUES (%s) RETURNING id", [daily.id])[0][0]
        for daily in (held, free)
    }
    with connect(autocommit=False) as client:
        client.execute("SELECT FROM pgprocess_job WHERE id = %s FOR UPDATE", [jobs[held]])
        cron.tick()
        assert [status for _, status in free.jobs] == ["cancelled", "running"]
        assert [status for _, status in held.jobs] == ["running", "running"]
        client.rollback()
    cron.tidied = float("-inf")
    cron.tick()
    assert [status for _, status in held.jobs] == ["cancelled", "running"]


@pytest.mark.django_db
@pytest.mark.parametrize("seconds", ["'infinity'", "'-infinity'", "'NaN'", "-1", "999999999999"])
@pytest.mark.parametrize("column", ["jitter", "misfire_grace", "late_after"])
def test_no_span_of_time_is_stored_that_an_interval_can_not_hold(column: str, seconds: str) -> None:
    with connection.cursor() as cursor, pytest.raises(IntegrityError, match=f"pgprocess_process_{column}_range"):
        cursor.execute(f"INSERT INTO pgprocess_process (name, {column}) VALUES ('p', {seconds})")
