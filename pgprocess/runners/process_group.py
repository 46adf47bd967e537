"""A process group: a program and everything that it starts, followed while the program runs and ended together.

The fork server gives the program a session, and so a process group, of its own. On Linux whatever leaves the group
(``setsid``, ``set -m``, a daemon) is found by its parents, for a program adopts its own orphans; what a program leaves
behind when it ends the fork server tells. On other systems it is out of reach. The runners of scripts follow one group
for each attempt.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import cast

from pgprocess.forkserver import reaper
from pgprocess.forkserver.client import ForkServerLost, NotStarted, Program
from pgprocess.forkserver.reaper import Living
from pgprocess.logs.capture import Output, Stream
from pgprocess.runners.base import Stop

POLL = 0.05
"""Seconds between two checks of a group whose leader is gone, or that was told to end."""
LINGER = 1.0
"""Seconds that children have to end by themselves after the program has ended: ``script | tee log``."""
READ = 65_536
PIPEFULS = 32
PATIENCE = 10.0
"""Seconds that the fork server has to report the end of a program."""


class ProcessGroup:
    """A program that the fork server has begun, with its children. Thread: one thread follows it."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._pid: int | None = None
        self._group_is_gone = False
        self._family: set[Living] = set()
        self._partial_line = b""
        self._status: int | None = None
        self._woken, self._waker = socket.socketpair()
        self._sources = selectors.DefaultSelector()
        self._pipes: dict[int, Stream] = {program.stdout: "stdout", program.stderr: "stderr"}
        for source in (program.stdout, program.stderr, program.line.fileno(), self._woken.fileno()):
            self._sources.register(source, selectors.EVENT_READ)

    def follow(self, output: Output, stop: Stop, *, grace: float) -> int:
        """Copy what the program writes to ``output``, until it and everything that it started have ended.

        A requested ``stop`` sends TERM to the program and its children, and KILL after ``grace`` seconds; children that
        the program leaves behind get the same. Returns the exit code, negative for a signal. Raises
        :class:`NotStarted` or :class:`ForkServerLost`.
        """
        try:
            stop.requested.then(self._wake)
            while self._status is None and not stop.reason:
                self._read_sources(output, stop, None)
            stop.close()
            self._wait_until(lambda: self._pid is not None, output, stop, grace)
            self._terminate(output, stop, grace, linger=0.0 if stop.reason else LINGER)
            self._wait_until(lambda: self._status is not None, output, stop, PATIENCE)
            return os.waitstatus_to_exitcode(cast(int, self._status))
        finally:
            self._close()

    def _wake(self) -> None:
        with suppress(OSError):
            self._waker.send(b".", socket.MSG_DONTWAIT)

    def _terminate(self, output: Output, stop: Stop, grace: float, *, linger: float) -> None:
        self._wait_until_gone(output, stop, linger)
        for number, seconds in ((signal.SIGTERM, grace), (signal.SIGKILL, LINGER)):
            if self._is_alive():
                self._signal(number)
                self._wait_until_gone(output, stop, seconds, again=number == signal.SIGKILL)
        # Bounded: a daemon that is out of reach may hold a pipe and write for ever.
        for _ in range(PIPEFULS):
            if not self._read_sources(output, stop, 0):
                break

    def _wait_until(self, known: Callable[[], bool], output: Output, stop: Stop, seconds: float) -> None:
        """Read until ``known`` returns true. Raises :class:`ForkServerLost` if it does not within ``seconds``."""
        deadline = time.monotonic() + seconds
        while not known():
            if time.monotonic() > deadline:
                raise ForkServerLost("the process that starts scripts does not answer")
            self._read_sources(output, stop, POLL)

    def _wait_until_gone(self, output: Output, stop: Stop, seconds: float, *, again: bool = False) -> None:
        """Read until nothing is left, for ``seconds`` at most; kill ``again`` what was begun meanwhile."""
        deadline = time.monotonic() + seconds
        while self._is_alive() and time.monotonic() < deadline:
            if again:
                self._signal(signal.SIGKILL)
            self._read_sources(output, stop, POLL)

    def _read_sources(self, output: Output, stop: Stop, timeout: float | None) -> bool:
        """Wait at most ``timeout`` seconds for input and process it. Returns whether the program wrote something."""
        wrote = False
        for key, _ in self._sources.select(timeout):
            if key.fd in self._pipes:
                wrote = self._copy_output(key.fd, output) or wrote
            elif key.fd == self._woken.fileno():
                self._woken.recv(READ)
            else:
                self._read_server(stop)
        return wrote

    def _copy_output(self, pipe: int, output: Output) -> bool:
        if data := os.read(pipe, READ):
            output.write(self._pipes[pipe], data)
            return True
        self._sources.unregister(pipe)
        return False

    def _read_server(self, stop: Stop) -> None:
        """Process the lines that the fork server sent about the program.

        Raises :class:`NotStarted` if the program could not begin, :class:`ForkServerLost` if the server is gone.
        """
        data = self._program.line.recv(READ)
        *lines, self._partial_line = (self._partial_line + data).split(b"\n")
        for line in lines:
            word, _, number = line.decode().partition(" ")
            if word == "pid":
                self._pid = int(number)
                self._add_to_family(reaper.living(self._pid))
            elif word == "left":
                self._add_to_family(Living(*map(int, number.split(":"))))
            elif word == "exit":
                self._status = int(number)
            elif word == "fenced":
                stop.request("fenced")
            elif word == "failed":
                raise NotStarted(int(number), os.strerror(int(number)))
        if not data:
            self._sources.unregister(self._program.line.fileno())
            if self._status is None:
                raise self._program.server.lost()

    def _add_to_family(self, process: Living | None) -> None:
        if process:
            self._family.add(process)

    def _is_alive(self) -> bool:
        """Return whether any process of the group is left, or any other that comes of the program."""
        if self._status is None or self._signal_group(0):
            return True
        self._family = reaper.still(self._family | reaper.descendants(self._family))
        return bool(self._family)

    def _signal(self, number: int) -> None:
        """Send a signal to the group, and to what has left it."""
        self._family |= reaper.descendants(self._family)
        self._signal_group(number)
        for process in self._family:
            if not self._is_in_group(process):
                reaper.send(process, number)

    def _is_in_group(self, process: Living) -> bool:
        try:
            return os.getpgid(process.pid) == self._pid
        except ProcessLookupError:
            return True

    def _signal_group(self, number: int) -> bool:
        """Send a signal to the group; return whether there is one."""
        if self._pid is None or self._group_is_gone:
            return False
        try:
            os.killpg(self._pid, number)
        except (ProcessLookupError, PermissionError):
            self._group_is_gone = self._status is not None  # from now on the number may be another's
            return False
        return True

    def _close(self) -> None:
        if self._is_alive():
            self._signal(signal.SIGKILL)
        self._sources.close()
        self._program.close()
        self._woken.close()
        self._waker.close()
