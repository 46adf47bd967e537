"""A run of this suite has one server, a database for each of its processes, and leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from pgprocess.devtools.cluster import THROWAWAY, start_cluster
from tests.devtools.processes import REPOSITORY

pytestmark = pytest.mark.slow

TEST = """
import os, pathlib, subprocess, sys
from django.contrib.auth.models import Group, Permission
from django.db import connection

def test_the_database_is_migrated(db):
    assert Permission.objects.exists()
    Group.objects.create(name="rolled back")

def test_other_connections_see_what_is_committed(connect, dsn):
    assert not Group.objects.exists()
    Group.objects.create(name="flushed")
    assert connect().execute("SELECT name FROM auth_group").fetchall() == [("flushed",)]
    (server,) = connect().execute("SHOW unix_socket_directories").fetchone()
    told = os.environ["PGPROCESS_DATABASE_URL"] == dsn
    said = f"{server} {connection.settings_dict['NAME']} {told}"
    (pathlib.Path(__file__).parent / f"{os.getpid()}.txt").write_text(said)

def test_what_the_last_test_committed_is_gone(connect):
    assert connect().execute("SELECT FROM auth_group").fetchall() == []
"""


def run(folder: Path, *options: str, url: str = "") -> list[list[str]]:
    """Run the tests above in another pytest; what each of its processes said."""
    (folder / "conftest.py").write_text("from tests.conftest import *")
    (folder / "test_it.py").write_text(TEST)
    (folder / "pytest.ini").touch()
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "tests.conftest",
            f"--rootdir={folder}",
            *options,
            str(folder),
        ],
        env={**os.environ, "PGPROCESS_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return [file.read_text().split() for file in folder.glob("*.txt")]


def test_workers_share_a_server_that_ends_with_the_run(tmp_path: Path) -> None:
    workers = run(tmp_path, "--tx=2*popen", "--dist=each")
    assert len(workers) == 2
    (server,) = {server for server, _, _ in workers}
    assert len({database for _, database, _ in workers}) == 2
    assert {told for _, _, told in workers} == {"True"}
    assert not Path(server).exists()


def test_a_named_server_is_left_as_it_was(tmp_path: Path) -> None:
    databases = "SELECT datname FROM pg_database ORDER BY 1"
    with start_cluster(settings=THROWAWAY) as cluster:
        with psycopg.connect(cluster.url()) as connection:
            before = connection.execute(databases).fetchall()
        (process,) = run(tmp_path, url=cluster.url())
        with psycopg.connect(cluster.url()) as connection:
            assert connection.execute(databases).fetchall() == before
    assert process[0] == str(cluster.socket_folder)
