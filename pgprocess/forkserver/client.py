"""A worker's side of the fork server: start a program, and have a line to whatever it becomes."""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from tempfile import TemporaryFile
from typing import Literal

from pgprocess.forkserver import environment as surroundings

logger = logging.getLogger("pgprocess")

How = Literal["program", "script", "command"]

RENEW_AFTER = 1000
"""Forks after which the process that forks is replaced by a fresh one, so that nothing grows in it for ever."""
PATIENCE = 60.0
"""Seconds for which a server may be too busy to be told anything."""


class ForkServerLost(OSError):
    """The process that starts programs has ended, and whatever it had started with it."""


class NotStarted(OSError):
    """There is no program of that name, or it may not be started."""


@dataclass(slots=True)
class ServerProcess:
    """One process that forks; ``forks`` counts how often it did."""

    process: subprocess.Popen[bytes]
    control: socket.socket
    forks: int = 0
    said: bytes = b""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def say(self, message: bytes, descriptors: Sequence[int] = ()) -> bool:
        """Whether it has been told: False if it is too busy. Never waits. Raises OSError if it is gone."""
        try:
            with self.lock:
                socket.send_fds(self.control, [message], descriptors, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        return True

    def listen(self) -> bytes:
        """What it said when it was ready, or could not be; empty until then."""
        if not self.said:
            with suppress(OSError), self.lock:
                self.said = self.control.recv(4096, socket.MSG_DONTWAIT)
        return self.said

    def lost(self) -> ForkServerLost:
        """Why it is of no use."""
        said = self.listen().decode("utf-8", "replace")
        return ForkServerLost(
            "the process that starts scripts has ended, and the script with it" if said in ("", ".") else said
        )

    def has_ended(self) -> bool:
        """Whether it has; if so, nothing of it is left but its last words."""
        if self.process.poll() is None:
            return False
        self.listen()
        self.control.close()
        return True


@dataclass(slots=True)
class Program:
    """A program that has begun, or soon will: on ``line`` its server says so. Descriptors for us to read and close."""

    server: ServerProcess
    line: socket.socket
    stdout: int
    stderr: int

    def close(self) -> None:
        """Its descriptors are closed, and it is ended if it runs."""
        self.line.close()
        os.close(self.stdout)
        os.close(self.stderr)


class ForkServer:
    """Starts programs for one worker. Thread-safe; begins when it is first needed, or when told to.

    ``lease``: seconds after the last :meth:`pulse` in which everything it started is ended; without any pulse
    it never is. ``generation``: how many processes that fork it has started so far.
    """

    def __init__(self, *, lease: float = 30.0, renew_after: int = RENEW_AFTER) -> None:
        self.lease = lease
        self.renew_after = renew_after
        self.generation = 0
        self._lock = threading.Lock()
        self._server: ServerProcess | None = None
        self._next: ServerProcess | None = None
        self._retired: list[ServerProcess] = []
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The process that forks at present; None until one was started."""
        server = self._server
        return server.process.pid if server else None

    def start(self) -> None:
        """It gets ready, in the background."""
        with self._lock:
            self._current()

    def spawn(self, how: How, command: Sequence[str], *, environment: Mapping[str, str], ending: str = "") -> Program:
        """A program begins, in a process group of its own; how that went is said on its line.

        Raises :class:`ForkServerLost`.
        """
        wanted = {"how": how, "command": list(command), "environment": dict(environment), "ending": ending}
        with ExitStack() as theirs, ExitStack() as ours:
            file = theirs.enter_context(TemporaryFile())
            file.write(json.dumps(wanted).encode())
            file.seek(0)
            line, their_line = socket.socketpair()
            theirs.callback(their_line.close)
            ours.callback(line.close)
            stdout, their_stdout = _pipe(ours, theirs)
            stderr, their_stderr = _pipe(ours, theirs)
            server = self._ask([their_line.fileno(), their_stdout, their_stderr, file.fileno()])
            ours.pop_all()
        return Program(server, line, stdout, stderr)

    def pulse(self) -> None:
        """The worker lives, as the database knows."""
        with self._lock:
            self._forget_ended()
            for server in self._servers():
                with suppress(OSError):
                    server.say(b"P")

    def close(self, timeout: float = 20.0) -> None:
        """Nothing that it started runs any more."""
        with self._lock:
            self._closed = True
            servers = self._servers()
        for server in servers:
            server.listen()
            server.control.close()
        for server in servers:
            try:
                server.process.wait(timeout)
            except subprocess.TimeoutExpired:
                logger.warning("The process that starts scripts does not end; it is killed.")
                server.process.kill()
                server.process.wait()

    def _ask(self, descriptors: Sequence[int]) -> ServerProcess:
        """The server that has been asked to run a program; another one, if the first has ended meanwhile."""
        deadline = time.monotonic() + PATIENCE
        while True:
            with self._lock:
                server = self._current()
            try:
                if server.say(b"R", descriptors):
                    server.forks += 1
                    return server
            except OSError:
                if self._closed:  # and this server is busy ending all
                    raise ForkServerLost("the worker stops") from None
                server.process.kill()  # it is about to end anyway
                server.process.wait()
                if server.listen() not in (b"", b"."):
                    raise server.lost() from None
            if time.monotonic() > deadline:
                raise ForkServerLost("the process that starts scripts does not answer")
            time.sleep(0.01)

    def _servers(self) -> list[ServerProcess]:
        return [server for server in (self._server, self._next, *self._retired) if server]

    def _forget_ended(self) -> None:
        self._retired = [server for server in self._retired if not server.has_ended()]
        if self._server and self._server.has_ended():
            self._server = None
        if self._next and self._next.has_ended():
            logger.warning("The process that starts scripts could not be renewed: %s", self._next.lost())
            self._next = None
            if self._server:
                self._server.forks = 0

    def _current(self) -> ServerProcess:
        """The server to use now: a new one if there is none, or if its successor is ready."""
        if self._closed:
            raise ForkServerLost("the worker stops")
        self._forget_ended()
        if self._next and (self._server is None or self._next.listen() == b"."):
            if self._server:
                with suppress(OSError):
                    self._server.say(b"E")
                self._retired.append(self._server)
            self._server, self._next = self._next, None
        if self._server is None:
            self._server = self._begin()
        elif self._server.forks >= self.renew_after and self._next is None:
            self._next = self._begin()
        return self._server

    def _begin(self) -> ServerProcess:
        control, theirs = socket.socketpair()
        command = [
            sys.executable,
            "-P",
            "-u",
            "-m",
            "pgprocess.forkserver.server",
            str(theirs.fileno()),
            str(self.lease),
        ]
        try:
            process = subprocess.Popen(
                command,
                env=surroundings.environment(),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                stdout=surroundings.stream(1),
                stderr=surroundings.stream(2),
            )
        except BaseException:
            control.close()
            raise
        finally:
            theirs.close()
        self.generation += 1
        return ServerProcess(process, control)


def _pipe(ours: ExitStack, theirs: ExitStack) -> tuple[int, int]:
    """Our end and theirs, each closed with its stack."""
    read, write = os.pipe()
    ours.callback(os.close, read)
    theirs.callback(os.close, write)
    return read, write
