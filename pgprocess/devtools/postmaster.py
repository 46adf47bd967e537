"""What ``postmaster.pid`` says: which server holds a data folder, and whether it still lives."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Postmaster:
    """The server that wrote the file: its process id, and where it listens (empty while it starts)."""

    pid: int
    port: str = ""
    socket_folder: str = ""

    def lives(self) -> bool:
        """Tell whether the server lives; a process that was given its old pid is not taken for it."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass
        if not self.socket_folder:
            return True
        with socket.socket(socket.AF_UNIX) as client:
            try:
                client.connect(f"{self.socket_folder}/.s.PGSQL.{self.port}")
            except (FileNotFoundError, ConnectionRefusedError):
                return False
        return True


def read_postmaster(data: Path) -> Postmaster | None:
    """Return the server that holds or held the folder ``data``, or None where none says so."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines() + [""] * 5
    except FileNotFoundError:
        return None
    # https://www.postgresql.org/docs/current/storage-file-layout.html; a lone backend's pid is negative
    return Postmaster(abs(int(lines[0])), lines[3].strip(), lines[4].strip()) if lines[0].strip() else None
