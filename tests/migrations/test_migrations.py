"""What migrations install is what the files say, and it can be undone."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from pgprocess.models import Job, JobTask, Process, TaskDependency
from pgprocess.sql import FOLDER, parts, rules
from pgprocess.sql.operations import FROZEN, InstallSQL
from tools import freeze
from tools.freeze import newest

FROZEN_TEXTS = parts() | rules()


def installed() -> list[InstallSQL]:
    """Every InstallSQL of our migrations, in order."""
    loader = MigrationLoader(None)
    names = [name for app, name in loader.graph.leaf_nodes("pgprocess")]
    plan = loader.graph.forwards_plan(("pgprocess", names[0]))
    migrations = [loader.disk_migrations[key] for key in plan if key[0] == "pgprocess"]
    return [
        operation for migration in migrations for operation in migration.operations if isinstance(operation, InstallSQL)
    ]


@pytest.mark.parametrize("name", FROZEN_TEXTS)
def test_the_newest_frozen_copy_of_a_rule_is_the_rule(name):
    copy = newest(name)
    assert copy, f"make freeze NAME={name}"
    assert InstallSQL.text(copy) == FROZEN_TEXTS[name], f"make freeze NAME={name}"


def test_a_copy_that_was_not_released_is_refreshed_and_one_that_was_gets_a_successor(tmp_path, monkeypatch):
    monkeypatch.setattr(freeze, "FROZEN", tmp_path)
    monkeypatch.setattr(freeze, "MIGRATIONS", tmp_path)
    (tmp_path / "0002_rules.py").touch()
    (tmp_path / "0002_settle.sql").write_text("-- of before")
    assert freeze.freeze("settle", released=1) == ""
    assert (tmp_path / "0002_settle.sql").read_text() == rules()["settle"]
    assert freeze.freeze("settle", released=2) == 'InstallSQL("0003_settle", previous="0002_settle")'
    assert (tmp_path / "0003_settle.sql").read_text() == rules()["settle"]


def test_a_new_rule_belongs_to_the_migration_of_rules_until_that_is_released(tmp_path, monkeypatch):
    monkeypatch.setattr(freeze, "FROZEN", tmp_path)
    monkeypatch.setattr(freeze, "MIGRATIONS", tmp_path)
    (tmp_path / "0003_triggers.py").touch()
    assert freeze.freeze("settle", released=0) == ""
    assert (tmp_path / "0002_settle.sql").read_text() == rules()["settle"]
    assert freeze.freeze("wake", released=3) == 'InstallSQL("0004_wake")'


def test_every_frozen_copy_is_installed_once_and_knows_the_one_before():
    operations = installed()
    names = [operation.name for operation in operations]
    assert sorted(names) == sorted(file.stem for file in FROZEN.glob("*.sql"))
    for position, operation in enumerate(operations):
        rule = operation.name[5:]
        earlier = [name for name in names[:position] if name[5:] == rule]
        assert operation.previous == (earlier[-1] if earlier else None)


@pytest.mark.parametrize("file", sorted(FOLDER.rglob("*/*.sql")), ids=lambda file: file.stem)
def test_a_rule_or_request_begins_with_what_it_says_and_stays_short(file):
    lines = file.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("-- ")
    assert len(lines) <= 60


@pytest.mark.parametrize("file", sorted(FOLDER.rglob("*.sql")), ids=lambda file: file.stem)
def test_a_line_of_sql_fits_a_page(file):
    assert [line for line in file.read_text(encoding="utf-8").splitlines() if len(line) > 120] == []


def test_every_rule_is_installed_after_the_tables_and_before_the_triggers():
    assert {operation.name[5:] for operation in installed()} == set(FROZEN_TEXTS)


@pytest.mark.django_db
def test_models_and_migrations_agree():
    call_command("makemigrations", "pgprocess", check=True, dry_run=True, verbosity=0)


def functions() -> set[str]:
    """Return the names of our functions that the database has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT proname FROM pg_proc WHERE proname LIKE 'pgprocess%'")
        return {name for (name,) in cursor.fetchall()}


def a_job_that_went_through_everything() -> Job:
    """Return a job with a retry, a failure, output, an alert and a worker; its process has a backfill as well."""
    process = Process.objects.create(name="nightly", minute="0", hour="2", run_if_failed=False)
    first, second = (process.tasks.create(name=name, kind="shell", code="true", max_attempts=2) for name in "ab")
    TaskDependency.objects.create(parent=first, task=second)
    job, _ = Job.create(process, {"day": 1})
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO pgprocess_worker (host) VALUES ('here') RETURNING id")
        [worker] = cursor.fetchone()
        cursor.execute(
            "INSERT INTO pgprocess_backfill (process_id, starts_at, ends_at) VALUES (%s, now(), now())", [process.pk]
        )
        for change in (
            f"status = 'running', worker_id = {int(worker)}",
            "status = 'scheduled', run_at = now() + interval '1 h'",
            "status = 'ready'",
            "status = 'running'",
            "status = 'failed'",
        ):
            cursor.execute(f"UPDATE pgprocess_jobtask SET {change} WHERE parents_total = 0")
        cursor.execute(
            "INSERT INTO pgprocess_logchunk (jobtask_id, attempt, seq, stream, text)"
            " SELECT id, 1, 0, 'stdout', 'words' FROM pgprocess_jobtask"
        )
    return job


@pytest.mark.django_db(transaction=True)
def test_everything_can_be_undone_and_done_again_whatever_the_tables_hold():
    before = functions()
    assert before
    a_job_that_went_through_everything()
    call_command("migrate", "pgprocess", "0001", verbosity=0)
    assert functions() == set()
    call_command("migrate", "pgprocess", verbosity=0)
    assert functions() == before
    job = Job.objects.get()
    assert job.status == "failed"
    assert JobTask.objects.filter(status="failed").update(status="ready") == 1
    job.refresh_from_db()
    assert job.status == "running"
    call_command("migrate", "pgprocess", "zero", verbosity=0)
    assert functions() == set()
    assert not [name for name in connection.introspection.table_names() if name.startswith("pgprocess_")]
    call_command("migrate", "pgprocess", verbosity=0)
    assert functions() == before
