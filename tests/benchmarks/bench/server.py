"""One Postgres for everybody, with its durability on, and a fresh copy of a peer's database for each measurement."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import psycopg

from pgprocess.devtools.postgres import database_settings, database_url, running_postgres
from tests.builders.drawing import Executes, on_connection

# The module is only there for counting idle workers' statements: it does nothing where nobody switches it on.
SETTINGS = {
    "max_connections": "400",
    "shared_preload_libraries": "pg_stat_statements",
    "pg_stat_statements.track": "none",
    "max_wal_size": "4GB",
}
SHOWN = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers", "max_wal_size")


class Server:
    """Makes databases. Those that are made from one are copies of what its maker left in it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.numbers = count(1)
        self.made: set[str] = set()
        self.admin = psycopg.connect(url, autocommit=True)

    def url_of(self, name: str) -> str:
        """The URL of one of its databases."""
        return database_url(database_settings(self.url) | {"NAME": name})

    def original(self, name: str, make: Callable[[str], Any]) -> str:
        """The database of that name, made by ``make(url)`` if it is not there."""
        name = f"bench_{name}"
        if name not in self.made:
            self.admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            self.admin.execute(f'CREATE DATABASE "{name}"')
            self.made.add(name)
            make(self.url_of(name))
        return name

    @contextmanager
    def copy(self, name: str, make: Callable[[str], Any]) -> Iterator[str]:
        """The URL of a copy of that database, which goes with the block."""
        original, copy = self.original(name, make), f"bench_copy_{next(self.numbers)}"
        self.admin.execute(f'DROP DATABASE IF EXISTS "{copy}" WITH (FORCE)')
        self.admin.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{original}"')
        try:
            yield self.url_of(copy)
        finally:
            self.admin.execute(f'DROP DATABASE "{copy}" WITH (FORCE)')

    def settle(self, url: str) -> None:
        """Its planner knows the tables, and what was written lies on disk: nobody pays for who came before."""
        with connected(url) as execute:
            execute("VACUUM ANALYZE")
        self.admin.execute("CHECKPOINT")

    def settings(self) -> dict[str, str]:
        """What matters for speed."""
        return {name: value for name in SHOWN for (value,) in self.admin.execute(f"SHOW {name}")}

    def close(self) -> None:
        """Its databases are gone."""
        for name in self.made:
            self.admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        self.admin.close()


@contextmanager
def connected(url: str) -> Iterator[Executes]:
    """A connection in autocommit."""
    with psycopg.connect(url, autocommit=True) as connection:
        yield on_connection(connection)


@contextmanager
def server() -> Iterator[Server]:
    """Ours, or the one that PGPROCESS_DATABASE_URL names."""
    with running_postgres(settings=SETTINGS) as url:
        ours = Server(url)
        try:
            yield ours
        finally:
            ours.close()
