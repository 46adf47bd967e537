"""How often tasks were called, and when: told by the tasks themselves, to whoever looks into BENCH_FOLDER.

Needs nothing but Python, for it runs in every peer's environment; it costs a task less than a microsecond.
"""

from __future__ import annotations

import mmap
import os
import struct
import threading
import time
from pathlib import Path
from typing import NamedTuple

RECORD = struct.Struct("=Qdd")  # calls; the times of the first and the last
STAMP = struct.Struct("=d")


class Counts(NamedTuple):
    """Of all processes together."""

    calls: int
    first: float
    last: float
    """Seconds since the epoch."""


class Tally:
    """Of one process, and of each that it becomes by a fork."""

    def __init__(self) -> None:
        self.pid = 0
        self.lock = threading.Lock()

    def count(self) -> None:
        """A task was called."""
        now = time.time()
        with self.lock:
            if self.pid != os.getpid():
                self._open()
                self.calls, self.first = 0, now
            self.calls += 1
            RECORD.pack_into(self.memory, 0, self.calls, self.first, now)

    def stamp(self) -> None:
        """A task was called, and the moment matters."""
        now = time.time()
        with self.lock:
            if self.pid != os.getpid():
                self._open()
            os.write(self.stamps, STAMP.pack(now))

    def _open(self) -> None:
        folder, self.pid = Path(os.environ["BENCH_FOLDER"]), os.getpid()
        with (folder / f"count-{self.pid}").open("w+b") as file:
            file.write(bytes(RECORD.size))
            file.flush()
            self.memory = mmap.mmap(file.fileno(), RECORD.size)
        self.stamps = os.open(folder / "stamps", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def counts(folder: Path) -> Counts:
    """What all processes have counted so far."""
    records = [RECORD.unpack(file.read_bytes()) for file in folder.glob("count-*") if file.stat().st_size]
    called = [record for record in records if record[0]]
    if not called:
        return Counts(0, 0.0, 0.0)
    calls, firsts, lasts = zip(*called, strict=True)
    return Counts(sum(calls), min(firsts), max(lasts))


def stamps(folder: Path) -> list[float]:
    """All moments so far, in order; seconds since the epoch."""
    file = folder / "stamps"
    return sorted(moment for (moment,) in STAMP.iter_unpack(file.read_bytes())) if file.exists() else []


tally = Tally()
