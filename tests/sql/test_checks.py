"""What Python can't hold, no column takes: one such row would stop every cron or worker that reads it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from pgprocess.models import Backfill, Delivery, Job, JobTask, Process, Task, TaskVersion, Worker
from tests.builders.drawing import DrawnJob, Executes

MOMENTS = [
    "infinity",
    "-infinity",
    "0044-03-15 12:00 BC",
    "0001-12-31 23:59:59 UTC",
    "9999-01-01 00:00 UTC",
    "10000-01-01 UTC",
]
COLUMNS = [
    (model._meta.db_table, field.column)
    for model in apps.get_app_config("pgprocess").get_models()
    for field in model._meta.concrete_fields
    if isinstance(field, models.DateTimeField)
]
CONTROL = ["\n", "\r", "\x01", "\x1b", "\x7f", "\x85", "\u2028"]
BIGGEST, SMALLEST = 2**31 - 1, -(2**31)
NUMBERS = [
    (model._meta.db_table, field.column, isinstance(field, models.FloatField))
    for model in (Process, Task, TaskVersion, JobTask, Backfill, Worker, Delivery)
    for field in model._meta.concrete_fields
    if type(field) in (models.IntegerField, models.FloatField)
    and field.column not in ("pid", "exit_code")
    and not str(field.column).startswith("parents_")
]


@pytest.fixture
def one_of_each(a_job: Callable[..., DrawnJob], execute: Executes) -> DrawnJob:
    """A row in every table."""
    run = a_job("a")
    execute("INSERT INTO pgprocess_worker (host) VALUES ('h')")
    execute("INSERT INTO pgprocess_alert (process_id, job_id) VALUES (%s, %s)", [run.process, run.id])
    execute("INSERT INTO pgprocess_delivery (alert_id, receiver) SELECT id, 'signal' FROM pgprocess_alert")
    execute("INSERT INTO pgprocess_attempt (jobtask_id, number, status) SELECT id, 1, 'failed' FROM pgprocess_jobtask")
    execute(
        "INSERT INTO pgprocess_logchunk (jobtask_id, attempt, seq, stream, text) "
        "SELECT id, 1, 1, 'stdout', '' FROM pgprocess_jobtask"
    )
    execute("INSERT INTO pgprocess_backfill (process_id, starts_at, ends_at) VALUES (%s, now(), now())", [run.process])
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    execute("ALTER TABLE pgprocess_taskversion DISABLE TRIGGER USER")
    return run


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_no_moment_is_stored_that_python_can_not_hold(one_of_each, execute, table, column):
    for moment in MOMENTS:
        with pytest.raises(IntegrityError, match="_calendar"), transaction.atomic():
            execute(f"UPDATE {table} SET {column} = %s", [moment])


@pytest.mark.parametrize(("table", "column", "fractions"), NUMBERS)
def test_no_number_is_stored_that_a_service_can_not_reckon_with(one_of_each, execute, table, column, fractions):
    for value in ("Infinity", "-Infinity", "NaN", 1e300, -1e300) if fractions else (BIGGEST, SMALLEST):
        with pytest.raises(IntegrityError, match="_range"), transaction.atomic():
            execute(f"UPDATE {table} SET {column} = %s", [value])


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("pgprocess_process", "name"),
        ("pgprocess_task", "name"),
        ("pgprocess_task", "queue"),
        ("pgprocess_jobtask", "queue"),
    ],
)
def test_no_name_holds_a_control_character(one_of_each, execute, table, column):
    for value in [value for sign in CONTROL for value in (f"a{sign}b", f"a{sign}", f"{sign}a")]:
        with pytest.raises(IntegrityError, match=f"{table}_{column}_is_well_formed"), transaction.atomic():
            execute(f"UPDATE {table} SET {column} = %s", [value])


@pytest.mark.parametrize("queue", ["", "a,b", ",", " a", "a ", "\u00a0a", "a\u3000"])
def test_a_queue_can_be_named_on_a_command_line(one_of_each, execute, queue):
    for table in ("pgprocess_task", "pgprocess_jobtask"):
        with pytest.raises(IntegrityError, match="queue_is_well_formed"), transaction.atomic():
            execute(f"UPDATE {table} SET queue = %s", [queue])


@pytest.mark.parametrize("name", ["nightly load", "Ñandú, 2nd; 'quoted'", "夜間 処理", "🚀", "a\u200db"])
def test_names_of_people_are_stored(a_process, execute, name):
    a_process("a", name=name)
    if "," not in name:
        execute("UPDATE pgprocess_task SET queue = %s", [name])


@pytest.mark.parametrize("moment", ["0002-01-01 00:00 UTC", "9998-12-31 23:59:59.999999 UTC"])
def test_the_ends_of_the_calendar_are_stored(one_of_each, execute, moment):
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


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (Process(name="a\nb"), "A name is one line without control characters."),
        (Task(name="a\tb", code="pass"), "A name is one line without control characters."),
        (Task(name="a", code="pass", queue="a,b"), "A queue's name is one line without commas"),
        (Task(name="a", code="pass", retry_jitter=2), "A number here is between 0.0 and 1.0."),
        (Task(name="a", code="pass", timeout=float("nan")), "A number here is between 0.0 and"),
        (Task(name="a", code="pass", priority=BIGGEST), "A number here is between -1000000 and 1000000."),
    ],
)
def test_people_read_the_same_sentence(db, row, sentence):
    if isinstance(row, Task):
        row.process = Process.objects.create(name="p")
    with pytest.raises(ValidationError, match=sentence):
        row.full_clean()
