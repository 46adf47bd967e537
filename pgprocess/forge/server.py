"""The process behind a :class:`~pgprocess.forge.client.Forge`: Django is ready, and every program is a fork away.

    python -P -u -m pgprocess.forge.server CONTROL LEASE

CONTROL is the socket to the worker. One byte is one message: R, with three descriptors, runs a program; P says
that the worker lives; E that nothing more will come. When the worker is gone, or silent for LEASE seconds after
its last sign of life, everything that it had started is ended.

A program's three descriptors are its own line to the worker, its stdout and its stderr. On the line the child
reads what it shall be (:mod:`pgprocess.forge.child`), and the server writes what becomes of it::

    pid 4711
    fenced        the worker was gone or silent for too long, so it is being ended
    exit 256      the status that waitpid gave

One thread, no database connection: a fork must not copy either.
"""

from __future__ import annotations

import ctypes
import gc
import os
import selectors
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field

from pgprocess.forge import child

LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
GRACE = 1.0
"""Seconds between TERM and KILL for programs whose worker is gone."""
LOOK_EVERY = 1.0


def main() -> None:
    """Serve until the worker needs nothing more. In a child: be what the worker asked for."""
    control, lease = socket.socket(fileno=int(sys.argv[1])), float(sys.argv[2])
    make_ready()
    with suppress(OSError):
        control.send(b".")
    line = Server(control, lease).serve()
    if line is not None:
        child.become(line)


def make_ready() -> None:
    """Whatever a script could import at once is imported, and nothing that a fork must not copy is open."""
    if os.environ.get("DJANGO_SETTINGS_MODULE"):
        from django.db import connections  # noqa: TID251  to have none

        import pgprocess.env  # noqa: F401

        connections.close_all()
    if threading.active_count() > 1:
        names = ", ".join(thread.name for thread in threading.enumerate() if thread is not threading.main_thread())
        sys.stderr.write(f"pgprocess: scripts may hang, since an app starts threads when it is imported ({names}).\n")
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    gc.collect()
    gc.freeze()


@dataclass
class Server:
    """Forks programs and tells how they end."""

    control: socket.socket
    lease: float
    lines: dict[int, socket.socket] = field(default_factory=dict)
    silent_at: float = float("inf")
    ending: bool = False
    parent: int = field(default_factory=os.getppid)

    def serve(self) -> socket.socket | None:
        """None at the end; in each child that it forks, the child's line."""
        woken, waker = socket.socketpair()
        waker.setblocking(False)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the worker, which tells us
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        with selectors.DefaultSelector() as selector:
            selector.register(self.control, selectors.EVENT_READ)
            selector.register(woken, selectors.EVENT_READ)
            while self.lines or not self.ending:
                for key, _ in selector.select(LOOK_EVERY):
                    if key.fileobj is woken:
                        woken.recv(4096)
                    elif (line := self.hear()) is not None:
                        woken.close()
                        waker.close()
                        return line
                self.reap()
                if os.getppid() != self.parent or time.monotonic() > self.silent_at:
                    self.end_all()
        self.end_all()
        return None

    def hear(self) -> socket.socket | None:
        """One message of the worker's has been followed; in a new child, its line."""
        try:
            message, descriptors, _, _ = socket.recv_fds(self.control, 1, 3)
        except OSError:
            message, descriptors = b"", []
        if message == b"R":
            return self.fork(*descriptors)
        if message == b"P":
            self.silent_at = time.monotonic() + self.lease
        elif message == b"E":
            self.ending = True
        else:
            self.end_all()
            self.ending = True
        return None

    def fork(self, line: int, stdout: int, stderr: int) -> socket.socket | None:
        """There is a child in a session of its own, with its own output; in it, its line."""
        own = socket.socket(fileno=line)
        server = os.getpid()
        pid = os.fork()
        if pid:
            os.close(stdout)
            os.close(stderr)
            self.lines[pid] = own
            self.tell(pid, f"pid {pid}\n")
            return None
        os.setsid()
        _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != server:
            os._exit(1)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
        for source, target in ((stdout, 1), (stderr, 2)):
            os.dup2(source, target)
            os.close(source)
        for other in (self.control, *self.lines.values()):
            other.close()
        return own

    def reap(self) -> None:
        """Of every child that has ended its worker knows; orphans that came to us are gone as well."""
        with suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if not pid:
                    return
                if pid in self.lines:
                    self.tell(pid, f"exit {status}\n")
                    self.lines.pop(pid).close()

    def tell(self, pid: int, words: str) -> None:
        """The worker can read it, if it is still there."""
        with suppress(OSError):
            self.lines[pid].send(words.encode(), socket.MSG_DONTWAIT)

    def end_all(self) -> None:
        """Nothing that we started runs, nor what came to us when its own parent ended."""
        self.silent_at = float("inf")
        for pid in self.lines:
            self.tell(pid, "fenced\n")
        for number, seconds in ((signal.SIGTERM, GRACE), (signal.SIGKILL, GRACE)):
            deadline = time.monotonic() + seconds
            for pid in {*self.lines, *_children()}:
                for kill in (os.killpg, os.kill):
                    with suppress(ProcessLookupError, PermissionError):
                        kill(pid, number)
            while (self.lines or _children()) and time.monotonic() < deadline:
                self.reap()
                time.sleep(0.01)


def _children() -> list[int]:
    """Our children by pid, orphans among them; where the system does not tell, none."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            return [int(pid) for pid in file.read().split()]
    except OSError:
        return []


def _prctl(option: int, value: int) -> None:
    """Ask Linux for something; other systems do without it."""
    if sys.platform == "linux":
        LIBC.prctl(option, ctypes.c_ulong(value), 0, 0, 0)


if __name__ == "__main__":
    main()
