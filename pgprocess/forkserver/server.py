"""The process behind a :class:`~pgprocess.forkserver.client.ForkServer`: it has Django ready and forks the programs.

    python -P -u -m pgprocess.forkserver.server CONTROL LEASE

CONTROL is the number of the socket to the worker. The server says ``.`` there once it is ready, or else why it never
will be. One byte from the worker is one message: R, with four descriptors, runs a program; P says that the worker
lives; E says that nothing more will come. When the worker is gone, or silent for LEASE seconds after its last sign of
life, the server ends every program.

The four descriptors are the program's line to the worker, its stdout, its stderr, and a file that says what to
become (:mod:`pgprocess.forkserver.child`). On the line the worker reads what becomes of the program; closing the line
ends the program::

    pid 4711
    failed 2      the errno that kept it from beginning
    fenced        the worker was gone or silent for too long, so the program is being ended
    left 4712:99  a process that the program left behind, and when that one began (clock ticks)
    exit 256      the status that waitpid gave

Each program adopts its own orphans, wherever they went, so whatever the server gets as a child besides programs was
left behind by one that has ended. The worker ends these; what it does not know of, the server kills.

One thread, no database connection: a fork must not copy either.
"""

from __future__ import annotations

import gc
import operator
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

from pgprocess.forkserver import child, folders, reaper

GRACE = 1.0
"""Seconds between TERM and KILL for programs whose worker is gone."""
KILLING = 10.0
"""Seconds after which programs that do not die of KILL are given up for the moment."""
MOST_LEFT = 1000
"""Processes left behind by one program that the worker is told of; it finds more itself."""
LOOK_EVERY = 1.0
"""Seconds between two looks at the worker: whether it is still the parent, and whether the lease is over."""


def main() -> None:
    """Serve until the worker needs nothing more; in each child, become what the worker asked for."""
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
    """Import what scripts will import, and leave nothing open that a fork must not copy."""
    if os.environ.get("DJANGO_SETTINGS_MODULE"):
        from django.db import connections  # noqa: TID251  to have none

        import pgprocess.env  # noqa: F401

        connections.close_all()
    if threading.active_count() > 1:
        names = ", ".join(thread.name for thread in threading.enumerate() if thread is not threading.main_thread())
        sys.stderr.write(f"pgprocess: scripts may hang, since an app starts threads when it is imported ({names}).\n")
    reaper.adopt_orphans()
    gc.collect()
    gc.freeze()


