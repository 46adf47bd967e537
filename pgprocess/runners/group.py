"""A program and everything it starts, as one: followed while it runs, ended together.

It gets a session, and so a process group, of its own. What leaves that group on purpose (a daemon that calls
setsid) is out of reach.
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

from pgprocess.runners.base import Output, Stop, Stream

STREAMS: tuple[Stream, ...] = ("stdout", "stderr")
POLL = 0.2
"""Seconds in which a stop is seen, and an exit that leaves the pipes open."""
LINGER = 1.0
"""Seconds that children have to come to their own end when the program itself has: ``script | tee log``."""
READ = 65_536
PIPEFULS = 32


class Group:
    """A running program. Raises OSError if it can't be started."""

    def __init__(self, command: Sequence[str], *, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            command,
            env=environment,
            bufsize=0,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self._pipes = selectors.DefaultSelector()
        for stream in STREAMS:
            self._pipes.register(getattr(self._process, stream), selectors.EVENT_READ, stream)

    def follow(self, output: Output, stop: Stop, *, grace: float) -> int:
        """It has ended, with everything it started; its exit code, negative for a signal.

        What it wrote is in ``output``. When it is told to stop, it and its children get TERM, and KILL after
        ``grace`` seconds; so do children that it leaves behind.
        """
        try:
            while self._process.poll() is None and not stop.reason:
                if self._pipes.get_map():
                    self._pass_on(output, POLL)
                else:
                    self._wait(POLL)
            stop.close()
            self._end(output, grace, linger=0.0 if stop.reason else LINGER)
            return self._process.wait()
        finally:
            self._close()

    def _end(self, output: Output, grace: float, *, linger: float) -> None:
        self._until_gone(output, linger)
        for number, seconds in ((signal.SIGTERM, grace), (signal.SIGKILL, LINGER)):
            if self._lives():
                self._signal(number)
                self._until_gone(output, seconds)
        # Bounded: a daemon out of our reach may hold a pipe and write for ever.
        for _ in range(PIPEFULS):
            if not self._pass_on(output, 0):
                break

    def _until_gone(self, output: Output, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while self._lives() and time.monotonic() < deadline:
            self._pass_on(output, POLL / 4)

    def _pass_on(self, output: Output, timeout: float) -> bool:
        """What was written within ``timeout`` seconds is in ``output``; whether that is anything."""
        read = False
        for key, _ in self._pipes.select(timeout):
            if data := os.read(key.fd, READ):
                stream: Stream = key.data
                output.write(stream, data)
                read = True
            else:
                self._pipes.unregister(key.fileobj)
        return read

    def _lives(self) -> bool:
        """Whether anything of the group is left."""
        if self._process.poll() is None:
            return True
        with suppress(ChildProcessError):  # orphans are ours to reap where the worker is a container's PID 1
            while os.waitpid(-self._process.pid, os.WNOHANG) != (0, 0):
                pass
        return self._signal(0)

    def _signal(self, number: int) -> bool:
        try:
            os.killpg(self._process.pid, number)
        except (ProcessLookupError, PermissionError):
            return False
        return True

    def _wait(self, seconds: float) -> None:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)

    def _close(self) -> None:
        if self._lives():
            self._signal(signal.SIGKILL)
        self._process.wait()
        self._pipes.close()
        for stream in STREAMS:
            getattr(self._process, stream).close()
