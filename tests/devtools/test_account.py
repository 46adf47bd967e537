"""Postgres refuses to be root, so root steps down in every way there is; others run it as themselves."""

from __future__ import annotations

import os
import shutil
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
    (way,) = (way for way in WAYS if way.owner != (0, 0))
    if closed := way.closed_folder(Path(postgres())):
        pytest.skip(f"other accounts can't enter {closed}, where Postgres is")
    chosen = choose_account(tmp_path / "data", postgres())
    assert chosen.owner
    assert chosen.owner[0] != 0


@pytest.fixture
def closed(folder: Path) -> Path:
    """A folder of root's that no other account can enter, and one in it that everybody could."""
    closed = folder / "closed"
    (closed / "open").mkdir(parents=True)
    for path, mode in ((folder, 0o755), (closed, 0o700), (closed / "open", 0o755)):
        path.chmod(mode)
    return closed


@for_root
def test_root_is_told_which_folder_keeps_other_accounts_from_postgres(
    monkeypatch: pytest.MonkeyPatch, folder: Path, closed: Path
) -> None:
    monkeypatch.setattr(account, "_NAMESPACE", ("/nonexistent/unshare",))
    program = str(shutil.copy("/bin/true", closed / "open" / "postgres"))
    with pytest.raises(
        ConfigurationError, match=rf"other accounts can't enter the folder {closed} \(chmod o\+x opens it\): start"
    ):
        choose_account(folder / "data", program)
    closed.chmod(0o711)
    assert choose_account(folder / "data", program).owner == WAYS[-1].owner


@for_root
def test_root_is_told_which_folder_keeps_the_other_account_from_its_data(closed: Path) -> None:
    way = WAYS[-1]
    if not way.can_run(postgres()):
        pytest.skip(f"no other account can run {postgres()}")
    with pytest.raises(
        ConfigurationError, match=rf"initdb could not make .*, since other accounts can't enter the folder {closed} "
    ):
        start_cluster(closed / "open" / "home", account=way)
    closed.chmod(0o711)
    start_cluster(closed / "open" / "home", account=way, settings=THROWAWAY).stop()


def test_a_folder_that_its_owner_can_enter_is_not_closed_to_them(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    assert Account().closed_folder(tmp_path / "data") is None


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
