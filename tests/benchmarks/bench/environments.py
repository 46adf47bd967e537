"""A virtual environment for each peer, under .venv/peers, of the same Python as ours."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / ".venv" / "peers" / "{}.{}".format(*sys.version_info)

REQUIREMENTS = {
    "pgqueuer": ["pgqueuer[asyncpg]"],
    "procrastinate": ["procrastinate", "psycopg[binary,pool]"],
    "chancy": ["chancy", "psycopg[binary]"],
    "django_ox": ["django-ox", "psycopg[binary]"],
    "django_tasks_db": ["django-tasks-db", "django>=6.0", "psycopg[binary]"],
    "celery": ["celery[redis]", "hiredis"],
}


class NotInstalled(Exception):
    """This peer can't be had here; the message says why."""


def python_of(peer: str) -> str:
    """The Python that has the peer, installed if need be. What was installed once stays: delete the folder to renew."""
    if peer == "pgprocess":
        return sys.executable
    folder, wanted = FOLDER / peer, "\n".join(REQUIREMENTS[peer])
    stamp, python = folder / ".installed", folder / "bin" / "python"
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"Installing {peer} into {folder.relative_to(ROOT)} …", flush=True)
        venv.create(folder, with_pip=True, clear=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *REQUIREMENTS[peer]]
        done = subprocess.run(pip, capture_output=True, text=True)
        if done.returncode:
            raise NotInstalled(f"pip could not install it: {done.stderr.strip().splitlines()[-1]}")
        stamp.write_text(wanted)
    return str(python)
