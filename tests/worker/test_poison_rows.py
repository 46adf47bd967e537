"""Every column that workers and crons read, at the ends of what it may hold: what is stored harms its own row alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
from django.db import models

from pgprocess.cron.cron import Cron
from pgprocess.models import Job, JobTask, Process, Task, TaskVersion
from pgprocess.registry import task
from tests.builders.background import Background, call
from tests.builders.daily import Daily
from tests.builders.drawing import DrawnJob, Executes, draw
from tests.builders.waiting import until

DEEP = "[" * 3000 + "]" * 3000
EXTREMES: list[tuple[type[models.Field[Any, Any]], list[Any]]] = [
    (models.BooleanField, [True, False]),
    (models.DateTimeField, ["0002-01-01 UTC", "9998-12-31 23:59:59.999999 UTC", "now", None]),
    (models.FloatField, [-1.0, 0.0, 1e-300, 1e9, "Infinity", "NaN", None]),
    (models.IntegerField, [-(2**31), -1, 0, 1, 10**9, 2**31 - 1, None]),
    (models.JSONField, ["null", "[]", '"x"', '{"n": 1e5000}', f'{{"n": {DEEP}}}', '{"\\u00e9": {}}', None]),
    (models.CharField, ["", " ", "x" * 200, "'\"%s{}\\$$", "\u202e🚀\u200b", "\x01\x1b[2J", "a\nb", "*", "-1"]),
    (models.TextField, ["", " ", "x" * 100_000, "'\"%s{}\\$$", "\u202e🚀\u200b", "\x01\x1b[2J", "a\nb", "-1"]),
]
ROWS: dict[type[models.Model], str] = {
    Process: "id = %(process)s",
    Task: "process_id = %(process)s",
    TaskVersion: "task_id IN (SELECT id FROM pgprocess_task WHERE process_id = %(process)s)",
    Job: "id = %(job)s",
    JobTask: "job_id = %(job)s",
}
OWN_AFFAIR = {"status", "id", "has_schedule", "ready_seq"}
"""Columns that say where a row is on its way and in the line, or that Postgres makes."""


@task("test.beside_rows")
def beside_rows() -> None:
    """Do nothing."""


def extremes() -> Iterator[tuple[type[models.Model], str, Any]]:
    """Yield each column of each table, with each value."""
    for model in ROWS:
        for field in model._meta.concrete_fields:
            if field.column in OWN_AFFAIR or field.is_relation:
                continue
            for kind, values in EXTREMES:
                if isinstance(field, kind):
                    yield from ((model, str(field.column), value) for value in values)
                    break


def poison(execute: Executes, number: int, model: type[models.Model], column: str, value: Any) -> bool:
    """Make a process with a schedule and a job, and put the value there; tell whether the database took it."""
    process = draw(execute, "a", {"a": call("test.beside_rows")}, name=f"poison {number}")
    execute(
        "UPDATE pgprocess_process SET minute = '0', hour = '0', next_run_at = now() - interval '1 h' WHERE id = %s",
        [process],
    )
    run = DrawnJob(execute, process)
    where = ROWS[model] % {"process": process, "job": run.id}
    try:
        execute(f"UPDATE {model._meta.db_table} SET {column} = %s WHERE {where}", [value])
    except psycopg.Error:
        return False
    return True


def test_no_value_in_any_column_harms_another_row(execute: Executes, cron: Cron) -> None:
    execute(
        "ALTER TABLE pgprocess_taskversion DISABLE TRIGGER USER"
    )  # what an older release or a restore may have left
    try:
        members = list(extremes())
        stored = [member for number, member in enumerate(members) if poison(execute, number, *member)]
        assert 100 < len(stored) < len(members)
        daily = Daily(execute, name="bystander of the cron")
        good = DrawnJob(
            execute, draw(execute, "x -> y", {name: call("test.beside_rows") for name in "xy"}, name="good")
        )
        for _ in range(len(members) // 50):
            cron.tick()
        assert len(daily.jobs) == 1
        with Background(concurrency=8, kill_grace=0.2, poll_interval=0.5) as busy:
            until(execute, "EXISTS (SELECT FROM pgprocess_job WHERE id = %s AND status = 'succeeded')", [good.id])
            until(execute, "NOT EXISTS (SELECT FROM pgprocess_jobtask WHERE status = 'ready')")
            later = DrawnJob(execute, draw(execute, "x", {"x": call("test.beside_rows")}, name="later"))
            until(execute, "EXISTS (SELECT FROM pgprocess_job WHERE id = %s AND status = 'succeeded')", [later.id])
            assert (busy.exit_code, busy.faults) == (0, 0)
    finally:
        execute("ALTER TABLE pgprocess_taskversion ENABLE TRIGGER USER")
