"""A server ends with the process that started it, in whatever way that ends, and not before."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from pgprocess.devtools.cluster import THROWAWAY, start_cluster
from tests.devtools.processes import REPOSITORY, STARTS_A_CLUSTER, a_process, ends, said


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cluster")
    start_cluster(folder, settings=THROWAWAY).stop()
    return folder


def test_a_killed_parent_leaves_no_server_behind(home: Path) -> None:
    with a_process(STARTS_A_CLUSTER + "sys.stdin.read()", str(home)) as parent:
        server, url = said(parent)
        psycopg.connect(url).close()
        parent.kill()
        assert ends(int(server))
    assert not (home / "data" / "postmaster.pid").exists()


def test_a_parent_that_ends_without_cleaning_up_leaves_no_server_behind(home: Path) -> None:
    with a_process(STARTS_A_CLUSTER + "os._exit(0)", str(home)) as parent:
        server, _ = said(parent)
        assert ends(int(server))


def test_a_fork_of_the_killed_parent_does_not_keep_the_server(home: Path) -> None:
    fork = "child = os.fork()\nif child: print(child, flush=True)\nsignal.pause()"
    with a_process(STARTS_A_CLUSTER + fork, str(home)) as parent:
        server, _ = said(parent)
        (child,) = said(parent)
        parent.kill()
        try:
            assert ends(int(server))
        finally:
            os.kill(int(child), signal.SIGKILL)


def test_ctrl_c_in_the_terminal_does_not_reach_the_server(home: Path) -> None:
    answer = """
import psycopg
signal.signal(signal.SIGINT, lambda *_: None)
print("ready", flush=True)
sys.stdin.readline()
print(psycopg.connect(cluster.url()).execute("SELECT 'alive'").fetchone()[0], flush=True)
"""
    with a_process(STARTS_A_CLUSTER + answer, str(home)) as parent:
        server, _ = said(parent)
        assert said(parent) == ["ready"]
        os.killpg(parent.pid, signal.SIGINT)
        assert parent.stdin
        parent.stdin.write("\n")
        parent.stdin.flush()
        assert said(parent) == ["alive"]
        assert ends(int(server))


def test_a_server_that_dies_by_itself_is_noticed(home: Path) -> None:
    with start_cluster(home) as cluster:
        assert cluster.pid
        os.kill(cluster.pid, signal.SIGINT)
        cluster.wait()
        assert not cluster.is_running()


def test_the_module_runs_a_server_in_the_foreground_until_ctrl_c(home: Path) -> None:
    command = [sys.executable, "-m", "pgprocess.devtools.postgres", str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY) as program:
        (url,) = said(program)
        with psycopg.connect(url) as connection:
            server = connection.execute("SELECT pg_backend_pid()").fetchone()
        program.send_signal(signal.SIGINT)
        assert program.wait(60) == 0
    assert server
    assert ends(server[0])
