"""The worker's side of the fork server: start a program, and keep a line to whatever it becomes."""

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

from pgprocess.forkserver.environment import inherited_stream, own_environment

logger = logging.getLogger("pgprocess")

How = Literal["program", "script", "command"]

RENEW_AFTER = 1000
"""Forks after which a fresh process replaces the one that forks, so that nothing grows in it for ever."""
PATIENCE = 60.0
"""Seconds for which a server may be too busy to take a message."""


class ForkServerLost(OSError):
    """The process that starts programs has ended, and every program that it had started with it."""


class ForkServerBroken(ForkServerLost):
    """The process that starts programs could not get ready, and said why."""


class NotStarted(OSError):
    """No program has that name, or it may not be started."""


@dataclass(slots=True)
class ServerProcess:
    """One process that forks, as the worker sees it. Thread-safe.

    ``forks`` counts the programs that it was asked for; ``greeting`` is what it said when it was ready (``.``), or why
    it never will be.
    """

    process: subprocess.Popen[bytes]
    control: socket.socket
    forks: int = 0
    greeting: bytes = b""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, message: bytes, descriptors: Sequence[int] = ()) -> bool:
        """Send a message without waiting. Returns False if the server is too busy; raises OSError if it is gone."""
        try:
            with self.lock:
                socket.send_fds(self.control, [message], descriptors, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        return True

    def read_greeting(self) -> bytes:
        """Return the greeting; empty until the server has sent it. Never waits."""
        if not self.greeting:
            with suppress(OSError), self.lock:
                self.greeting = self.control.recv(4096, socket.MSG_DONTWAIT)
        return self.greeting

    def lost(self) -> ForkServerLost:
        """Return the error that says why this server is of no use."""
        greeting = self.read_greeting().decode("utf-8", "replace")
        if greeting in ("", "."):
            return ForkServerLost("the process that starts scripts has ended, and the script with it")
        return ForkServerBroken(greeting)

    def has_ended(self) -> bool:
        """Return whether the process has ended; if so, keep its greeting and close the socket to it."""
        if self.process.poll() is None:
            return False
        self.read_greeting()
        self.control.close()
        return True


@dataclass(slots=True)
class Program:
    """A program that has begun, or soon will: its server says on ``line`` what becomes of it.

    ``stdout`` and ``stderr`` are descriptors to read from; whoever has the program closes them.
    """

    server: ServerProcess
    line: socket.socket
    stdout: int
    stderr: int

    def close(self) -> None:
        """Close the line, which ends the program if it still runs, and the descriptors of its output."""
        self.line.close()
        os.close(self.stdout)
        os.close(self.stderr)


class ForkServer:
    """The starter of one worker's programs. Thread-safe. Its process begins with :meth:`start` or the first program.

    ``lease``: so many seconds after the last :meth:`pulse` all its programs are ended; never without a first pulse.
    ``generation``: how many server processes were started so far.
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
        """The pid of the server process that forks at present; None before the first one."""
        server = self._server
        return server.process.pid if server else None

    def start(self) -> None:
        """Start the server process, which gets ready in the background."""
        with self._lock:
            self._current()

    def spawn(self, how: How, command: Sequence[str], *, environment: Mapping[str, str], ending: str = "") -> Program:
        """Ask for a program, which begins in a session of its own; the server says on its line how that went.

        Raises :class:`ForkServerLost` where no server process can be asked.
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
            server = self._request([their_line.fileno(), their_stdout, their_stderr, file.fileno()])
            ours.pop_all()
        return Program(server, line, stdout, stderr)

    def pulse(self) -> None:
        """Tell the servers that the worker has just shown the database that it lives."""
        with self._lock:
            self._drop_ended()
            for server in self._servers():
                with suppress(OSError):
                    server.send(b"P")

    def close(self, timeout: float = 20.0) -> None:
        """End every program, and the server processes; kill a server that takes longer than ``timeout`` seconds."""
        with self._lock:
            self._closed = True
            servers = self._servers()
        for server in servers:
            server.read_greeting()
            server.control.close()
        for server in servers:
            try:
                server.process.wait(timeout)
            except subprocess.TimeoutExpired:
                logger.warning("The process that starts scripts does not end; it is killed.")
                server.process.kill()
                server.process.wait()

    def _request(self, descriptors: Sequence[int]) -> ServerProcess:
        """Ask a server to run a program, another one if the first has ended meanwhile; return the one that took it."""
        deadline = time.monotonic() + PATIENCE
        while True:
            with self._lock:
                server = self._current()
            try:
                if server.send(b"R", descriptors):
                    server.forks += 1
                    return server
            except OSError:
                if self._closed:  # and this server is ending all programs
                    raise ForkServerLost("the worker stops") from None
                server.process.kill()  # it is about to end anyway
                server.process.wait()
                if server.read_greeting() not in (b"", b"."):
                    raise server.lost() from None
            if time.monotonic() > deadline:
                raise ForkServerLost("the process that starts scripts does not answer")
            time.sleep(0.01)

    def _servers(self) -> list[ServerProcess]:
        return [server for server in (self._server, self._next, *self._retired) if server]

    def _drop_ended(self) -> None:
        self._retired = [server for server in self._retired if not server.has_ended()]
        if self._server and self._server.has_ended():
            self._server = None
        if self._next and self._next.has_ended():
            logger.warning("The process that starts scripts could not be renewed: %s", self._next.lost())
            self._next = None
            if self._server:
                self._server.forks = 0

    def _current(self) -> ServerProcess:
        """Return the server to use now: the successor once that is ready, a new one if there is none."""
        if self._closed:
            raise ForkServerLost("the worker stops")
        self._drop_ended()
        if self._next and (self._server is None or self._next.read_greeting() == b"."):
            if self._server:
                with suppress(OSError):
                    self._server.send(b"E")
                self._retired.append(self._server)
            self._server, self._next = self._next, None
        if self._server is None:
            self._server = self._start()
        elif self._server.forks >= self.renew_after and self._next is None:
            self._next = self._start()
        return self._server

    def _start(self) -> ServerProcess:
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
                env=own_environment(),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                stdout=inherited_stream(1),
                stderr=inherited_stream(2),
            )
        except BaseException:
            control.close()
            raise
        finally:
            theirs.close()
        self.generation += 1
        return ServerProcess(process, control)


def _pipe(ours: ExitStack, theirs: ExitStack) -> tuple[int, int]:
    """Open a pipe; return our end, to read from, and theirs. Each is closed with its stack."""
    read, write = os.pipe()
    ours.callback(os.close, read)
    theirs.callback(os.close, write)
    return read, write
