"""Process families: what Linux offers so that no process is left behind. Other systems do with less."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


PROC = Path("/proc")


class Living(NamedTuple):
    """A process that lives, told by when it began from a later one with the same pid."""

    pid: int
    began: int


def living(pid: int) -> Living | None:
    """Return the process; None if it has ended, also if nobody has collected it yet, or if the system does not tell."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            state, *facts = file.read().rpartition(b")")[2].split()
    except (OSError, ValueError):
        return None
    return None if state in (b"Z", b"X") else Living(pid, int(facts[18]))


def still(processes: Iterable[Living]) -> set[Living]:
    """Return those that still live."""
    return {process for process in processes if living(process.pid) == process}


def descendants(processes: Iterable[Living]) -> set[Living]:
    """Return the children of the processes that live, and theirs; adopted ones included."""
    found: set[Living] = set()
    known = list(still(processes))
    while known:
        new = {child for pid in children_of(known.pop().pid) if (child := living(pid))} - found
        found |= new
        known += new
    return found


def send(process: Living, number: int) -> None:
    """Send a signal to the process if it still lives, and never to a later one with the same pid."""
    with suppress(OSError):
        if not hasattr(os, "pidfd_open"):
            if living(process.pid) == process:
                os.kill(process.pid, number)
            return
        descriptor = os.pidfd_open(process.pid)
        try:
            if living(process.pid) == process:
                signal.pidfd_send_signal(descriptor, number)
        finally:
            os.close(descriptor)


def marked(text: str) -> set[Living]:
    """Return the processes of this user that were started with ``text`` in their environment."""
    found = set()
    for folder in PROC.glob("[0-9]*"):
        with suppress(OSError):
            if folder.stat().st_uid == os.getuid() and os.fsencode(text) in (folder / "environ").read_bytes():
                found.add(living(int(folder.name)))
    return {process for process in found if process and process.pid != os.getpid()}


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
    return children_of(os.getpid())


def children_of(pid: int) -> list[int]:
    """Return the pids of the children of all threads of the process; none where the system does not tell."""
    pids: list[int] = []
    with suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children", "rb") as file:
                pids += map(int, file.read().split())
    return pids


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        LIBC.prctl(option, ctypes.c_ulong(value), 0, 0, 0)
