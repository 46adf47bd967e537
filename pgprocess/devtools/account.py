"""As whom the server runs: Postgres refuses to be root, so root steps down first.

A user namespace is the kindest way: files stay root's, no user is needed, no folder is opened to others.
Where namespaces are forbidden (many containers) the server runs as ``postgres`` or ``nobody``.
"""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pgprocess.exceptions import ConfigurationError

_NAMESPACE = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
_STEP_DOWN = """
import os, sys
uid, gid = int(sys.argv[1]), int(sys.argv[2])
os.setgroups([])
os.setgid(gid)
os.setuid(uid)
os.execv(sys.argv[3], sys.argv[3:])
"""


@dataclass(frozen=True, slots=True)
class Account:
    """Who runs the server: ``prefix`` stands before its commands, ``owner`` (uid, gid) has its files."""

    prefix: tuple[str, ...] = ()
    owner: tuple[int, int] | None = None

    def own(self, folder: Path) -> None:
        """Give ``folder`` to this account."""
        if self.owner:
            os.chown(folder, *self.owner)

    def can_run(self, program: str) -> bool:
        """Tell whether this way of stepping down works here, and reaches ``program``."""
        try:
            trial = subprocess.run([*self.prefix, program, "--version"], capture_output=True, cwd="/")
        except OSError:
            return False
        return trial.returncode == 0

    def closed_folder(self, path: Path) -> Path | None:
        """Return the outermost folder on the way to ``path`` that this account can't enter, or None."""
        uid, gid = self.owner or (os.geteuid(), os.getegid())
        for folder in [*reversed(path.absolute().parents), *reversed(path.resolve().parents)]:
            try:
                status = folder.stat()
            except OSError:
                continue
            bit = stat.S_IXUSR if status.st_uid == uid else stat.S_IXGRP if status.st_gid == gid else stat.S_IXOTH
            if not status.st_mode & bit:
                return folder
        return None

    def refusal(self, path: Path) -> str:
        """Return the half sentence that names the folder which keeps this account from ``path``, or an empty text."""
        closed = self.owner and self.closed_folder(path)
        return f", since other accounts can't enter the folder {closed} (chmod o+x opens it)" if closed else ""


def choose_account(data: Path, program: str) -> Account:
    """Return the account that can run ``program`` on the data folder ``data``, which need not exist yet.

    Existing data is run by its owner. Raises ConfigurationError where root can't step down to that.
    """
    if os.geteuid() != 0:
        return Account()
    refusal = ""
    for account in accounts(_owner(data)):
        if account.can_run(program):
            return account
        refusal = account.refusal(Path(program))
    raise ConfigurationError(
        f"Postgres refuses to run as root, and no other account could run {program} on {data} here{refusal}:"
        " start this as another user, or name a running server in PGPROCESS_DATABASE_URL."
    )


def accounts(owner: tuple[int, int] | None = None) -> Iterator[Account]:
    """Yield the ways in which root can step down, best first; for data of ``owner`` (uid, gid) if given."""
    if owner is None or owner[0] == 0:
        yield Account(_NAMESPACE, (0, 0))
    if owner is None or owner[0] != 0:
        uid, gid = owner or _unprivileged()
        yield Account((sys.executable, "-I", "-S", "-c", _STEP_DOWN, str(uid), str(gid)), (uid, gid))


def _owner(data: Path) -> tuple[int, int] | None:
    if not data.exists():
        return None
    status = data.stat()
    return status.st_uid, status.st_gid


def _unprivileged() -> tuple[int, int]:
    import pwd  # only here, so that the module can be imported on Windows

    users = {user.pw_name: (user.pw_uid, user.pw_gid) for user in pwd.getpwall()}
    return users.get("postgres") or users.get("nobody") or (65534, 65534)
