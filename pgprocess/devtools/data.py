"""The data folder of a server: made once, then checked each time before a server is let near it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from pgprocess.devtools.account import Account
from pgprocess.devtools.binaries import Binaries
from pgprocess.devtools.postmaster import read_postmaster
from pgprocess.devtools.url import socket_url
from pgprocess.exceptions import ConfigurationError


def prepare_data(data: Path, binaries: Binaries, account: Account) -> None:
    """Leave ``data`` ready for a server: made if it was missing or empty, else found free and fit.

    Raises ConfigurationError when it can't be made, belongs to another version of Postgres, or is in use.
    """
    if not data.exists() or not any(data.iterdir()):
        _make(data, binaries, account)
    _refuse_another_version(data, binaries)
    _refuse_a_folder_in_use(data)


def server_environment() -> dict[str, str]:
    """Return our environment without what would change the server: it speaks English and lives in UTC."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return ours | {"LC_ALL": "C", "TZ": "UTC"}


def _make(data: Path, binaries: Binaries, account: Account) -> None:
    # Made aside and renamed, so that a folder half made by a killed initdb is never taken for data.
    new = Path(tempfile.mkdtemp(prefix="new-", dir=data.parent))
    try:
        account.own(new)
        options = [f"--pgdata={new}", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"]
        if int(binaries.major()) >= 17:  # the first that has a C.UTF-8 of its own on every platform
            options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        initdb = subprocess.run(
            [*account.prefix, binaries.program("initdb"), *options],
            capture_output=True,
            text=True,
            cwd="/",
            env=server_environment(),
        )
        if initdb.returncode:
            said = initdb.stderr.strip()[-2000:]
            raise ConfigurationError(f"initdb could not make {data}{account.refusal(new)}: {said}")
        new.rename(data)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _refuse_another_version(data: Path, binaries: Binaries) -> None:
    file = data / "PG_VERSION"
    found, ours = file.read_text().strip() if file.exists() else "", binaries.major()
    if not found:
        raise ConfigurationError(f"{data} is neither empty nor the data of a Postgres: name another folder.")
    if found != ours:
        raise ConfigurationError(
            f"{data} holds the data of a Postgres {found}, but the programs in {binaries.folder} are of"
            f" version {ours}: name those of a {found} in PGPROCESS_POSTGRES_BIN, or name another folder."
        )


def _refuse_a_folder_in_use(data: Path) -> None:
    postmaster = read_postmaster(data)
    if postmaster is None:
        return
    if postmaster.lives():
        url = socket_url(postmaster.socket_folder, postmaster.port, "postgres")
        raise ConfigurationError(
            f"{data} is in use by the Postgres server with pid {postmaster.pid}: use that one with"
            f" PGPROCESS_DATABASE_URL='{url}', or stop it with: kill -INT {postmaster.pid}"
        )
    # Postgres itself would refuse when its old pid now is any other process's, as in restarted containers.
    (data / "postmaster.pid").unlink(missing_ok=True)
