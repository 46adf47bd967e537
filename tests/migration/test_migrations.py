"""What migrations install is what the files say, and it can be undone."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from pgprocess.devtools.freeze import newest
from pgprocess.operations import FROZEN, InstallSQL
from pgprocess.sql import FOLDER, rules


def installed() -> list[InstallSQL]:
    """Every InstallSQL of our migrations, in order."""
    loader = MigrationLoader(None)
    names = [name for app, name in loader.graph.leaf_nodes("pgprocess")]
    plan = loader.graph.forwards_plan(("pgprocess", names[0]))
    migrations = [loader.disk_migrations[key] for key in plan if key[0] == "pgprocess"]
    return [
        operation for migration in migrations for operation in migration.operations if isinstance(operation, InstallSQL)
    ]


@pytest.mark.parametrize("name", rules())
def test_the_newest_frozen_copy_of_a_rule_is_the_rule(name):
    copy = newest(name)
    assert copy, f"make freeze NAME={name}"
    assert InstallSQL.text(copy) == rules()[name], f"make freeze NAME={name}"


def test_every_frozen_copy_is_installed_once_and_knows_the_one_before():
    operations = installed()
    names = [operation.name for operation in operations]
    assert sorted(names) == sorted(file.stem for file in FROZEN.glob("*.sql"))
    for position, operation in enumerate(operations):
        rule = operation.name[5:]
        earlier = [name for name in names[:position] if name[5:] == rule]
        assert operation.previous == (earlier[-1] if earlier else None)


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*/*.sql")), ids=lambda file: file.stem)
def test_a_rule_or_request_begins_with_what_it_says_and_stays_short(file):
    lines = file.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("-- ")
    assert len(lines) <= 60


@pytest.mark.django_db
def test_models_and_migrations_agree():
    call_command("makemigrations", "pgprocess", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db(transaction=True)
def test_everything_can_be_undone_and_done_again():
    def functions() -> set[str]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT proname FROM pg_proc WHERE proname LIKE 'pgprocess%'")
            return {name for (name,) in cursor.fetchall()}

    before = functions()
    assert before
    call_command("migrate", "pgprocess", "zero", verbosity=0)
    assert functions() == set()
    assert not [name for name in connection.introspection.table_names() if name.startswith("pgprocess_")]
    call_command("migrate", "pgprocess", verbosity=0)
    assert functions() == before
