"""What tests of runners share: an executor, attempts to run on it, and a place for their output."""

from __future__ import annotations

import atexit
import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from pgprocess import task
from pgprocess.forkserver.client import Forge
from pgprocess.outcome import Outcome
from pgprocess.runners import process_group as group
from pgprocess.runners.base import Run, Stop
from pgprocess.runners.executor import Executor

DEADLINE = 30
GRACE = 0.2


class Recorder:
    """Output in memory; calls ``then`` once ``mark`` has been written."""

    def __init__(self, mark: bytes = b"", then: Callable[[], object] = lambda: None) -> None:
        self.written: list[tuple[str, bytes]] = []
        self.mark, self.then = mark, then

    def write(self, stream: str, data: bytes) -> None:
        self.written.append((stream, data))
        if self.mark and (self.mark in self.bytes("stdout") or self.mark in self.bytes("stderr")):
            self.mark = b""
            self.then()

    def bytes(self, stream: str) -> bytes:
        return b"".join(data for name, data in self.written if name == stream)

    def text(self, stream: str = "stdout") -> str:
        return self.bytes(stream).decode()

    @property
    def stderr(self) -> str:
        return self.text("stderr")


class Alive:
    """A pipe that a script and its children hold open for as long as they live."""

    def __init__(self, path: Path) -> None:
        self.path = path
        os.mkfifo(path)
        self.over = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        with self.path.open("rb") as pipe:
            pipe.read()
        self.over.set()


@cache
def forge() -> Forge:
    """One forge for all tests: it takes a moment to get ready."""
    forge = Forge()
    atexit.register(forge.close)
    return forge


# Fixtures, for test modules to take by name: ``executor = pytest.fixture(executing)``


def executing() -> Iterator[Executor]:
    """An executor with little patience."""
    executor = Executor(grace=GRACE, result_limit=1000, forge=forge())
    yield executor
    executor.close()


def keeping_alive(tmp_path: Path) -> Iterator[Alive]:
    """Everybody who opened ``alive.path`` is dead at the end of the test."""
    alive = Alive(tmp_path / "alive")
    yield alive
    assert alive.over.wait(DEADLINE), "something is left running"


def executing_scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Executor]:
    """The same; what scripts have of files is in ``tmp_path / "tmp"``, and gone at the end."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    monkeypatch.setattr(group, "LINGER", 0.1)
    yield from executing()
    assert list((tmp_path / "tmp").iterdir()) == []


def running_scripts(executor: Executor) -> Callable[..., tuple[Outcome, Recorder]]:
    """Run a script; how it ended and what it wrote."""

    def run(code: str, *, output: Any = None, stop: Any = None, **fields: Any) -> tuple[Outcome, Recorder]:
        output = output or Recorder()
        fields = {"jobtask_id": 1, "task": "load", "kind": "python", "max_attempts": 2} | fields
        return executor.run(Run(code=dedent(code), **fields), output, stop or Stop()), output

    return run


def running_callables(executor: Executor) -> Callable[..., Outcome]:
    """Run a function as a task; how it ended."""

    def run(function: Any, *, output: Any = None, stop: Any = None, **fields: Any) -> Outcome:
        return executor.run(a_call(function, **fields), output or Recorder(), stop or Stop())

    return run


def have_patience(executor: Executor, kind: str, grace: float = DEADLINE) -> None:
    """Give code of that kind ``grace`` seconds to end, where it is to end by itself however slow we are."""
    vars(executor._runners[kind])["_grace"] = grace


def a_call(function: Any, **fields: Any) -> Run:
    """A run of the function, which is a task from now on."""
    name = task(function).name
    return Run(**{"jobtask_id": 1, "task": "load", "kind": "callable", "target": name} | fields)
