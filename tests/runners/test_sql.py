"""Kind sql: statements in one transaction, which succeeds as a whole with its task, or not at all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection

from pgprocess.attempt import Outcome
from pgprocess.statuses import Status
from tests.builders.attempts import executing
from tests.builders.drawing import Executes
from tests.builders.statements import (
    Running,
    executing_beside_a_table,
    rows,
    running_sql,
    running_sql_on,
    running_sql_on_sqlite,
)

executor = pytest.fixture(executing)
run = pytest.fixture(running_sql)
execute = pytest.fixture(executing_beside_a_table)
run_on = pytest.fixture(running_sql_on)
on_sqlite = pytest.fixture(running_sql_on_sqlite)


# Results


def test_the_rows_of_the_last_statement_are_the_result(run: Running) -> None:
    outcome, output = run(
        """
        SELECT 'not the last';
        SELECT 1 AS n, 1.10 AS price, DATE '2026-03-29' AS day, NULL AS nothing, 'größe' AS name, true AS yes,
            TIMESTAMPTZ '2026-03-29 01:02:03.123456+00' AS at, TIME '01:02' AS clock, '{"a": [1, null]}'::jsonb AS b,
            '[1]'::json AS j, '\\xff00'::bytea AS bytes, ARRAY[1, 2] AS list, INTERVAL '2 hours' AS took,
            '00000000-0000-0000-0000-000000000001'::uuid AS id, int4range(1, 5) AS span, 0.5::float8 AS half
        UNION ALL SELECT 2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL;
        """
    )
    assert outcome.status == Status.SUCCEEDED, (outcome, output.stderr)
    first, second = json.loads(outcome.result or "")
    assert first == {
        "n": 1,
        "price": "1.10",
        "day": "2026-03-29",
        "nothing": None,
        "name": "größe",
        "yes": True,
        "at": "2026-03-29T01:02:03.123456+00:00",
        "clock": "01:02:00",
        "b": {"a": [1, None]},
        "j": [1],
        "bytes": "ff00",
        "list": [1, 2],
        "took": "2:00:00",
        "id": "00000000-0000-0000-0000-000000000001",
        "span": "[1, 5)",
        "half": 0.5,
    }
    assert (second["n"], second["price"], second["b"]) == (2, None, None)


@pytest.mark.parametrize(
    ("code", "result"),
    [
        ("SELECT 1 AS n WHERE false", "[]"),
        ("INSERT INTO shop_rate SELECT '2026-01-01'::date + n FROM generate_series(1, 3) AS n", '{"rows": 3}'),
        ("UPDATE shop_rate SET rate = 1", '{"rows": 0}'),
        ("INSERT INTO shop_rate VALUES ('2026-01-01') RETURNING day", '[{"day": "2026-01-01"}]'),
        ("CREATE TABLE shop_other (); DROP TABLE shop_other", None),
        ("-- nothing but words", None),
        ("SELECT '100%' AS share, 'a%sb' AS text; -- 5%", '[{"share": "100%", "text": "a%sb"}]'),
    ],
)
def test_a_statement_without_rows_gives_how_many_it_changed(
    run: Running, execute: Executes, code: str, result: str | None
) -> None:
    outcome, output = run(code)
    assert (outcome.status, outcome.result) == (Status.SUCCEEDED, result), output.stderr


@pytest.mark.parametrize(
    ("select", "words"),
    [
        ("repeat('x', 2000) AS a", "The result of 'load' is too large (2,011 bytes, the limit is 1,000 bytes)"),
        ("'NaN'::float8 AS a", "The result of 'load' is not JSON: Out of range float values"),
    ],
)
def test_a_result_that_can_not_be_kept_undoes_the_statements(
    run: Running, execute: Executes, select: str, words: str
) -> None:
    outcome, _ = run(f"INSERT INTO shop_rate VALUES ('2026-01-01'); SELECT {select}")
    assert outcome.status == Status.SCHEDULED
    assert outcome.error.startswith(words)
    assert rows(execute) == 0


# One transaction


def test_the_statements_are_committed_together(run: Running, execute: Executes) -> None:
    outcome, _ = run("INSERT INTO shop_rate VALUES ('2026-01-01'); INSERT INTO shop_rate VALUES ('2026-01-02')")
    assert outcome.result == '{"rows": 1}'
    assert rows(execute) == 2


@pytest.mark.parametrize(
    ("second", "error"),
    [
        ("INSERT INTO no_such_table VALUES (1)", 'relation "no_such_table" does not exist'),
        ("SELEC 1", 'syntax error at or near "SELEC"'),
        ("SELECT 1 / 0", "division by zero"),
        ("INSERT INTO shop_rate VALUES ('2026-01-01')", 'duplicate key value violates unique constraint "'),
        ("SELECT 'infinity'::date", "date too large"),
        ("COPY shop_rate FROM STDIN", "COPY cannot be used with this method"),
        ("VACUUM shop_rate", "VACUUM cannot"),
    ],
)
def test_when_the_second_statement_fails_the_first_is_undone(
    run: Running, execute: Executes, second: str, error: str
) -> None:
    outcome, output = run(f"INSERT INTO shop_rate VALUES ('2026-01-01');\n{second}")
    assert (outcome.status, outcome.exit_code) == (Status.SCHEDULED, None)
    assert outcome.error.startswith(error)
    assert output.stderr.startswith(error)
    assert "Traceback" not in output.stderr
    assert rows(execute) == 0
    assert run("SELECT 1 AS n")[0].result == '[{"n": 1}]'  # the connection is sound


INSERT = "INSERT INTO shop_rate VALUES ('2026-01-01');"
TEMPORARY = "CREATE PROCEDURE pg_temp.ends() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$;"


@pytest.mark.parametrize(
    "code",
    [
        f"BEGIN; {INSERT} COMMIT; SELECT 1/0",
        f"{INSERT} ROLLBACK; SELECT 1",
        f"{INSERT} COMMIT AND CHAIN; SELECT 1/0",
        f"{INSERT} END; SELECT 1",
        f"{INSERT} PREPARE TRANSACTION 'a'",
        f"{INSERT} /* ; */ -- ;\n aBoRt",
        f"{INSERT} DO $$ BEGIN COMMIT; END $$; SELECT 1/0",
        f"{INSERT} DO $$ BEGIN ROLLBACK; END $$",
        f"{INSERT} {TEMPORARY} CALL pg_temp.ends(); SELECT 1/0",
    ],
)
def test_nothing_in_a_task_ends_its_transaction(run: Running, execute: Executes, code: str) -> None:
    outcome, _ = run(code)
    assert outcome.status == Status.SCHEDULED
    assert "one transaction, which" in outcome.error
    assert rows(execute) == 0
    assert run("SELECT 1 AS n")[0].result == '[{"n": 1}]'


def test_what_ends_a_transaction_is_refused_with_its_line(run: Running) -> None:
    assert run("SELECT 1;\n-- so\ncommit work;")[0].error == (
        "Task 'load' is one transaction, which begins and ends with it: remove COMMIT WORK in line 3; "
        "savepoints are allowed."
    )


def test_savepoints_may_be_used(run: Running, execute: Executes) -> None:
    code = f"SAVEPOINT a; {INSERT} ROLLBACK TO a; INSERT INTO shop_rate VALUES ('2026-01-02'); RELEASE a"
    assert run(code)[0].status == Status.SUCCEEDED
    assert execute("SELECT day::text FROM shop_rate") == [("2026-01-02",)]


@pytest.mark.parametrize("copy", ["COPY shop_rate FROM STDIN", "COPY shop_rate TO STDOUT", "COPY (SELECT 1) TO STDOUT"])
def test_a_copy_without_anybody_at_the_other_end_is_refused(run: Running, execute: Executes, copy: str) -> None:
    outcome, _ = run(f"{INSERT} {copy}")
    assert "Write INSERT or SELECT, or COPY a file of the server" in outcome.error
    assert rows(execute) == 0
    assert run("SELECT 1 AS n")[0].result == '[{"n": 1}]'


def test_errors_name_the_line_of_the_script(run: Running) -> None:
    _, output = run("\n" * 10 + "SELECT 1;\n\nSELECT 2,\n  no_such_column")
    assert "LINE 14:   no_such_column\n           ^" in output.stderr


def test_a_byte_order_mark_is_no_part_of_the_code(run: Running) -> None:
    assert run("\ufeffSELECT 1 AS n")[0].result == '[{"n": 1}]'


def test_what_the_database_says_of_an_error_is_output(run: Running) -> None:
    code = "DO $$ BEGIN RAISE 'no file' USING HINT = 'look again', DETAIL = 'it is gone'; END $$"
    outcome, output = run(code)
    assert outcome.error == "no file"
    assert "DETAIL:  it is gone\nHINT:  look again\n" in output.stderr


def test_what_the_statements_raise_as_notices_is_output(run: Running) -> None:
    code = "DO $$ BEGIN RAISE NOTICE 'größe %', 1; RAISE WARNING 'slow'; END $$"
    assert run(code)[1].stderr == "NOTICE:  größe 1\nWARNING:  slow\n"
    assert run("SELECT 1")[1].stderr == ""


# Who am I


def test_statements_know_who_they_are(run: Running) -> None:
    names = ("job_id", "jobtask_id", "task", "attempt", "logical_date", "map_index")
    values = ("params", "parents", "item")
    columns = [f"current_setting('pgprocess.{name}') AS {name}" for name in names]
    columns += [f"current_setting('pgprocess.{name}')::jsonb AS {name}" for name in values]
    outcome, output = run(
        f"SELECT {', '.join(columns)}",
        job_id=7,
        id=8,
        task_name="größe 'quoted'",
        logical_date=datetime(2026, 3, 29, 4, 30, tzinfo=UTC),
        params={"day": "'; DROP TABLE pgprocess_job; --", "nul": "\x00"[:0]},
        parents={"extract": [1, 2]},
    )
    assert json.loads(outcome.result or "null") == [
        {
            "job_id": "7",
            "jobtask_id": "8",
            "task": "größe 'quoted'",
            "attempt": "1",
            "logical_date": "2026-03-29T04:30:00+00:00",
            "map_index": "",
            "params": {"day": "'; DROP TABLE pgprocess_job; --", "nul": ""},
            "parents": {"extract": [1, 2]},
            "item": None,
        }
    ], output.stderr


def test_large_params_reach_the_statements_and_nobody_after_them(run: Running) -> None:
    code = "SELECT length(current_setting('pgprocess.params')) AS n"
    assert run(code, params={"a": "x" * 3_000_000})[0].result == '[{"n": 3000009}]'
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('pgprocess.params', true)")
        assert cursor.fetchone()[0] in (None, "")


# Where


def test_an_unknown_alias_says_so(run: Running) -> None:
    outcome, _ = run("SELECT 1", target="no_such_alias")
    assert outcome.error == "Task 'load' runs on 'no_such_alias', which DATABASES does not have."


def test_a_task_without_sql_says_so(run: Running) -> None:
    assert run(" \n")[0].error == "Task 'load' has no code: write its SQL."


def test_a_database_that_does_not_answer_says_so(run_on: Callable[..., Running]) -> None:
    run = run_on(ENGINE="django.db.backends.postgresql", NAME="x", HOST="/nonexistent")
    outcome, output = run("SELECT 1")
    assert outcome.status == Status.SCHEDULED
    assert outcome.error.startswith("connection")
    assert "Traceback" not in output.stderr


def test_sqlite_runs_statements_too(on_sqlite: Running) -> None:
    code = "CREATE TABLE rate (day text, rate real); INSERT INTO rate VALUES ('a;b', 1.5), ('100%', NULL);"
    assert on_sqlite(code)[0] == Outcome(status=Status.SUCCEEDED, result='{"rows": 2}')
    assert on_sqlite("SELECT * FROM rate", target=" other\n")[0].result == (
        '[{"day": "a;b", "rate": 1.5}, {"day": "100%", "rate": null}]'
    )
    outcome, output = on_sqlite("DELETE FROM rate; SELECT no_such_column")
    assert outcome.error == output.stderr.strip() == "no such column: no_such_column"
    assert on_sqlite("SELECT count(*) AS n FROM rate")[0].result == '[{"n": 2}]'


def test_nothing_ends_the_transaction_on_sqlite_either(on_sqlite: Running) -> None:
    on_sqlite("CREATE TABLE rate (day text)")
    outcome, _ = on_sqlite("INSERT INTO rate VALUES ('a'); COMMIT; SELECT no_such_column")
    assert "remove COMMIT" in outcome.error
    assert on_sqlite("SELECT count(*) AS n FROM rate")[0].result == '[{"n": 0}]'


# Memory


@pytest.mark.parametrize(
    "code",
    [
        "SELECT generate_series(1, 2000000)",
        "SELECT generate_series(1, 500000); SELECT 1",
        "SELECT repeat('x', 100000), n FROM generate_series(1, 20000) n",
    ],
)
def test_an_answer_costs_no_more_memory_than_its_limit(dsn: str, code: str) -> None:
    script = f"""
import resource, django
django.setup()
from pgprocess.runners.executor import Executor
from tests.builders.attempts import a_run, outcome_of
executor = Executor(result_limit=1_000_000)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
outcome = outcome_of(executor, a_run(kind="sql", code={code!r}))
print(outcome.error or outcome.result)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
executor.close()
"""
    environment = os.environ | {"PGPROCESS_DATABASE_URL": dsn, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    ended = subprocess.run([sys.executable, "-c", script], env=environment, check=True, capture_output=True, text=True)
    said, grown = ended.stdout.split("\n")[:2]
    assert "is too large" in said or "?column?" in said
    assert int(grown) < 60_000, "more than 60 MB"
