"""Four workers and two crons, each a process of its own; what was harmed is started anew."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


class Member:
    """One process of the fleet, by its name; ``arguments`` are those of ``manage.py``."""

    def __init__(self, name: str, arguments: list[str], environment: Mapping[str, str], logs: Path) -> None:
        self.name = name
        self.arguments = arguments
        self.environment = environment
        self.log = logs / f"{name}.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.begins_at = 0

    @property
    def pid(self) -> int:
        """Of the process that it is now, or was last."""
        assert self.process
        return self.process.pid

    @property
    def is_running(self) -> bool:
        """Whether it has begun and not ended."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """It runs."""
        with self.log.open("ab") as log:
            self.begins_at = log.tell()
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.chaos.command", *self.arguments],
                cwd=REPOSITORY,
                env=os.environ | self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def until_ready(self, seconds: float) -> None:
        """It has said that it started: from now on it follows signals. Raises when it has not within that time."""
        deadline = time.monotonic() + seconds
        while b" started" not in self.log.read_bytes()[self.begins_at :]:
            assert self.is_running, f"{self.name} ended at its start, see {self.log}"
            assert time.monotonic() < deadline, f"{self.name} does not start, see {self.log}"
            time.sleep(0.02)

    def send(self, number: signal.Signals) -> None:
        """It was sent a signal."""
        assert self.process
        self.process.send_signal(number)

    def kill(self) -> None:
        """It is gone, and could do nothing about it."""
        self.send(signal.SIGKILL)
        self.ended(30)

    def ended(self, seconds: float) -> int:
        """It has ended by now; its exit code. Raises when it has not within so many seconds."""
        assert self.process
        return self.process.wait(seconds)


class Fleet:
    """The members; ``workers`` and ``crons`` are among them."""

    def __init__(self, workers: list[Member], crons: list[Member]) -> None:
        self.workers = workers
        self.crons = crons

    @property
    def members(self) -> list[Member]:
        """All of them."""
        return [*self.workers, *self.crons]

    def repair(self, seconds: float) -> None:
        """All of them run. Raises when one of them does not within so many seconds."""
        for member in self.members:
            if not member.is_running:
                member.start()
        for member in self.members:
            member.until_ready(seconds)

    def stop(self, seconds: float) -> list[int]:
        """All of them were told to end, and have; how. Whoever has not within so many seconds was killed."""
        self.repair(seconds)
        for member in self.members:
            member.send(signal.SIGCONT)
            member.send(signal.SIGTERM)
        codes = []
        deadline = time.monotonic() + seconds
        for member in self.members:
            with suppress(subprocess.TimeoutExpired):
                member.ended(max(0.1, deadline - time.monotonic()))
            if member.is_running:
                member.kill()
            codes.append(member.ended(0))
        return codes

    def strays(self, marker: str) -> list[str]:
        """Every process that inherited ``marker`` and is neither a member nor what starts a member's scripts."""
        own = {member.pid for member in self.members if member.is_running}
        return [
            f"{pid}: {command}"
            for pid, parent, command in _marked(marker)
            if pid not in own and not (parent in own and "pgprocess.forkserver.server" in command)
        ]


def _marked(marker: str) -> Iterator[tuple[int, int, str]]:
    """The pid, the parent's pid and the command of every process in whose environment ``marker`` stands."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if marker.encode() in (folder / "environ").read_bytes():
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
                if state != "Z":
                    yield int(folder.name), int(parent), command
