"""A worker's side of the forge: start a program, and have a line to whatever it becomes."""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

logger = logging.getLogger("pgprocess")

How = Literal["program", "script", "command"]

RENEW_AFTER = 1000
"""Forks after which the process that forks is replaced by a fresh one, so that nothing grows in it for ever."""


class ForgeLost(OSError):
    """The process that starts programs has ended, and whatever it had started with it."""


class NotStarted(OSError):
    """There is no program of that name, or it may not be started."""


@dataclass(slots=True)
class Program:
    """A program that runs: its pid, which is its process group's too, and descriptors for us to read and close."""

    pid: int
    line: socket.socket
    stdout: int
    stderr: int

    def close(self) -> None:
        """Its descriptors are closed."""
        self.line.close()
        os.close(self.stdout)
        os.close(self.stderr)


@dataclass(slots=True)
class Server:
    """One process that forks; ``forks`` counts how often it did."""

    process: subprocess.Popen[bytes]
    control: socket.socket
    forks: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def say(self, message: bytes, descriptors: Sequence[int] = ()) -> None:
        """It has been told, or is not there any more. Never waits."""
        with suppress(OSError), self.lock:
            socket.send_fds(self.control, [message], descriptors, socket.MSG_DONTWAIT)


class Forge:
    """Starts programs for one worker. Thread-safe; begins when it is first needed, or when told to.

    ``lease``: seconds after the last :meth:`pulse` in which everything it started is ended; without any pulse
    it never is.
    """

    def __init__(self, *, lease: float = 30.0, renew_after: int = RENEW_AFTER) -> None:
        self.lease = lease
        self.renew_after = renew_after
        self._lock = threading.Lock()
        self._server: Server | None = None
        self._next: Server | None = None
        self._retired: list[Server] = []
        self._closed = False

    def start(self) -> None:
        """It gets ready, in the background."""
        with self._lock:
            self._current()

    def spawn(self, how: How, command: Sequence[str], *, environment: Mapping[str, str], ending: str = "") -> Program:
        """A program has begun, in a process group of its own.

        Raises :class:`ForgeLost`; whether there was such a program is said on its line.
        """
        line, theirs = socket.socketpair()
        stdout, stdout_end = os.pipe()
        stderr, stderr_end = os.pipe()
        program = Program(0, line, stdout, stderr)
        try:
            with self._lock:
                server = self._current()
                server.forks += 1
            with server.lock:
                socket.send_fds(server.control, [b"R"], [theirs.fileno(), stdout_end, stderr_end])
        except BaseException:
            program.close()
            raise
        finally:
            theirs.close()
            os.close(stdout_end)
            os.close(stderr_end)
        try:
            wanted = {"how": how, "command": list(command), "environment": dict(environment), "ending": ending}
            line.sendall(json.dumps(wanted).encode() + b"\n")
            program.pid = int(self._answer(line).removeprefix("pid "))
        except BaseException as error:
            program.close()
            if isinstance(error, OSError | ValueError):
                raise ForgeLost("the process that starts scripts has ended; the worker's log says why") from error
            raise
        return program

    @staticmethod
    def _answer(line: socket.socket) -> str:
        """The first thing that the server says; byte by byte, so that nothing behind it is lost."""
        said = b""
        while not said.endswith(b"\n"):
            if not (byte := line.recv(1)):
                raise ForgeLost
            said += byte
        return said.decode().strip()

    def pulse(self) -> None:
        """The worker lives, as the database knows."""
        with self._lock:
            for server in self._servers():
                server.say(b"P")

    def close(self, timeout: float = 10.0) -> None:
        """Nothing that it started runs any more."""
        with self._lock:
            self._closed = True
            servers = self._servers()
        for server in servers:
            server.control.close()
        for server in servers:
            try:
                server.process.wait(timeout)
            except subprocess.TimeoutExpired:
                logger.warning("The process that starts scripts does not end; it is killed.")
                server.process.kill()
                server.process.wait()

    def _servers(self) -> list[Server]:
        return [server for server in (self._server, self._next, *self._retired) if server]

    def _current(self) -> Server:
        """The server to use now: a new one if there is none, or if its successor is ready."""
        if self._closed:
            raise ForgeLost("the worker stops")
        self._retired = [server for server in self._retired if server.process.poll() is None]
        if self._server and self._server.process.poll() is not None:
            self._server = None
        if self._next and (self._server is None or _is_ready(self._next)):
            if self._server:
                self._server.say(b"E")
                self._retired.append(self._server)
            self._server, self._next = self._next, None
        if self._server is None:
            self._server = self._begin()
        elif self._server.forks >= self.renew_after and self._next is None:
            self._next = self._begin()
        return self._server

    def _begin(self) -> Server:
        control, theirs = socket.socketpair()
        command = [sys.executable, "-P", "-u", "-m", "pgprocess.forge.server", str(theirs.fileno()), str(self.lease)]
        process = subprocess.Popen(
            command,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(_import_path())} | _settings_module(),
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        return Server(process, control)


def _is_ready(server: Server) -> bool:
    """Whether it has said so, or can't any more."""
    with suppress(BlockingIOError):
        server.control.recv(1, socket.MSG_DONTWAIT | socket.MSG_PEEK)
        return True
    return False


def _import_path() -> list[str]:
    """Where this process imports from, but for what its Python knows by itself."""
    own = (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"))
    folders = (os.path.abspath(entry) for entry in sys.path)
    return [folder for folder in folders if os.path.isdir(folder) and not folder.startswith(own)]


def _settings_module() -> dict[str, str]:
    from django.conf import settings

    module = getattr(settings, "SETTINGS_MODULE", "") if settings.configured else ""
    return {"DJANGO_SETTINGS_MODULE": module} if module else {}


def project_path() -> list[str]:
    """Where this process imports the project from, without Python's own folders: a script may have others."""
    return [folder for folder in _import_path() if not {"site-packages", "dist-packages"} & set(Path(folder).parts)]
