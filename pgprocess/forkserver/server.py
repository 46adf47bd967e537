"""The process behind a :class:`~pgprocess.forkserver.client.ForkServer`: it has Django ready and forks the programs.

    python -P -u -m pgprocess.forkserver.server CONTROL LEASE

CONTROL is the socket to the worker. On it we say ``.`` once we are ready, or else why we never will be. One byte
from the worker is one message: R, with four descriptors, runs a program; P says that the worker lives; E that
nothing more will come. When the worker is gone, or silent for LEASE seconds after its last sign of life, everything
that it had started is ended.

A program's descriptors are its own line to the worker, its stdout, its stderr, and a file that says what it shall
be (:mod:`pgprocess.forkserver.child`). On the line the worker reads what becomes of it, and closes it when it does not
care any more, which ends the program::

    pid 4711
    failed 2      the errno for which it could not begin
    fenced        the worker was gone or silent for too long, so it is being ended
    exit 256      the status that waitpid gave

One thread, no database connection: a fork must not copy either.
"""

from __future__ import annotations

import gc
import os
import selectors
import signal
import socket
import sys
import threading
import time
import traceback
import warnings
from contextlib import suppress
from dataclasses import dataclass, field

from pgprocess.forkserver import child
from pgprocess.forkserver import reaper as family

GRACE = 1.0
"""Seconds between TERM and KILL for programs whose worker is gone."""
KILLING = 10.0
"""Seconds after which what does not die of KILL is given up for the moment."""
LOOK_EVERY = 1.0


def main() -> None:
    """Serve until the worker needs nothing more. In a child: be what the worker asked for."""
    control, lease, parent = socket.socket(fileno=int(sys.argv[1])), float(sys.argv[2]), os.getppid()
    try:
        make_ready()
    except BaseException as error:
        why = "".join(traceback.format_exception_only(error)).strip()
        with suppress(OSError):
            control.send(f"Django can't be made ready for scripts: {why}".encode("utf-8", "replace")[:4000])
        raise
    with suppress(OSError):
        control.send(b".")
    if (wanted := Server(control, lease, parent).serve()) is not None:
        child.become(*wanted)


def make_ready() -> None:
    """Whatever a script could import at once is imported, and nothing that a fork must not copy is open."""
    if os.environ.get("DJANGO_SETTINGS_MODULE"):
        from django.db import connections  # noqa: TID251  to have none

        import pgprocess.env  # noqa: F401

        connections.close_all()
    if threading.active_count() > 1:
        names = ", ".join(thread.name for thread in threading.enumerate() if thread is not threading.main_thread())
        sys.stderr.write(f"pgprocess: scripts may hang, since an app starts threads when it is imported ({names}).\n")
    family.adopt_orphans()
    gc.collect()
    gc.freeze()


