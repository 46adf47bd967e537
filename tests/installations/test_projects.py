"""Projects that are set up differently: another schema, a role to assume, no admin, no zones."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.builders.project import RAN, RUN, SETTINGS, Project


@pytest.fixture
def project(tmp_path: Path, connect: Callable[..., psycopg.Connection[Any]]) -> Iterator[Project]:
    """A project on an empty database."""
    project = Project(tmp_path, connect(), f"project_{os.getpid()}")
    yield project
    project.drop()


def test_all_is_in_the_schema_that_the_search_path_names(project: Project) -> None:
    with project.connect() as connection:
        connection.execute("CREATE SCHEMA flows")
        connection.execute("DROP SCHEMA public CASCADE")
    project.write({"OPTIONS": {"options": "-c search_path=flows"}})
    project.manage("migrate", "-v0")
    assert project.python(RUN) == RAN
    project.manage("migrate", "pgprocess", "zero", "-v0")
    with project.connect() as connection:
        left = connection.execute("SELECT count(*) FROM pg_class WHERE relname LIKE 'pgprocess%'").fetchone()
    assert left == (0,)


@pytest.mark.parametrize("schema", ["elsewhere", None, "public"])
def test_no_setting_of_pgtrigger_writes_a_migration_into_the_package(project: Project, schema: str | None) -> None:
    project.write(PGTRIGGER_SCHEMA=schema)
    assert "No changes detected" in project.manage("makemigrations", "--check", "--dry-run")


def test_our_connections_take_the_role_that_a_project_assumes(project: Project) -> None:
    role = f"role_{os.getpid()}"
    with project.connect() as connection:
        connection.execute(f"CREATE ROLE {role}")
        connection.execute(f"GRANT CREATE ON SCHEMA public TO {role}")
    try:
        project.write({"OPTIONS": {"assume_role": role}})
        project.manage("migrate", "-v0")
        assert project.python(RUN) == RAN
        code = (
            "from pgprocess.postgres.connection import Connection, Database\n"
            "for listens in ('', 'other'):\n"
            "    connection = Connection(Database('default', listens))\n"
            "    with connection.transaction():\n"
            "        print(connection.connection.execute('SELECT current_user').fetchone()[0])"
        )
        assert project.python(code) == f"{role}\n{role}\n"
    finally:
        project.drop()
        project.connection.execute(f"DROP ROLE {role}")


def test_a_project_without_the_admin_has_all_its_templates(project: Project) -> None:
    project.manage("migrate", "-v0")
    code = (
        "from django.template import engines\n"
        "from pgprocess.models import Process\n"
        "process = Process.objects.create(name='p')\n"
        "process.tasks.create(name='a', code='pass')\n"
        "text = '{% load pgprocess %}{% load pgprocess_admin %}{% diagram process %}'\n"
        "print('<svg' in engines['django'].from_string(text).render({'process': process}))"
    )
    assert project.python(code) == "True\n"
    assert project.python(RUN.replace('"p"', '"q"')) == RAN


def test_without_zones_one_sentence_says_what_to_do(project: Project) -> None:
    project.write(USE_TZ=False)
    sentence = "pgprocess needs USE_TZ = True: without it Django gives moments without a zone"
    code, said = project.run("check")
    assert (code, said.count(sentence)) == (1, 1)
    code, said = project.run("pgprocess_worker", "--once", "--skip-checks")
    assert (code, said.startswith(f"CommandError: {sentence}")) == (1, True)


def test_without_pgtrigger_one_sentence_says_what_to_do(project: Project) -> None:
    project.write(INSTALLED_APPS=[app for app in SETTINGS["INSTALLED_APPS"] if app != "pgtrigger"])
    code, said = project.run("check")
    assert code == 1
    assert 'pgprocess needs "pgtrigger" in INSTALLED_APPS too' in said


@pytest.mark.parametrize("module", [None, "shop.migrations"])
def test_without_our_migrations_one_sentence_says_what_to_do(project: Project, module: str | None) -> None:
    project.write(MIGRATION_MODULES={"pgprocess": module})
    code, said = project.run("migrate")
    assert code == 1
    assert "take 'pgprocess' out of MIGRATION_MODULES" in said


def test_an_encoding_that_can_not_hold_all_texts_is_told_by_migrate(
    tmp_path: Path, connect: Callable[..., psycopg.Connection[Any]]
) -> None:
    latin = "ENCODING 'LATIN1' TEMPLATE template0 LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C'"
    project = Project(tmp_path, connect(), f"latin_{os.getpid()}", latin)
    try:
        code, said = project.run("migrate")
        assert code == 1
        assert "The database 'default' is encoded in LATIN1, and names and output of tasks may be any text: " in said
    finally:
        project.drop()
