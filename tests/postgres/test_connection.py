"""Connections of our own: whatever the server says, moments are those of UTC."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from pgprocess.postgres.connection import Connection, Database
from tests.builders.drawing import Executes


@pytest.fixture
def in_new_york(connect: Callable[..., Any]) -> Any:
    """The database's sessions begin in New York."""
    owner = connect()
    [(name,)] = owner.execute("SELECT quote_ident(current_database())").fetchall()
    owner.execute(f"ALTER DATABASE {name} SET timezone = 'America/New_York'")
    yield
    owner.execute(f"ALTER DATABASE {name} RESET timezone")


@pytest.mark.usefixtures("in_new_york")
@pytest.mark.parametrize("listen", [True, False], ids=["direct", "pooled"])
def test_moments_are_read_in_utc(listen: bool, execute: Executes) -> None:
    execute("INSERT INTO pgprocess_process (name, minute) VALUES ('p', '0')")
    connection = Connection(Database("default", listen=listen))
    [due] = connection.rows("cron/lock_due")
    moments = [value for value in due if hasattr(value, "utcoffset")]
    connection.close()
    assert moments
    assert {moment.utcoffset() for moment in moments} == {timedelta(0)}
