"""One of those compared: its adapter's verbs, and its workers as processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from tests.benchmarks.bench.environments import ROOT, python_of
from tests.benchmarks.bench.server import Server
from tests.benchmarks.peers.tally import counts

PATIENCE = 300.0
"""Seconds for one measurement."""


class Failed(Exception):
    """A peer's process ended, or took too long; the first line says which, the others are the end of its log."""


@dataclass(frozen=True)
class Peer:
    """``tune`` overrides settings of its adapter; ``redis`` is the path of a socket."""

    name: str
    redis: str = ""
    tune: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def about(self) -> dict[str, Any]:
        """Its title, its settings in words, its versions."""
        return dict(self.ask("about", "", Path()))

    def but(self, **tune: Any) -> Self:
        """The same with other settings."""
        return replace(self, tune=self.tune | tune)

    def command(self, verb: str, *arguments: Any) -> list[str]:
        """How its adapter is called."""
        module = ["-m", "tests.benchmarks.peers", self.name, verb]
        return [python_of(self.name), "-W", "ignore", *module, *(json.dumps(argument) for argument in arguments)]

    def environment(self, url: str, folder: Path) -> dict[str, str]:
        """What its adapter is told."""
        told = {"BENCH_URL": url, "BENCH_FOLDER": str(folder), "BENCH_REDIS": self.redis}
        return os.environ | told | {"BENCH_TUNE": json.dumps(self.tune), "PYTHONPATH": str(ROOT)}

    def ask(self, verb: str, url: str, folder: Path, *arguments: Any) -> Any:
        """What the adapter answers."""
        done = subprocess.run(
            self.command(verb, *arguments),
            env=self.environment(url, folder),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        if done.returncode:
            raise Failed(f"{verb} failed; it said last:\n{done.stderr.strip()[-2000:]}")
        return json.loads(done.stdout.splitlines()[-1])

    @contextmanager
    def place(self, server: Server) -> Iterator[Place]:
        """A fresh database with its tables, and a folder for its tallies."""
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
            url = stack.enter_context(server.copy(self.name, lambda url: self.ask("install", url, folder)))
            yield Place(self, server, url, folder)


@dataclass(frozen=True)
class Place:
    """Where one measurement is made."""

    peer: Peer
    server: Server
    url: str
    folder: Path

    def __post_init__(self) -> None:
        assert self.peer.about  # asked for now: it takes half a second, which must not fall into what is measured

    def ask(self, verb: str, *arguments: Any) -> Any:
        """What the adapter answers, here."""
        return self.peer.ask(verb, self.url, self.folder, *arguments)

    @contextmanager
    def workers(self, number: int = 1) -> Iterator[list[subprocess.Popen[bytes]]]:
        """So many have been started, and end with the block."""
        with (self.folder / "log").open("ab") as log:
            started = [
                subprocess.Popen(
                    self.peer.command("work"),
                    env=self.peer.environment(self.url, self.folder),
                    cwd=ROOT,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
                for _ in range(number)
            ]
            try:
                yield started
            finally:
                for worker in started:
                    stop(worker)

    def wait(self, until: Callable[[], bool], every: float, workers: list[subprocess.Popen[bytes]]) -> None:
        """Until it is so. Raises Failed if a worker ends before."""
        give_up = time.monotonic() + PATIENCE
        while not until():
            ended = [worker.returncode for worker in workers if worker.poll() is not None]
            if ended or time.monotonic() > give_up:
                why = f"a worker ended with {ended[0]}" if ended else f"nothing more within {PATIENCE:.0f} s"
                log = (self.folder / "log").read_text(errors="replace")
                raise Failed(f"{why}, after {counts(self.folder).calls:,} calls; its log ends:\n{log[-2000:]}")
            time.sleep(every)


def stop(worker: subprocess.Popen[bytes]) -> None:
    """It has ended, and what it started with it."""
    with suppress(ProcessLookupError):
        worker.terminate()
    with suppress(subprocess.TimeoutExpired):
        worker.wait(15)
    with suppress(ProcessLookupError):
        os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
