"""docs/psql.md can be pasted into psql from top to bottom, and prints what it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import psycopg
import pytest
import sqlparse

from tests.docs.pages import Block, aligned, blocks, page

TABLES: tuple[str, ...] = ("process", "task", "taskversion", "taskdependency", "job", "jobtask", "jobtaskdependency")
TABLES += ("attempt", "logchunk", "worker")


@pytest.fixture
def session(connect: Callable[..., psycopg.Connection[Any]]) -> psycopg.Connection[Any]:
    """A session like psql's, on a database where nothing has happened yet."""
    connection = connect()
    tables = ", ".join(f"pgprocess_{table}" for table in TABLES)
    connection.execute(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")
    connection.execute("ALTER SEQUENCE pgprocess_ready_seq RESTART")
    return connection


def printed(session: psycopg.Connection[Any], block: Block) -> Iterator[str]:
    """Return what psql prints when the block is pasted: tables and errors, without command tags and contexts."""
    for statement in sqlparse.split(block.text):
        try:
            cursor = session.execute(statement)
        except psycopg.Error as error:
            yield f"ERROR:  {error.diag.message_primary}"
        else:
            if cursor.description:
                yield aligned(cursor.pgresult)


def test_the_page_can_be_pasted_from_top_to_bottom(session: psycopg.Connection[Any]) -> None:
    found = blocks(page("psql.md"))
    assert len(found) > 40
    for block, following in pairwise([*found, Block(0, "end", "")]):
        if block.language == "sql":
            shown = following.text.strip("\n") if following.language == "text" else ""
            assert "\n\n".join(printed(session, block)) == shown, f"docs/psql.md, line {block.line}"
