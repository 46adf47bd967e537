"""A server of our own starts, answers, keeps its data, stops, and says plainly why it does not start."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from pgprocess.devtools.account import Account
from pgprocess.devtools.binaries import Binaries, find_binaries
from pgprocess.devtools.cluster import THROWAWAY, start_cluster
from pgprocess.devtools.postgres import running_postgres
from pgprocess.devtools.url import database_settings
from pgprocess.exceptions import ConfigurationError
from tests.devtools.processes import ends


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a cluster's data in it, which has been stopped."""
    folder = tmp_path_factory.mktemp("cluster") / "a deep" / "folder"
    start_cluster(folder, settings=THROWAWAY).stop()
    return folder


@pytest.fixture
def temporary_folders(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The place where temporary folders are made, empty at first; every account can enter it, as the usual one."""
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="t-") as place:
        Path(place).chmod(0o755)
        monkeypatch.setattr(tempfile, "tempdir", place)
        yield Path(place)


def ask(url: str, question: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(question.encode()).fetchone()
    return row and row[0]


def test_a_cluster_answers_on_a_socket_of_its_own_and_on_no_network(home: Path) -> None:
    with start_cluster(home) as cluster:
        assert cluster.is_running()
        assert ask(cluster.url(), "SHOW listen_addresses") == ""
        assert ask(cluster.url("template1"), "SELECT current_database()") == "template1"
        assert cluster.socket_folder.stat().st_mode & 0o777 == 0o700


def test_the_url_of_a_cluster_is_also_django_s(home: Path) -> None:
    with start_cluster(home) as cluster:
        settings = database_settings(cluster.url("shop"))
    assert (settings["NAME"], settings["USER"]) == ("shop", "postgres")
    assert settings["HOST"] == str(cluster.socket_folder)


def test_a_cluster_speaks_utf_8_and_lives_in_utc(home: Path) -> None:
    with start_cluster(home) as cluster:
        assert ask(cluster.url(), "SHOW server_encoding") == "UTF8"
        assert ask(cluster.url(), "SHOW TimeZone") == "UTC"


def test_settings_reach_the_server(home: Path) -> None:
    with start_cluster(home, settings={**THROWAWAY, "application_name": "two words; it's"}) as cluster:
        assert ask(cluster.url(), "SHOW fsync") == "off"
        assert ask(cluster.url(), "SHOW max_connections") == "200"
        assert ask(cluster.url(), "SHOW autovacuum") == "on"
        assert ask(cluster.url(), "SHOW application_name") == "two words; it's"


def test_a_folder_keeps_its_data_from_one_server_to_the_next(home: Path) -> None:
    with start_cluster(home) as first, psycopg.connect(first.url()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    with start_cluster(home) as second:
        assert ask(second.url(), "SELECT number FROM kept") == 7


def test_a_stopped_cluster_leaves_no_server_and_no_socket(home: Path) -> None:
    cluster = start_cluster(home)
    pid = cluster.pid
    cluster.stop()
    cluster.stop()
    assert pid
    assert ends(pid)
    assert not cluster.is_running()
    assert cluster.pid is None
    assert not cluster.socket_folder.exists()


def test_stopping_does_not_wait_for_clients(home: Path) -> None:
    with start_cluster(home) as cluster:
        client = psycopg.connect(cluster.url())
    with client, pytest.raises(psycopg.OperationalError):
        client.execute("SELECT 1")


def test_a_temporary_cluster_goes_with_its_folder(temporary_folders: Path) -> None:
    with start_cluster(settings=THROWAWAY) as cluster:
        assert cluster.folder.parent == temporary_folders
    assert not any(temporary_folders.iterdir())


def test_a_server_that_can_t_start_shows_its_log_and_leaves_nothing(temporary_folders: Path) -> None:
    with pytest.raises(ConfigurationError, match=r'unrecognized configuration parameter "no_such_setting"'):
        start_cluster(settings={"no_such_setting": "1"})
    assert not any(temporary_folders.iterdir())


def test_a_folder_in_use_names_the_server_that_uses_it(home: Path) -> None:
    with start_cluster(home) as cluster:
        with pytest.raises(ConfigurationError, match=rf"in use by the Postgres server with pid {cluster.pid}:") as no:
            start_cluster(home)
        assert cluster.url() in str(no.value)
        assert ask(cluster.url(), "SELECT 1") == 1


@pytest.mark.parametrize("pid", [2**22 + 1, os.getppid()], ids=["nobody's pid", "another process's pid"])
def test_a_stale_pid_file_does_not_prevent_a_start(home: Path, pid: int) -> None:
    with start_cluster(home):
        lines = (home / "data" / "postmaster.pid").read_text().splitlines()
    (home / "data" / "postmaster.pid").write_text("\n".join([str(pid), *lines[1:]]) + "\n")
    with start_cluster(home) as cluster:
        assert cluster.pid != pid


def test_data_of_another_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(ConfigurationError, match=r"holds the data of a Postgres 9\.6, but the programs in"):
        start_cluster(tmp_path, account=Account())


def test_a_data_folder_with_other_things_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "letters.txt").touch()
    with pytest.raises(ConfigurationError, match="name another folder"):
        start_cluster(tmp_path, account=Account())


def test_what_initdb_says_against_it_is_shown_and_nothing_half_made_is_left(tmp_path: Path) -> None:
    real = find_binaries()
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "postgres").symlink_to(real.program("postgres"))
    (programs / "initdb").write_text("#!/bin/sh\necho the disk is full >&2\nexit 1\n")
    (programs / "initdb").chmod(0o755)
    with pytest.raises(ConfigurationError, match=r"initdb could not make .*: the disk is full$"):
        start_cluster(tmp_path / "home", binaries=Binaries(programs, "test"))
    assert not any((tmp_path / "home").iterdir())


def test_a_named_server_is_used_and_none_is_started(monkeypatch: pytest.MonkeyPatch, temporary_folders: Path) -> None:
    monkeypatch.setenv("PGPROCESS_DATABASE_URL", "postgres://elsewhere/shop")
    with running_postgres() as url:
        assert url == "postgres://elsewhere/shop"
        assert not any(temporary_folders.iterdir())


def test_without_a_named_server_ours_runs_as_long_as_the_block(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.delenv("PGPROCESS_DATABASE_URL", raising=False)
    with running_postgres(home) as url:
        assert ask(url, "SELECT 1") == 1
    with pytest.raises(psycopg.OperationalError):
        ask(url, "SELECT 1")
