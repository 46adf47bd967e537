"""Scripts: told who they are, heard while they run, and asked for a result."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pgprocess.attempt import Outcome
from pgprocess.statuses import Status
from tests.builders.attempts import Recorder, executing_scripts, running_scripts

executor = pytest.fixture(executing_scripts)
run = pytest.fixture(running_scripts)


def test_what_a_script_writes_is_output_and_its_exit_code_is_its_end(run: Any) -> None:
    outcome, output = run("import sys\nprint('rows: 5')\nprint('slow', file=sys.stderr)")
    assert outcome == Outcome(status=Status.SUCCEEDED, exit_code=0)
    assert (output.text(), output.text("stderr")) == ("rows: 5\n", "slow\n")


def test_output_is_handed_on_while_the_script_runs(run: Any, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    opens_the_gate = Recorder(b"first", lambda: gate.write_text("go"))
    _, output = run(f"print('first')\nopen({str(gate)!r}).read()\nprint('second')", output=opens_the_gate)
    assert output.text() == "first\nsecond\n"


def test_output_may_be_any_bytes_and_much_of_them(run: Any) -> None:
    _, output = run("import sys\nsys.stdout.buffer.write(bytes(range(256)) * 20_000)")
    assert output.bytes("stdout") == bytes(range(256)) * 20_000


def test_both_streams_keep_their_own_order(run: Any) -> None:
    code = "import sys\nfor n in range(2000):\n    print(n, file=(sys.stdout, sys.stderr)[n % 2])"
    _, output = run(code)
    assert output.text().split() == [str(n) for n in range(0, 2000, 2)]
    assert output.text("stderr").split() == [str(n) for n in range(1, 2000, 2)]


def test_a_script_knows_who_it_is(run: Any) -> None:
    outcome, output = run(
        """
        from pgprocess import current
        print(current.job_id, current.jobtask_id, current.task, current.attempt, current.logical_date)
        print(current.params, len(current.parents["extract"]), current.map_index, current.item)
        """,
        job_id=7,
        id=8,
        task_name="größe 東京",
        attempt=2,
        logical_date=datetime(2026, 3, 29, 4, 30, tzinfo=UTC),
        params={"day": "monday"},
        parents={"extract": "x" * 1_000_000},
        map_index=3,
        item={"a": 1},
    )
    assert outcome.status == Status.SUCCEEDED, output.text("stderr")
    assert output.text() == ("7 8 größe 東京 2 2026-03-29 04:30:00+00:00\n{'day': 'monday'} 1000000 3 {'a': 1}\n")


def test_a_script_does_not_inherit_who_its_worker_is(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPROCESS_PARENTS_FILE", "/of/another/run")
    monkeypatch.setenv("PGPROCESS_JOB_ID", "99")
    monkeypatch.setenv("SHOP_KEY", "inherited")
    _, output = run(
        """
        import os
        from pgprocess import current
        print(current.job_id, current.parents, os.environ["SHOP_KEY"])
        """,
        job_id=1,
    )
    assert output.text() == "1 {} inherited\n"


def test_a_script_is_run_as_python_runs_scripts(run: Any, tmp_path: Path) -> None:
    outcome, output = run(
        """
        import os, pathlib, pickle, sys
        class Thing: pass
        pickle.dumps(Thing())
        path = pathlib.Path(__file__)
        print(__name__, sys.argv[0] == __file__, path.name, oct(path.stat().st_mode), sys.argv[1:])
        print(path.parent.parent, oct(path.parent.stat().st_mode), os.getcwd(), os.getsid(0) == os.getpid())
        print(sys.stdin.read() == "", any("runners" in entry for entry in sys.path))
        """,
        task_name="load: a/b",
        arguments="--day 'two words' \"\"",
    )
    assert output.text("stderr") == ""
    assert output.text().splitlines() == [
        "__main__ True load__a_b.py 0o100600 ['--day', 'two words', '']",
        f"{tmp_path}/tmp 0o40700 {os.getcwd()} True",
        "True False",
    ]
    assert outcome.status == Status.SUCCEEDED


def test_a_task_may_be_named_as_a_module_that_its_script_needs(run: Any) -> None:
    outcome, _ = run("import json\njson.dumps(1)", task_name="json")
    assert outcome.status == Status.SUCCEEDED


def test_a_script_imports_the_modules_of_the_project_and_has_its_django(run: Any) -> None:
    _, output = run(
        """
        import tests.builders.drawing
        import pgprocess.env
        from django.conf import settings
        print(settings.SETTINGS_MODULE)
        """
    )
    assert output.text() == "tests.settings\n", output.text("stderr")


def test_a_script_may_start_processes_of_its_own(run: Any) -> None:
    outcome, output = run(
        """
        import multiprocessing
        def double(n): return n * 2
        if __name__ == "__main__":
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                print(pool.map(double, [1, 2]))
        """
    )
    assert output.text() == "[2, 4]\n", output.text("stderr")
    assert outcome.status == Status.SUCCEEDED


def test_line_ends_of_a_browser_are_not_part_of_the_script(run: Any) -> None:
    _, output = run('print(repr("""a\r\nb"""))\r\n')
    assert output.text() == "'a\\nb'\n"


# Results


def leaving(text: str) -> str:
    return f"import os\nprint('worked')\nopen(os.environ['PGPROCESS_RESULT'], 'w').write({text!r})"


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ('{"rows": 5, "name": "größe"}', '{"rows": 5, "name": "größe"}'),
        ("0", "0"),
        ('"\\\\u0000"', '"\\\\u0000"'),
        ("null", None),
        ("", None),
        (" \n", None),
    ],
)
def test_a_script_leaves_its_result_as_json(run: Any, text: str, result: str | None) -> None:
    outcome, _ = run(leaving(text))
    assert outcome == Outcome(status=Status.SUCCEEDED, exit_code=0, result=result)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rows=5", "The result of 'load' is not JSON: Expecting value: line 1 column 1 (char 0)."),
        ("NaN", "The result of 'load' is not JSON: Out of range float values are not JSON compliant"),
        ("1e999", "The result of 'load' is not JSON: Out of range float values are not JSON compliant"),
        ('"\\ud800"', "The result of 'load' is not JSON: 'utf-8' codec can't encode character"),
        ('"a\\u0000"', "The result of 'load' can't be stored: it holds a NUL character."),
        ("[" * 900, "The result of 'load' is not JSON: "),
        (
            '"' + "x" * 1000 + '"',
            "The result of 'load' is too large (larger, the limit is 1,000 bytes): store it elsewhere",
        ),
    ],
)
def test_a_result_that_can_not_be_kept_is_told_in_one_sentence(run: Any, text: str, words: str) -> None:
    outcome, output = run(leaving(text), max_attempts=1)
    assert (outcome.status, outcome.exit_code, outcome.result) == (Status.FAILED, 0, None)
    assert outcome.error.startswith(words)
    assert output.text() == "worked\n"


def test_a_failed_script_has_no_result(run: Any) -> None:
    outcome, _ = run(leaving("1") + "\nraise SystemExit(2)")
    assert (outcome.status, outcome.result) == (Status.SCHEDULED, None)
