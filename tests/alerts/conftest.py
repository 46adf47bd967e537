"""Receivers of alerts, and the delivering thread's work done by the test itself."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from pgprocess.alerts.service import Alerts
from pgprocess.postgres.connection import Database


class Site:
    """A receiver on the loopback that keeps what it is sent; ``status`` is its answer."""

    def __init__(self) -> None:
        self.status = 200
        self.location = ""
        self.got: list[tuple[str, str, Any, str]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                body = json.loads(self.rfile.read(length)) if length else None
                site.got.append((self.command, self.path, body, self.headers.get("Idempotency-Key", "")))
                self.send_response(200 if self.path == "/there" else site.status)
                if site.location:
                    self.send_header("Location", site.location)
                self.end_headers()

            do_GET = do_POST

            def log_message(self, *args: Any) -> None:
                """Quiet."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def site() -> Iterator[Site]:
    """A receiver that answers; gone at the end."""
    site = Site()
    thread = threading.Thread(target=site.server.serve_forever, args=[0.01])
    thread.start()
    yield site
    site.server.shutdown()
    thread.join()
    site.server.server_close()


@pytest.fixture
def alerts(transactional_db: None, settings: Any) -> Iterator[Callable[..., Alerts]]:
    """A delivering thread's work, done when the test says so, with these keys of PGPROCESS["ALERTS"]."""
    opened: list[Alerts] = []

    def make(**given: Any) -> Alerts:
        settings.PGPROCESS = {"ALERTS": given}
        opened.append(Alerts(Database("default")))
        opened[-1].connect()
        return opened[-1]

    yield make
    for each in opened:
        each.finish()


def round_of(alerts: Alerts) -> None:
    """Look once, wait until every receiver was told or was not, and record it."""
    alerts.tick()
    while alerts.busy:
        alerts.on_event(*alerts.inbox.get(timeout=30))
    alerts.stop()
    alerts.tick()
    alerts.stops = 0
