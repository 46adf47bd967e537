"""Process families: what Linux offers so that no process is left behind. Other systems do with less."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from contextlib import suppress

LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


def adopt_orphans() -> None:
    """Make this process the new parent of every descendant that loses its own (a subreaper, for Linux)."""
    _prctl(PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent(parent: int) -> bool:
    """Let this process be killed when its parent ends. Returns False if ``parent`` has ended already."""
    _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    return os.getppid() == parent


def signal_group(pid: int, number: int) -> None:
    """Send a signal to the group that the process leads, or to the process alone if it leads none."""
    for kill in (os.killpg, os.kill):
        with suppress(ProcessLookupError, PermissionError):
            kill(pid, number)
            return


def children() -> list[int]:
    """Return the pids of this process's children, adopted ones included; none where the system does not tell."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            return [int(pid) for pid in file.read().split()]
    except OSError:
        return []


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        LIBC.prctl(option, ctypes.c_ulong(value), 0, 0, 0)
