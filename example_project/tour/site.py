"""Where the site listens."""

from __future__ import annotations

import os
import socket

from tour.children import Children
from tour.failure import DemoError
from tour.stopping import Stopping

HOST = "127.0.0.1"
PORTS = range(8000, 8020)


def choose_port() -> int:
    """The port named by DEMO_PORT, else the first free one of `PORTS`. Raises DemoError if there is none."""
    named = os.environ.get("DEMO_PORT")
    if named is None:
        for port in PORTS:
            if _is_free(port):
                return port
        raise DemoError(f"All ports from {PORTS[0]} to {PORTS[-1]} are taken: name a free one in DEMO_PORT.")
    if not named.isdecimal() or not 0 < int(named) < 65536:
        raise DemoError(f"DEMO_PORT is {named!r}, which is no port: give a number from 1 to 65535.")
    if not _is_free(int(named)):
        raise DemoError(f"Port {named} is taken: name a free one in DEMO_PORT.")
    return int(named)


def start_site(port: int, family: Children, stopping: Stopping) -> str:
    """The site answers; gives its address. Raises DemoError if its process ends instead."""
    family.start("site", "runserver", "--noreload", f"{HOST}:{port}")
    while _is_free(port):
        family.check()
        stopping.wait(0.1)
    return f"http://{HOST}:{port}"


def _is_free(port: int) -> bool:
    """Whether nobody answers there."""
    try:
        socket.create_connection((HOST, port), timeout=5).close()
    except OSError:
        return True
    return False
