"""A Postgres of the room's own, that can be stopped in the middle of everything and is back at the same address."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from pgprocess.devtools.cluster import Cluster, start_cluster
from pgprocess.devtools.url import socket_url

SETTINGS = {"fsync": "off", "full_page_writes": "off", "max_connections": "200"}
"""What is committed is written, though not to the disk: it outlives the server, if not the machine."""


class Server:
    """``door`` is a folder with the server's socket, whichever server it is by now."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.door = folder / "door"
        self.cluster: Cluster | None = None

    def start(self) -> None:
        """It answers."""
        self.cluster = start_cluster(self.folder / "cluster", settings=SETTINGS)
        fresh = self.folder / "fresh"
        fresh.symlink_to(self.cluster.socket_folder)
        fresh.rename(self.door)

    def restart_immediately(self) -> None:
        """What ``pg_ctl restart -m immediate`` does: nobody was told, nothing was put in order, and it is back."""
        assert self.cluster
        pid = self.cluster.pid
        assert pid
        os.kill(pid, signal.SIGQUIT)
        self.cluster.wait()
        self.cluster.stop()
        self.start()

    def stop(self) -> None:
        """It has ended."""
        if self.cluster:
            self.cluster.stop()

    def url(self, database: str) -> str:
        """By its socket."""
        return socket_url(str(self.door), "5432", database)

    def socket(self) -> Path:
        """The socket itself."""
        return self.door / ".s.PGSQL.5432"
