"""The example project, set up and run once for all tests of this room."""

from __future__ import annotations

import os
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from pgprocess.devtools.url import database_settings, database_url
from tests.acceptance.archive import Archive, read_archive
from tests.acceptance.example import Example


@pytest.fixture(scope="session")
def example(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Example:
    """The example, migrated; its database is dropped with the others of this run."""
    server = os.environ["PGPROCESS_DATABASE_URL"]
    name = f"{os.environ['PGPROCESS_TEST_RUN']}_{os.getpid()}_example"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    url = database_url(database_settings(server) | {"NAME": name})
    made = Example(url, tmp_path_factory.mktemp("example"))
    made.run("manage.py", "migrate", "--verbosity", "0")
    return made


@pytest.fixture(scope="session")
def results(example: Example) -> dict[str, Any]:
    """The results of all tasks, run once."""
    return example.run_tasks()


@pytest.fixture(scope="session")
def archive() -> Archive:
    """What the bank published, and the figures computed from it."""
    return read_archive()
