"""Postgres refuses to be root, so root steps down in every way there is; others run it as themselves."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pgprocess.devtools import account
from pgprocess.devtools.account import Account, accounts, choose_account
from pgprocess.devtools.binaries import find_binaries
from pgprocess.devtools.cluster import THROWAWAY, start_cluster
from pgprocess.exceptions import ConfigurationError
from tests.devtools.processes import REPOSITORY, ends

for_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root steps down")
NOBODY = (65534, 65534)
WAYS = list(accounts())


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that others reach too, unlike tmp_path."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="t-") as place:
        yield Path(place)


def postgres() -> str:
    return find_binaries().program("postgres")


@for_root
@pytest.mark.parametrize("way", WAYS, ids=["in a user namespace", "as another user"])
def test_root_runs_a_server_and_finds_its_data_again(way: Account, folder: Path) -> None:
    if not way.can_run(postgres()):
        pytest.skip("this machine does not let root step down in this way")
    with start_cluster(folder, settings=THROWAWAY, account=way) as cluster:
        with psycopg.connect(cluster.url()) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        pid = cluster.pid
    assert pid
    assert ends(pid)
    assert (folder / "data").stat().st_uid == (way.owner or NOBODY)[0]
    assert choose_account(folder / "data", postgres()).owner == way.owner
    with start_cluster(folder) as cluster, psycopg.connect(cluster.url()) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)


@for_root
def test_without_user_namespaces_root_becomes_another_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(account, "_NAMESPACE", ("/nonexistent/unshare",))
    chosen = choose_account(tmp_path / "data", find_binaries().program("postgres"))
    assert chosen.owner
    assert chosen.owner[0] != 0


@for_root
def test_root_that_can_t_step_down_is_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"start this as another user, or .* PGPROCESS_DATABASE_URL"):
        choose_account(tmp_path / "data", "/nonexistent/postgres")


def a_python_that_others_reach() -> list[str]:
    """Return the command of a Python that nobody may run with our packages, or skip the test."""
    packages = [path for path in sys.path if path.endswith("site-packages")]
    for python in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        path = os.pathsep.join([str(REPOSITORY), *packages])
        command = ["env", f"PYTHONPATH={path}", "PYTHONDONTWRITEBYTECODE=1", python, "-c"]
        trial = "import django, psycopg, pgprocess.devtools.cluster"
        uid, gid = NOBODY
        try:
            subprocess.run(
                [*command, trial],
                user=uid,
                group=gid,
                extra_groups=[],
                check=True,
                capture_output=True,
                cwd="/",
            )
        except (OSError, subprocess.CalledProcessError):
            continue
        return command
    pytest.skip("no Python that another user may run here")


@for_root
def test_a_user_who_is_not_root_runs_a_server_as_itself(folder: Path) -> None:
    code = """
import os, pathlib, sys
from pgprocess.devtools.cluster import start_cluster
for _ in range(2):
    with start_cluster(pathlib.Path(sys.argv[1])) as cluster:
        print(os.stat(f"/proc/{cluster.pid}").st_uid if os.path.isdir("/proc") else os.getuid())
"""
    uid, gid = NOBODY
    os.chown(folder, uid, gid)
    done = subprocess.run(
        [*a_python_that_others_reach(), code, str(folder / "home")],
        user=uid,
        group=gid,
        extra_groups=[],
        capture_output=True,
        text=True,
        cwd="/",
    )
    assert done.stdout.split() == [str(uid)] * 2, done.stderr
