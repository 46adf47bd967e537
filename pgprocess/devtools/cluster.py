"""A Postgres server of our own: one folder, one Unix socket, and it never outlives this Python process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Self

import psycopg

from pgprocess.devtools.account import Account, choose_account
from pgprocess.devtools.binaries import Binaries, find_binaries
from pgprocess.devtools.data import prepare_data, server_environment
from pgprocess.devtools.postmaster import read_postmaster
from pgprocess.devtools.url import socket_url
from pgprocess.exceptions import ConfigurationError

#: Settings of a server whose data nobody will miss: fast, and lost with a power cut.
THROWAWAY: Mapping[str, str] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
}

_PORT = "5432"
_LONGEST = 60  # bytes; the path of a socket may have 107 on Linux, 103 on macOS
_PAUSE = 0.02  # seconds between two questions whether the server answers yet


class Cluster:
    """A running Postgres server, made by :func:`start_cluster`; as a context manager it stops at the end.

    It listens on a Unix socket that only this user reaches, and on no network. It ends with :meth:`stop`, or
    when this Python process ends in whatever way; the terminal's Ctrl-C does not reach it.
    """

    def __init__(self, folder: Path, socket_folder: Path, supervisor: subprocess.Popen[bytes]) -> None:
        self.folder = folder
        self.socket_folder = socket_folder
        self._supervisor = supervisor

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def url(self, dbname: str = "postgres") -> str:
        """Return the URL of the database ``dbname``, for psycopg, psql and ``database_settings`` alike."""
        return socket_url(str(self.socket_folder), _PORT, dbname)

    @property
    def pid(self) -> int | None:
        """The process id of the server; None once it has ended."""
        postmaster = read_postmaster(self.folder / "data")
        return postmaster.pid if postmaster else None

    def is_running(self) -> bool:
        """Tell whether the server has not ended yet."""
        return self._supervisor.poll() is None

    def wait(self) -> None:
        """Return when the server has ended."""
        self._supervisor.wait()

    def stop(self) -> None:
        """Stop the server by a fast shutdown; on return it has ended, and a temporary folder is gone."""
        if self._supervisor.stdin and not self._supervisor.stdin.closed:
            self._supervisor.communicate(b"stop")
        self._supervisor.wait()


def start_cluster(
    folder: Path | None = None,
    *,
    settings: Mapping[str, str] | None = None,
    binaries: Binaries | None = None,
    account: Account | None = None,
    timeout: float = 60.0,
) -> Cluster:
    """Start a server on ``folder`` and return it when it answers.

    The folder is made when it is missing and serves again later; without one there is a temporary folder that
    goes with the server. ``settings`` are the server's own, such as :data:`THROWAWAY`; ``timeout`` is in
    seconds; ``account`` is who runs it, when that is not to be found out.
    Raises ConfigurationError when there are no programs, when the folder is in use or of another version of
    Postgres, when root can't step down, and with the end of the log when the server does not answer in time.
    """
    if os.name != "posix":
        raise ConfigurationError("Our own Postgres needs Unix sockets: name another in PGPROCESS_DATABASE_URL.")
    binaries = binaries or find_binaries()
    with ExitStack() as undo:
        home = folder.absolute() if folder else _temporary_folder("pgprocess-", undo)
        home.mkdir(parents=True, exist_ok=True)
        account = account or choose_account(home / "data", binaries.program("postgres"))
        if not any(home.iterdir()):
            account.own(home)
        prepare_data(home / "data", binaries, account)
        socket_folder = _temporary_folder("pg-", undo)
        account.own(socket_folder)
        options = {"listen_addresses": "", "unix_socket_directories": str(socket_folder), "port": _PORT}
        command = [*account.prefix, binaries.program("postgres"), "-D", str(home / "data")]
        command += [f"--{name}={value}" for name, value in (options | dict(settings or {})).items()]
        temporary = [socket_folder] if folder else [socket_folder, home]
        with (home / "postgres.log").open("w+b") as log:
            cluster = Cluster(home, socket_folder, _supervise(command, temporary, log))
            undo.callback(cluster.stop)
            _wait_for_an_answer(cluster, log, timeout)
        undo.pop_all()
    return cluster


def _temporary_folder(prefix: str, undo: ExitStack) -> Path:
    usual = tempfile.gettempdir()
    place = usual if len(os.fsencode(usual)) < _LONGEST else "/tmp"
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=place))
    undo.callback(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _supervise(command: list[str], temporary: list[Path], log: IO[bytes]) -> subprocess.Popen[bytes]:
    orders = {"parent": os.getpid(), "command": command, "remove": [str(folder) for folder in temporary]}
    script = Path(__file__).with_name("supervisor.py")
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(script), json.dumps(orders)],
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=log,
        cwd="/",
        env=server_environment(),
        start_new_session=True,
    )


def _wait_for_an_answer(cluster: Cluster, log: IO[bytes], timeout: float) -> None:
    deadline = time.monotonic() + timeout
    while True:
        try:
            psycopg.connect(cluster.url(), connect_timeout=5).close()
            return
        except psycopg.OperationalError as error:
            if not cluster.is_running() or time.monotonic() > deadline:
                raise ConfigurationError(
                    f"The Postgres in {cluster.folder} did not start; its log ends:\n{_tail(log)}"
                ) from error
        time.sleep(_PAUSE)


def _tail(log: IO[bytes]) -> str:
    # pread: the server writes at the position that this file object shares with it
    size = os.fstat(log.fileno()).st_size
    return os.pread(log.fileno(), 2000, max(0, size - 2000)).decode(errors="replace").strip()
