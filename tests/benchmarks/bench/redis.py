"""A Redis of our own, on a Unix socket, as it comes."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MISSING = "there is no redis-server on this machine (on Debian: apt install redis-server)"


@contextmanager
def redis() -> Iterator[str]:
    """The path of its socket; empty where there is no Redis."""
    program = shutil.which("redis-server")
    if not program:
        yield ""
        return
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        socket = Path(folder) / "redis.sock"
        command = [program, "--port", "0", "--unixsocket", str(socket), "--dir", folder]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while not socket.exists():
                time.sleep(0.01)
            yield str(socket)
        finally:
            process.terminate()
            process.wait()