@dataclass
class Server:
    """Forks programs and tells how they end; ``lines`` are those of the programs that run, by pid."""

    control: socket.socket
    lease: float
    parent: int
    lines: dict[int, socket.socket] = field(default_factory=dict)
    sources: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    silent_at: float = float("inf")
    ending: bool = False
    pid: int = field(default_factory=os.getpid)

    def serve(self) -> tuple[socket.socket, int] | None:
        """None at the end; in each child that it forks, the child's line and the file that says what to be."""
        woken, waker = socket.socketpair()
        waker.setblocking(False)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the worker, which tells us
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        with self.sources as sources, woken, waker:
            sources.register(self.control, selectors.EVENT_READ)
            sources.register(woken, selectors.EVENT_READ)
            while self.lines or not self.ending:
                for key, _ in sources.select(LOOK_EVERY):
                    if key.data:
                        self.let_go(key.data)
                    elif key.fileobj is woken:
                        woken.recv(4096)
                    elif (wanted := self.hear()) is not None:
                        return wanted
                self.reap()
                if os.getppid() != self.parent or time.monotonic() > self.silent_at:
                    self.end_all()
            signal.set_wakeup_fd(-1)
        self.end_all()
        self.control.close()
        return None

    def hear(self) -> tuple[socket.socket, int] | None:
        """One message of the worker's has been followed; in a new child, what :meth:`serve` returns there."""
        try:
            message, descriptors, _, _ = socket.recv_fds(self.control, 1, 4)
        except OSError:
            message, descriptors = b"", []
        if message == b"R":
            return self.begin(descriptors)
        if message == b"P":
            self.silent_at = time.monotonic() + self.lease
        elif message == b"E":
            self.ending = True
        else:
            self.end_all()
            self.ending = True
        return None

    def begin(self, descriptors: list[int]) -> tuple[socket.socket, int] | None:
        """A program has begun, unless it is not wanted any more, or can't."""
        if len(descriptors) < 4:  # we have too many open: the worker learns it, since its line closes
            for descriptor in descriptors:
                os.close(descriptor)
            return None
        line, stdout, stderr, wanted = descriptors
        own = socket.socket(fileno=line)
        os.set_inheritable(line, False)
        pid = -1
        try:
            if not _is_closed(own):
                with warnings.catch_warnings():  # threads were told of once, by make_ready
                    warnings.simplefilter("ignore", DeprecationWarning)
                    pid = os.fork()
        except OSError as error:
            own.send(f"failed {error.errno}\n".encode(), socket.MSG_DONTWAIT)
        if pid == 0:
            self.part(stdout, stderr)
            return own, wanted
        for descriptor in (stdout, stderr, wanted):
            os.close(descriptor)
        if pid < 0:
            own.close()
            return None
        self.lines[pid] = own
        self.sources.register(own, selectors.EVENT_READ, pid)
        self.tell(pid, f"pid {pid}\n")
        return None

    def part(self, stdout: int, stderr: int) -> None:
        """This child is in a session of its own, with its own output, and holds nothing of ours."""
        os.setsid()
        if not family.die_with_parent(self.pid):
            os._exit(1)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
        for source, target in ((stdout, 1), (stderr, 2)):
            os.dup2(source, target)
            os.close(source)
        for other in (self.control, *self.lines.values()):
            other.close()

    def let_go(self, pid: int) -> None:
        """Nobody cares for this program any more: it is killed."""
        if line := self.lines.get(pid):
            with suppress(OSError):
                if line.recv(4096):
                    return
            self.sources.unregister(line)
            family.signal_group(pid, signal.SIGKILL)

    def reap(self) -> None:
        """Of every child that has ended its worker knows; orphans that came to us are gone as well."""
        with suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if not pid:
                    return
                if pid in self.lines:
                    self.tell(pid, f"exit {status}\n")
                    line = self.lines.pop(pid)
                    with suppress(KeyError):
                        self.sources.unregister(line)
                    line.close()

    def tell(self, pid: int, words: str) -> None:
        """The worker can read it, if it is still there."""
        with suppress(OSError):
            self.lines[pid].send(words.encode(), socket.MSG_DONTWAIT)

    def end_all(self) -> None:
        """Nothing that we started runs, nor what comes to us when its own parent ends."""
        self.silent_at = float("inf")
        for pid in self.lines:
            self.tell(pid, "fenced\n")
        for pid in {*self.lines, *family.children()}:
            family.signal_group(pid, signal.SIGTERM)
        self.until_gone(GRACE)
        self.until_gone(KILLING, signal.SIGKILL)

    def until_gone(self, seconds: float, number: int = 0) -> None:
        """There are no children, or they have had so many seconds, and this signal again and again."""
        deadline = time.monotonic() + seconds
        self.reap()
        while (pids := {*self.lines, *family.children()}) and time.monotonic() < deadline:
            if number:  # whoever dies leaves us its own children
                for pid in pids:
                    family.signal_group(pid, number)
            time.sleep(0.01)
            self.reap()


def _is_closed(line: socket.socket) -> bool:
    """Whether its other end is."""
    try:
        return not line.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True


if __name__ == "__main__":
    main()
