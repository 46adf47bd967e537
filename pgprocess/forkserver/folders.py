"""The private folder of each script, and those that killed workers left behind.

A worker holds a lock on each folder that it uses. The system lets go of it when the worker ends, however it ends: so a
folder that anybody can lock is a leftover, whichever process, container or boot it comes from.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import gettempdir, mkdtemp

from pgprocess.forkserver import reaper

PREFIX = "pgprocess-script-"
UNLOCKED = ".pgprocess-script-"
"""How a folder is called until it is locked."""
UNLOCKED_FOR = 3600.0
"""Seconds after which a folder with that name is a leftover, too."""


@contextmanager
def private_folder() -> Iterator[Path]:
    """Make a folder for one attempt that only this user can enter, and delete it afterwards."""
    made = Path(mkdtemp(prefix=UNLOCKED))
    folder = made.with_name(PREFIX + made.name.removeprefix(UNLOCKED))
    descriptor = os.open(made, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):  # a file system without locks: nobody else can lock there either
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        made.rename(folder)
        yield folder
    finally:
        for path in (made, folder):
            shutil.rmtree(path, ignore_errors=True)
        os.close(descriptor)


def sweep() -> None:
    """Delete what killed workers of this user left behind, and end what their scripts had started. Thread: any."""
    root = Path(gettempdir())
    for folder in root.glob(f"{PREFIX}*"):
        with suppress(OSError):
            _sweep(folder)
    for folder in root.glob(f"{UNLOCKED}*"):
        with suppress(OSError):
            if _is_ours(folder) and folder.stat().st_mtime < time.time() - UNLOCKED_FOR:
                shutil.rmtree(folder, ignore_errors=True)


def end_marked(folder: Path) -> None:
    """Kill every process that was started for the script of that folder, where the system tells of them."""
    for process in reaper.marked(f"PGPROCESS_RESULT={folder}{os.sep}"):
        reaper.send(process, signal.SIGKILL)


def _sweep(folder: Path) -> None:
    """Delete the folder if nobody holds it. Raises OSError if somebody does, or if it is not a folder of ours."""
    if not _is_ours(folder):
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        end_marked(folder)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(descriptor)


def _is_ours(folder: Path) -> bool:
    return folder.lstat().st_uid == os.getuid()
