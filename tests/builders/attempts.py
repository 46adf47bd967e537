"""What tests of runners share: an executor, attempts to run on it, and a place for their output."""

from __future__ import annotations

import atexit
import json
import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import Any
from uuid import uuid4

import pytest

from pgprocess import registry, task
from pgprocess.attempt import Claim, Outcome, Version
from pgprocess.forkserver.client import ForkServer
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
def forkserver() -> ForkServer:
    """One fork server for all tests: it takes a moment to get ready."""
    forkserver = ForkServer()
    atexit.register(forkserver.close)
    return forkserver


# Fixtures, for test modules to take by name: ``executor = pytest.fixture(executing)``


def executing() -> Iterator[Executor]:
    """An executor with little patience."""
    executor = Executor(grace=GRACE, result_limit=1000, forkserver=forkserver())
    yield executor
    executor.close()


def registering() -> Iterator[None]:
    """Let only tasks that the test registers exist."""
    with registry.isolated():
        yield


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
        run = a_run(**{"code": dedent(code), "max_attempts": 2} | fields)
        return outcome_of(executor, run, output, stop), output

    return run


def running_callables(executor: Executor) -> Callable[..., Outcome]:
    """Run a function as a task; how it ended."""

    def run(function: Any, *, output: Any = None, stop: Any = None, **fields: Any) -> Outcome:
        return outcome_of(executor, a_call(function, **fields), output, stop)

    return run


def have_patience(executor: Executor, kind: str, grace: float = DEADLINE) -> None:
    """Give code of that kind ``grace`` seconds to end, where it is to end by itself however slow we are."""
    runner: Any = executor.runners[kind]
    runner.grace = grace


def here(call: Callable[[], None]) -> None:
    """Call it in the present thread: what tests give to ``begin`` as ``in_thread``."""
    call()


def nowhere(call: Callable[[], None]) -> None:
    """Refuse: the run is to begin without a thread of its own."""
    raise AssertionError("this run needs no thread")


def outcome_of(executor: Executor, run: Run, output: Any = None, stop: Stop | None = None) -> Outcome:
    """Execute the run and wait for its outcome; a run that blocks runs in the calling thread."""
    ended: Future[Outcome] = Future()
    executor.begin(run, output or Recorder(), stop or Stop(), ended.set_result, here)
    return ended.result()


CLAIM = Claim(1, None, 1, 1, None, "default", 0, 1, 1, 0, uuid4(), "", "load", "{}", None, None, None)
VERSION = Version(1, "python", "", "", "", "", None, 1, 0.0, "none", 0.0, None)


def a_run(*, commit: Any = None, **fields: Any) -> Run:
    """Return a run whose claim and version have these fields; params, parents and item are given as values."""
    fields |= {name: json.dumps(fields[name]) for name in ("params", "parents", "item") if name in fields}
    if date := fields.get("logical_date"):
        fields["logical_date"] = date.isoformat()
    claim = {name: value for name, value in fields.items() if name in Claim._fields}
    version = {name: value for name, value in fields.items() if name not in Claim._fields}
    return Run(CLAIM._replace(**claim), replace(VERSION, **version), commit)


def a_call(function: Any, **fields: Any) -> Run:
    """Return a run of the function, which is a task from now on."""
    return a_run(**{"kind": "callable", "target": task(function).name} | fields)
