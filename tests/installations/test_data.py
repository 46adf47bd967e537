"""What people do with a whole database: take it back, dump and load it, give others the right to look."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.builders.project import RUN, Project

VIEWS = [f"pgprocess_{name}_overview" for name in ("job", "jobtask", "queue", "schedule")]
DATA = (
    RUN
    + """
from django.utils import timezone
from datetime import timedelta
from pgprocess.models import *
Process.objects.create(name="daily", minute="0", hour="3")
process = Process.objects.get(name="daily")
Process.objects.update(scheduled_from=timezone.now() - timedelta(days=9))
process.tasks.create(name="a", code="pass", queue="other")
process.tasks.create(name="b", code="pass").dependencies.create(parent=process.tasks.get(name="a"))
process.tasks.filter(name="a").update(code="print(2)")
process.backfill(timezone.now() - timedelta(days=4), timezone.now())
job, (first, second) = Job.create(process)
first.force()
job, (first, second) = Job.create(process)
first.cancel()
first.reopen()
Job.create(process, logical_date=timezone.now(), run_at=timezone.now() + timedelta(days=1))
Process.objects.filter(name="p").update(run_if_failed=False)
"""
)


@pytest.fixture
def project(tmp_path: Path, connect: Callable[..., psycopg.Connection[Any]]) -> Iterator[Project]:
    """A project with rows in every state."""
    project = Project(tmp_path, connect(), f"data_{os.getpid()}")
    project.manage("migrate", "-v0")
    project.python(DATA)
    yield project
    project.drop()


def seconds(row: dict[str, Any]) -> dict[str, Any]:
    """Return the row with its moments to the second: Django's JSON knows no microseconds."""
    moment = re.compile(r"\d{4}-\d\d-\d\dT")
    return {key: value[:19] if moment.match(str(value)) else value for key, value in row.items()}


def contents(project: Project) -> dict[str, list[dict[str, Any]]]:
    """Return all rows of all our tables."""
    with project.connect() as connection:
        tables = connection.execute(
            "SELECT relname FROM pg_class WHERE relname LIKE 'pgprocess%' AND relkind = 'r' ORDER BY 1"
        ).fetchall()
        found = {}
        for (name,) in tables:
            rows = connection.execute(f"SELECT to_jsonb(row) FROM {name} AS row").fetchall()
            found[name] = sorted((seconds(row) for (row,) in rows), key=str)
        return found


def test_migrations_can_be_undone_whatever_the_data(project: Project) -> None:
    project.manage("migrate", "pgprocess", "zero", "-v0")
    with project.connect() as connection:
        assert connection.execute("SELECT count(*) FROM pg_class WHERE relname LIKE 'pgprocess%'").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM pg_proc WHERE proname LIKE 'pgprocess%'").fetchone() == (0,)
    project.manage("migrate", "-v0")


def test_a_dump_is_loaded_as_it_was(project: Project) -> None:
    before = contents(project)
    assert all(
        before[f"pgprocess_{name}"] for name in ("job", "jobtask", "jobtaskdependency", "taskversion", "logchunk")
    )
    project.manage("dumpdata", "pgprocess", "-o", "dump.json", "-v0")
    project.manage("flush", "--noinput", "-v0")
    project.manage("loaddata", "dump.json", "-v0")
    assert contents(project) == before
    project.manage("loaddata", "dump.json", "-v0")
    assert contents(project) == before
    project.python("from pgprocess.models import *\nJob.create(Process.objects.get(name='daily'))")


def test_the_right_to_look_at_the_views_is_enough(project: Project) -> None:
    role = f"reader_{os.getpid()}"
    with project.connect() as connection:
        connection.execute(f"CREATE ROLE {role}")
        try:
            for view in VIEWS:
                connection.execute(f"GRANT SELECT ON {view} TO {role}")
            connection.execute(f"SET ROLE {role}")
            for view in VIEWS:
                assert connection.execute(f"SELECT * FROM {view}").fetchall() is not None
            assert connection.execute("SELECT count(*) FROM pgprocess_jobtask_overview").fetchone() != (0,)
        finally:
            connection.execute("RESET ROLE")
            connection.execute(f"DROP OWNED BY {role}")
            connection.execute(f"DROP ROLE {role}")
