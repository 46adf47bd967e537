"""What Python can't hold, no column takes: one such row would stop every cron or worker that reads it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from pgprocess.models import Job, Process

MOMENTS = [
    "infinity",
    "-infinity",
    "0044-03-15 12:00 BC",
    "0001-12-31 23:59:59 UTC",
    "9999-01-01 00:00 UTC",
    "10000-01-01 UTC",
]
COLUMNS = [
    ("pgprocess_process", column) for column in ("start_at", "end_at", "next_run_at", "scheduled_from", "looked_at")
] + [("pgprocess_job", "logical_date"), ("pgprocess_job", "run_at"), ("pgprocess_jobtask", "run_at")]


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_no_moment_is_stored_that_python_can_not_hold(a_job, execute, table, column, moment):
    a_job("a")
    with pytest.raises(IntegrityError, match="_calendar"):
        execute(f"UPDATE {table} SET {column} = %s", [moment])


@pytest.mark.parametrize("moment", ["0002-01-01 00:00 UTC", "9998-12-31 23:59:59.999999 UTC"])
def test_the_ends_of_the_calendar_are_stored(a_job, execute, moment):
    a_job("a")
    for table, column in COLUMNS:
        execute(f"UPDATE {table} SET {column} = %s", [moment])


@pytest.mark.parametrize("params", ["[1]", "null", '"text"', "1", "true"])
def test_params_are_an_object_whoever_writes(execute, a_process, params):
    with pytest.raises(IntegrityError, match="params_are_an_object"):
        execute("INSERT INTO pgprocess_job (process_id, params) VALUES (%s, %s)", [a_process("a"), params])


def test_python_says_so_before_the_database_does(db):
    process = Process(name="p", end_at=datetime(9999, 12, 31, tzinfo=UTC))
    with pytest.raises(ValidationError, match="A date lies between the years 2 and 9998"):
        process.full_clean()
    process = Process.objects.create(name="q")
    with pytest.raises(ValidationError, match="Params are a JSON object: write them in braces"):
        Job(process=process, params=[1]).full_clean()
    Job(process=process, params={"day": 1}).full_clean()
