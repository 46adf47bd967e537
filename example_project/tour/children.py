"""The demo's child processes: each in a process group of its own, none left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tour.failure import DemoError, tail

PROJECT = Path(__file__).resolve().parent.parent

PATIENCE = 15.0
"""Seconds that a child has to end by itself."""


class Child:
    """A ``manage.py`` command that runs, its output in a log file."""

    def __init__(self, name: str, log: Path, *arguments: str) -> None:
        self.name = name
        self.log = log
        self._gone = False
        with log.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, str(PROJECT / "manage.py"), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=0,  # the terminal's Ctrl-C is for the demo, which ends its children in order
            )

    def check(self) -> None:
        """Raises DemoError, with the end of its log, if it has ended."""
        code = self._process.poll()
        if code is not None:
            raise DemoError(f"The {self.name} ended with exit code {code}. {self.log} ends:\n{tail(self.log)}")

    def stop(self) -> None:
        """It was asked to end and had `PATIENCE` to do so; on return it has ended."""
        with suppress(subprocess.TimeoutExpired):
            self._process.terminate()
            self._process.wait(PATIENCE)
        self.kill()

    def kill(self) -> None:
        """On return nothing of its process group is left."""
        if not self._gone:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._gone = True


class Children:
    """The child processes of one demo, in the order in which they are started and stopped."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._children: list[Child] = []

    def start(self, name: str, *arguments: str) -> None:
        """A ``manage.py`` command runs, its output in ``NAME.log``."""
        self._children.append(Child(name, self._logs / f"{name}.log", *arguments))

    def check(self) -> None:
        """Raises DemoError for the first that has ended."""
        for child in self._children:
            child.check()

    def stop(self) -> None:
        """On return all have ended."""
        try:
            for child in self._children:
                child.stop()
        finally:  # a second Ctrl-C
            for child in self._children:
                child.kill()


@contextmanager
def children(logs: Path) -> Iterator[Children]:
    """Child processes that end with the block, however it ends."""
    family = Children(logs)
    try:
        yield family
    finally:
        family.stop()
