"""Ends a server when its parent ends, however that ends: a script of its own, run with ``python -I -S``.

It sits in a session of its own, where the terminal's Ctrl-C does not reach. It stops the server when a byte
or the end of the pipe on stdin says so, or when it has got another parent: a fork of the old one may hold the
pipe open beyond the parent's end.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys

CHECK_SECONDS = 0.5
FAST_SECONDS = 30.0
IMMEDIATE_SECONDS = 10.0


def supervise(parent: int, command: list[str], remove: list[str]) -> None:
    """Run ``command`` as long as the process ``parent`` wants it, then remove the folders ``remove``."""
    try:
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: server.send_signal(signal.SIGINT))
        while server.poll() is None and os.getppid() == parent and not _told_to_stop():
            pass
        _stop(server)
    finally:
        for folder in remove:
            shutil.rmtree(folder, ignore_errors=True)


def _told_to_stop() -> bool:
    return bool(select.select([sys.stdin], [], [], CHECK_SECONDS)[0])


def _stop(server: subprocess.Popen[bytes]) -> None:
    # SIGINT is Postgres's fast shutdown (clients are dropped, data is kept), SIGQUIT the immediate one.
    for number, patience in ((signal.SIGINT, FAST_SECONDS), (signal.SIGQUIT, IMMEDIATE_SECONDS)):
        server.send_signal(number)
        try:
            server.wait(patience)
            return
        except subprocess.TimeoutExpired:
            continue
    server.kill()
    server.wait()


if __name__ == "__main__":
    supervise(**json.loads(sys.argv[1]))
