"""A Postgres for the demo and the tests: the one you name in PGPROCESS_DATABASE_URL, else one of our own.

``python -m pgprocess.devtools.postgres FOLDER`` runs ours in the foreground and prints its URL.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from pgprocess.devtools.binaries import find_binaries
from pgprocess.devtools.cluster import THROWAWAY, Cluster, start_cluster
from pgprocess.devtools.url import database_settings, database_url

__all__ = [
    "THROWAWAY",
    "Cluster",
    "database_settings",
    "database_url",
    "find_binaries",
    "running_postgres",
    "start_cluster",
]


@contextmanager
def running_postgres(folder: Path | None = None, *, settings: Mapping[str, str] | None = None) -> Iterator[str]:
    """Yield the URL of a running server.

    PGPROCESS_DATABASE_URL names it, and then nothing is started; else it is one of our own on ``folder``,
    with ``settings``, that ends with the block: see :func:`start_cluster`, also for the errors.
    """
    named = os.environ.get("PGPROCESS_DATABASE_URL")
    if named:
        yield named
        return
    with start_cluster(folder, settings=settings) as cluster:
        yield cluster.url()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m pgprocess.devtools.postgres DATA_FOLDER")
    with suppress(KeyboardInterrupt), start_cluster(Path(sys.argv[1])) as server:
        sys.stdout.write(f"{server.url()}\n")
        sys.stdout.flush()
        server.wait()
