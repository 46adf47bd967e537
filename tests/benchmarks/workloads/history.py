"""The same beside a million finished tasks. (h)"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import scale
from tests.benchmarks.bench.peer import Peer, Place
from tests.benchmarks.bench.server import Server, connected


@dataclass(frozen=True)
class Old(Peer):
    """Ours, in a database with so many finished tasks."""

    history: int = 1_000_000

    @contextmanager
    def place(self, server: Server) -> Iterator[Place]:
        """The database with the history: always the same one, which grows by what is measured in it."""
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:

            def make(url: str) -> None:
                self.ask("install", url, Path(folder))
                with connected(url) as execute:
                    scale.fill(execute, self.history)

            name = server.original(f"history_{self.history}", make)
            yield Place(self, server, server.url_of(name), Path(folder))
