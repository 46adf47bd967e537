"""A SQL script is cut into statements as Postgres reads it, and none of them hides another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgprocess.runners.sql_statements import split

PIECES = (
    *(
        "SELECT 1",
        "COMMIT",
        "'it''s; COMMIT'",
        "E'a\\'; COMMIT'",
        "U&'\\0041;'",
        '"a;""b"',
        "$$; COMMIT; $$",
        "$a$ $$; $a$",
    ),
    *(
        "-- ; COMMIT\n",
        "/* ; /* ; */ COMMIT; */",
        "(1; 2)",
        "a$b$c",
        "E'a'\n'b\\';'",
        "1.5e3",
        "+",
        "größe",
        "\n",
        "$1",
    ),
    "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END",
    "CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC SELECT 1; END",
)


@pytest.mark.parametrize("piece", PIECES)
def test_semicolons_within_a_piece_end_nothing(piece: str) -> None:
    script = f"{piece}x; SELECT 2" if piece.startswith(("--", "/*")) else f"{piece}; SELECT 2"
    assert len(split(script)) == 2 - (not piece.strip())


@given(st.lists(st.sampled_from([*PIECES, ";", " "]), max_size=12))
def test_nothing_is_lost_and_cutting_again_changes_nothing(pieces: list[str]) -> None:
    statements = split(" ".join(pieces))
    for statement in statements:
        assert [each.text for each in split(statement.text)] == [statement.text]
    kept = "".join(statement.text for statement in statements)
    assert kept.count("größe") == sum(piece.count("größe") for piece in pieces)


@given(st.text(alphabet="'\"$/*-;()aE\\ \n\ufeff"))
def test_any_text_can_be_cut(text: str) -> None:
    split(text)
    split(text, backslashes=True)


@pytest.mark.parametrize(
    "end",
    [
        *(
            "COMMIT",
            "commit work",
            "END",
            "Abort",
            "ROLLBACK",
            "rollback work",
            "ROLLBACK AND CHAIN",
            "BEGIN",
            "COMMIT AND CHAIN",
        ),
        *("START TRANSACTION", "START/**/TRANSACTION READ ONLY", "PREPARE TRANSACTION 'a'", "COMMIT PREPARED 'a'"),
        *("ROLLBACK PREPARED 'a'", "-- words\n/* and /* more */ */ COMMIT", "\ufeffCOMMIT"),
    ],
)
def test_whatever_ends_a_transaction_is_found(end: str) -> None:
    assert [statement.ends_transaction for statement in split(f"{end}; SELECT 1")] == [True, False]


@pytest.mark.parametrize(
    "inside",
    [
        *("SAVEPOINT a", "ROLLBACK TO a", "ROLLBACK WORK TO SAVEPOINT a", "rollback transaction to a", "RELEASE a"),
        *("PREPARE a AS SELECT 1", "PREPARE transaction AS SELECT 1", "SELECT commit FROM a", '"commit"', "SET a = 1"),
    ],
)
def test_savepoints_and_names_are_left_alone(inside: str) -> None:
    assert [statement.ends_transaction for statement in split(inside)] == [False]


def test_a_statement_knows_its_lines() -> None:
    first, second = split("\n\nSELECT 1;\n-- of the second\n\nSELECT\n2")
    assert (first.line, first.words_line, second.line, second.words_line) == (3, 3, 4, 6)


def test_postgres_cuts_in_the_same_places(connect: Callable[..., psycopg.Connection[Any]]) -> None:
    """What psycopg sends at once has as many answers as there are statements."""
    connection = connect()
    sound = [
        *(
            "SELECT 'it''s; COMMIT'",
            "SELECT E'a\\'; COMMIT'",
            'SELECT $$; $$ AS "a;"',
            "SELECT /* ; /* ; */ ; */ 1 -- ;\n",
        ),
        *("SELECT $a$ $$; $a$", "SELECT 1 AS a$b$c", "SELECT E'a'\n'b\\';'", "DO $$ BEGIN PERFORM 1; END $$"),
        "CREATE FUNCTION pg_temp.f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END",
        *(
            "CREATE TEMP TABLE r (a int)",
            "CREATE RULE x AS ON INSERT TO r DO ALSO (SELECT 1; SELECT 2)",
            "SELECT ';' AS größe",
        ),
    ]
    for count in range(1, len(sound) + 1):
        script = ";".join(sound[:count])
        connection.execute("DROP TABLE IF EXISTS r; DROP FUNCTION IF EXISTS pg_temp.f")
        cursor = connection.execute(script.encode())
        answers = 1
        while cursor.nextset():
            answers += 1
        assert len(split(script)) == answers == count