@dataclass
class Server:
    """The loop that forks programs and reports how they end.

    ``lines``: the sockets of the programs that run, by pid. ``leaving``: those of programs that have ended and left
    processes behind, by pid, until the worker closes them. ``silent_at``: when the lease is over (monotonic seconds).
    ``ending``: the worker will ask for nothing more. ``own``: what an app has started while it was imported.
    """

    control: socket.socket
    lease: float
    parent: int
    lines: dict[int, socket.socket] = field(default_factory=dict)
    leaving: dict[int, socket.socket] = field(default_factory=dict)
    sources: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    silent_at: float = float("inf")
    ending: bool = False
    pid: int = field(default_factory=os.getpid)
    own: frozenset[int] = field(default_factory=lambda: frozenset(reaper.children()))

    def serve(self) -> tuple[socket.socket, int] | None:
        """Serve the worker. Returns None at the end; in each child its line, and the file that says what to become."""
        woken, waker = socket.socketpair()
        waker.setblocking(False)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the worker, which then says so
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        with self.sources as sources, woken, waker:
            sources.register(self.control, selectors.EVENT_READ)
            sources.register(woken, selectors.EVENT_READ)
            while self.lines or self.leaving or not self.ending:
                events = sources.select(LOOK_EVERY)
                for key, _ in events:
                    if key.data:
                        self.kill_abandoned(key.data)
                    elif key.fileobj is woken:
                        woken.recv(4096)
                    elif (wanted := self.receive()) is not None:
                        return wanted
                self.reap()
                if not events:
                    self.kill_unknown()
                if os.getppid() != self.parent or time.monotonic() > self.silent_at:
                    self.end_all()
            signal.set_wakeup_fd(-1)
        self.end_all()
        self.control.close()
        if os.getppid() != self.parent:
            folders.sweep()  # the worker was killed
        return None

    def receive(self) -> tuple[socket.socket, int] | None:
        """Read and follow one message of the worker. Returns in a new child what :meth:`serve` returns there."""
        try:
            message, descriptors, _, _ = socket.recv_fds(self.control, 1, 4)
        except OSError:
            message, descriptors = b"", []
        if message == b"R":
            return self.fork(descriptors)
        if message == b"P":
            self.silent_at = time.monotonic() + self.lease
        elif message == b"E":
            self.ending = True
        else:
            self.end_all()
            self.ending = True
        return None

    def fork(self, descriptors: list[int]) -> tuple[socket.socket, int] | None:
        """Fork a child for a program, unless the worker has closed its line. Returns as :meth:`receive`."""
        if len(descriptors) < 4:  # this process has too many open: the worker learns of it, for its line closes
            for descriptor in descriptors:
                os.close(descriptor)
            return None
        line, stdout, stderr, wanted = descriptors
        own = socket.socket(fileno=line)
        os.set_inheritable(line, False)
        pid = -1
        try:
            if not _is_closed(own):
                with warnings.catch_warnings():  # make_ready has warned of threads, once
                    warnings.simplefilter("ignore", DeprecationWarning)
                    pid = os.fork()
        except OSError as error:
            own.send(f"failed {error.errno}\n".encode(), socket.MSG_DONTWAIT)
        if pid == 0:
            self.detach_child(stdout, stderr)
            return own, wanted
        for descriptor in (stdout, stderr, wanted):
            os.close(descriptor)
        if pid < 0:
            own.close()
            return None
        self.lines[pid] = own
        self.sources.register(own, selectors.EVENT_READ, pid)
        self.report(pid, f"pid {pid}\n")
        return None

    def detach_child(self, stdout: int, stderr: int) -> None:
        """Give the child a session and an output of its own, and close what belongs to the server."""
        os.setsid()
        if not reaper.die_with_parent(self.pid):
            os._exit(1)
        reaper.adopt_orphans()
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
        for source, target in ((stdout, 1), (stderr, 2)):
            os.dup2(source, target)
            os.close(source)
        for other in (self.control, *self.lines.values(), *self.leaving.values()):
            other.close()

    def kill_abandoned(self, pid: int) -> None:
        """Kill a program whose line the worker has closed, or forget it if it has ended."""
        if line := self.lines.get(pid) or self.leaving.get(pid):
            with suppress(OSError):
                if line.recv(4096):
                    return
            self.sources.unregister(line)
            if self.leaving.pop(pid, None):
                line.close()
                self.kill_unknown()
            else:
                reaper.signal_group(pid, signal.SIGKILL)

    def kill_unknown(self) -> None:
        """Kill what ended programs have left behind and no worker looks after."""
        if not self.leaving:
            for pid in self.strays():
                reaper.signal_group(pid, signal.SIGKILL)

    def strays(self) -> set[int]:
        """Return the children that are no programs: what programs that have ended left behind."""
        return set(reaper.children()) - self.lines.keys() - self.own

    def reap(self) -> None:
        """Report every child that has ended, and collect adopted orphans that have."""
        with suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if not pid:
                    return
                if pid in self.lines:
                    self.take_leave(pid, status)

    def take_leave(self, pid: int, status: int) -> None:
        """Report that the program has ended, and what it left behind."""
        left = [process for each in self.strays() - {pid} if (process := reaper.living(each))]
        words = "".join(f"left {process.pid}:{process.began}\n" for process in left[:MOST_LEFT])
        self.report(pid, f"{words}exit {status}\n")
        line = self.lines.pop(pid)
        if left and line in map(operator.attrgetter("fileobj"), self.sources.get_map().values()):
            self.leaving[pid] = line
            return
        with suppress(KeyError):
            self.sources.unregister(line)
        line.close()

    def report(self, pid: int, words: str) -> None:
        """Write to the program's line, if the worker is still there to read it."""
        with suppress(OSError):
            self.lines[pid].send(words.encode(), socket.MSG_DONTWAIT)

    def end_all(self) -> None:
        """End every program and every orphan that becomes a child meanwhile: TERM, then KILL again and again."""
        self.silent_at = float("inf")
        for pid in self.lines:
            self.report(pid, "fenced\n")
        self.signal_all(signal.SIGTERM)
        self.wait_for_children(GRACE)
        self.wait_for_children(KILLING, signal.SIGKILL)

    def wait_for_children(self, seconds: float, number: int = 0) -> None:
        """Wait until there are no children, for so many seconds at most; send them this signal again and again."""
        deadline = time.monotonic() + seconds
        self.reap()
        while (self.lines or reaper.children()) and time.monotonic() < deadline:
            if number:  # whoever dies leaves its own children to the server
                self.signal_all(number)
            time.sleep(0.01)
            self.reap()

    def signal_all(self, number: int) -> None:
        """Send a signal to every program and to every process that comes of one, whatever session it is in."""
        for pid in {*self.lines, *reaper.children()}:
            reaper.signal_group(pid, number)
        if own := reaper.living(self.pid):
            for process in reaper.descendants({own}):
                reaper.send(process, number)


def _is_closed(line: socket.socket) -> bool:
    """Return whether the other end of the socket is closed."""
    try:
        return not line.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True


if __name__ == "__main__":
    main()
