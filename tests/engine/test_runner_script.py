"""Scripts: told who they are, heard while they run, ended with everything they started."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from pgprocess.execute import Executor
from pgprocess.outcome import Outcome
from pgprocess.runners import group
from pgprocess.runners.base import Run, Stop, StopReason
from pgprocess.runners.script import ScriptRunner
from pgprocess.statuses import Status

DEADLINE = 30
GRACE = 0.3


class Recorder:
    """Output in memory; calls ``then`` once ``mark`` has been written."""

    def __init__(self, mark: bytes = b"", then: Callable[[], object] = lambda: None) -> None:
        self.written: list[tuple[str, bytes]] = []
        self.mark, self.then = mark, then

    def write(self, stream: str, data: bytes) -> None:
        self.written.append((stream, data))
        if self.mark and self.mark in self.bytes("stdout"):
            self.mark = b""
            self.then()

    def bytes(self, stream: str) -> bytes:
        return b"".join(data for name, data in self.written if name == stream)

    def text(self, stream: str = "stdout") -> str:
        return self.bytes(stream).decode()


@pytest.fixture
def executor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Executor]:
    """Runs scripts; their files are in ``tmp_path / "tmp"`` while they run."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    monkeypatch.setattr(group, "LINGER", 0.1)
    executor = Executor(grace=GRACE, result_limit=1000)
    yield executor
    executor.close()
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.fixture
def run(executor: Executor) -> Callable[..., tuple[Outcome, Recorder]]:
    """Run a script; how it ended and what it wrote."""

    def run(code: str, *, output: Any = None, stop: Any = None, **fields: Any) -> tuple[Outcome, Recorder]:
        output = output or Recorder()
        fields = {"jobtask_id": 1, "task": "load", "kind": "python", "max_attempts": 2} | fields
        return executor.run(Run(code=dedent(code), **fields), output, stop or Stop()), output

    return run


@pytest.fixture
def stop_when_ready(run: Any) -> Callable[..., tuple[Outcome, Recorder]]:
    """Run a script and tell it to stop once it has written "ready"."""

    def stop_when_ready(code: str, reason: StopReason = "cancelled", **fields: Any) -> tuple[Outcome, Recorder]:
        stop = Stop()
        output = Recorder(b"ready", lambda: stop.request(reason))
        outcome, _ = run(code, output=output, stop=stop, **fields)
        return outcome, output

    return stop_when_ready


class Alive:
    """A pipe that a script and its children hold open for as long as they live."""

    def __init__(self, path: Path) -> None:
        self.path = path
        os.mkfifo(path)
        self.over = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        with self.path.open("rb") as pipe:
            pipe.read()
        self.over.set()


@pytest.fixture
def alive(tmp_path: Path) -> Iterator[Alive]:
    """Everybody who opened ``alive.path`` is dead at the end of the test."""
    alive = Alive(tmp_path / "alive")
    yield alive
    assert alive.over.wait(DEADLINE), "something is left running"


# What a script is told, and what it says


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
        jobtask_id=8,
        task="größe 東京",
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
        task="load: a/b",
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
    outcome, _ = run("import json\njson.dumps(1)", task="json")
    assert outcome.status == Status.SUCCEEDED


def test_a_script_imports_the_modules_of_the_project_and_has_its_django(run: Any) -> None:
    _, output = run(
        """
        import tests.drawing
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


# Endings


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (99, Outcome(status=Status.SKIPPED, exit_code=99, reason="exit code 99")),
        (
            75,
            Outcome(status=Status.SCHEDULED, exit_code=75, error="exit code 75 asks for another try", delay=0.0),
        ),
        (3, Outcome(status=Status.SCHEDULED, exit_code=3, error="exit code 3", delay=0.0)),
    ],
)
def test_the_exit_code_says_how_it_ended(run: Any, code: int, outcome: Outcome) -> None:
    assert run(f"import sys; sys.exit({code})")[0] == outcome


def test_a_signal_is_called_by_its_name(run: Any) -> None:
    outcome, _ = run("import os; os.kill(os.getpid(), 9)", max_attempts=1)
    assert (outcome.status, outcome.exit_code) == (Status.FAILED, -9)
    assert outcome.error == "killed by SIGKILL (exit code -9)"


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("Skip('nothing new')", Outcome(status=Status.SKIPPED, exit_code=99, reason="nothing new")),
        (
            "Retry('busy', after=60)",
            Outcome(status=Status.SCHEDULED, exit_code=75, error="busy", delay=60.0),
        ),
        ("Retry('busy')", Outcome(status=Status.SCHEDULED, exit_code=75, error="busy", delay=4.0)),
        ("Fail('bad file')", Outcome(status=Status.FAILED, exit_code=1, error="bad file")),
    ],
)
def test_a_python_script_may_raise_its_end(run: Any, code: str, outcome: Outcome) -> None:
    ended, output = run(f"from pgprocess import Fail, Retry, Skip\nraise {code}", retry_delay=4)
    assert ended == outcome
    assert output.written == []


def test_an_ending_of_the_projects_own_is_the_ending_it_extends(run: Any) -> None:
    code = "from pgprocess import Skip\nclass Nothing(Skip): pass\nraise Nothing('no file') from OSError()"
    assert run(code)[0] == Outcome(status=Status.SKIPPED, exit_code=99, reason="no file")


def test_a_traceback_shows_the_scripts_own_lines_and_no_others(run: Any) -> None:
    outcome, output = run("def load():\n    raise ValueError('no such day')\n\nload()")
    lines = output.text("stderr").splitlines()
    files = [line.strip() for line in lines if line.strip().startswith("File")]
    assert lines[0] == "Traceback (most recent call last):"
    places = [file.rpartition("/")[2] for file in files]
    assert places == [
        'load.py", line 4, in <module>',
        'load.py", line 2, in load',
    ]
    assert "raise ValueError('no such day')" in lines[-2 - lines[-2].count("^")]
    assert lines[-1] == "ValueError: no such day"
    assert (outcome.exit_code, outcome.error) == (1, "exit code 1")


def test_a_script_that_is_not_python_says_where(run: Any) -> None:
    _, output = run("x = 1\nif x\n")
    assert output.text("stderr").splitlines()[0].endswith('load.py", line 2')
    assert output.text("stderr").endswith("SyntaxError: expected ':'\n")


def test_sys_exit_with_words_writes_them(run: Any) -> None:
    outcome, output = run("raise SystemExit('no file')")
    assert (outcome.exit_code, output.text("stderr")) == (1, "no file\n")


# Interpreters


def test_another_interpreter_runs_the_script(run: Any) -> None:
    outcome, output = run("echo $0 $1 $PGPROCESS_TASK", interpreter="/bin/sh -e", arguments="'a b'")
    path, *words = output.text().split()
    assert (Path(path).name, words) == ("load.py", ["a", "b", "load"])
    assert outcome.status == Status.SUCCEEDED


def test_another_python_knows_the_endings_too(run: Any) -> None:
    code = "import sys\nfrom pgprocess import Skip\nraise Skip(str(sys.flags.dont_write_bytecode))"
    outcome, _ = run(code, interpreter=f"env '{sys.executable}' -B")
    assert (outcome.status, outcome.reason) == (Status.SKIPPED, "1")


def test_a_language_is_a_runner_with_its_interpreter(executor: Executor) -> None:
    executor._runners["shell"] = ScriptRunner(["/bin/sh"], ".sh", grace=GRACE, result_limit=1000)
    output = Recorder()
    code = 'echo \'{"n": 1}\' > "$PGPROCESS_RESULT"\r\necho $0 $PGPROCESS_PARAMS\r\n'
    outcome = executor.run(Run(jobtask_id=1, task="load", kind="shell", code=code), output, Stop())
    assert outcome == Outcome(status=Status.SUCCEEDED, exit_code=0, result='{"n": 1}')
    assert output.text().endswith("/load.sh {}\n")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (
            {"interpreter": "/no/such/thing -x"},
            "'/no/such/thing' can't be started (No such file or directory): correct the task's interpreter.",
        ),
        (
            {"interpreter": "/"},
            "'/' can't be started (Permission denied): correct the task's interpreter.",
        ),
        (
            {"arguments": "'a"},
            "The arguments of task 'load' can't be split into words: No closing quotation.",
        ),
        (
            {"interpreter": '"'},
            "The interpreter of task 'load' can't be split into words: No closing quotation.",
        ),
        ({"code": " \n"}, "Task 'load' has no code: write its script."),
    ],
)
def test_what_can_not_be_started_says_so_in_one_sentence(executor: Executor, fields: Any, words: str) -> None:
    fields = {"jobtask_id": 1, "task": "load", "kind": "python", "code": "pass"} | fields
    output = Recorder()
    outcome = executor.run(Run(**fields), output, Stop())
    assert (outcome.status, outcome.error, output.written) == (Status.FAILED, words, [])


# Stopping

HOLDS = "alive = open({path!r}, 'w'); import os; os.set_inheritable(alive.fileno(), True)\n"
WAITS = "import signal\nprint('ready')\nsignal.pause()\n"
CHILD = """
import subprocess, sys
def child(code):
    started = subprocess.Popen([sys.executable, "-c", code + "; print('up'); import signal; signal.pause()"],
                               close_fds=False, stdout=subprocess.PIPE)
    started.stdout.readline()
"""
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"


def test_a_cancelled_script_gets_term_and_may_tidy_up(stop_when_ready: Any) -> None:
    tidy = "import signal, sys\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit('tidied up'))\n"
    outcome, output = stop_when_ready(tidy + WAITS, max_attempts=5)
    assert outcome == Outcome(status=Status.CANCELLED, exit_code=1, reason="cancelled")
    assert output.text("stderr") == "tidied up\n"


def test_a_script_of_a_worker_that_stops_is_given_back(stop_when_ready: Any) -> None:
    outcome, _ = stop_when_ready(WAITS, reason="shutdown")
    assert (outcome.status, outcome.exit_code) == (Status.READY, -15)


def test_a_script_that_is_out_of_time_is_stopped(run: Any) -> None:
    outcome, _ = run(WAITS, timeout=0.5)
    assert (outcome.status, outcome.exit_code) == (Status.SCHEDULED, -15)
    assert outcome.error == outcome.reason == "timed out after 0.5 s"


def test_a_script_that_ignores_term_is_killed_after_the_grace(stop_when_ready: Any, alive: Alive) -> None:
    code = DEAF + "\n" + HOLDS.format(path=str(alive.path)) + "print('ready')\nwhile True: signal.pause()"
    outcome, _ = stop_when_ready(code)
    assert (outcome.status, outcome.exit_code) == (Status.CANCELLED, -9)


@pytest.mark.parametrize("child", ["pass", DEAF])
def test_children_end_with_their_script(stop_when_ready: Any, alive: Alive, child: str) -> None:
    code = HOLDS.format(path=str(alive.path)) + CHILD + f"child({child!r})\n" + WAITS
    outcome, _ = stop_when_ready(code)
    assert outcome.status == Status.CANCELLED


@pytest.mark.parametrize("child", ["pass", DEAF])
def test_children_that_a_script_leaves_behind_are_ended(run: Any, alive: Alive, child: str) -> None:
    code = HOLDS.format(path=str(alive.path)) + CHILD + f"child({child!r})\nprint('done')\n"
    outcome, output = run(code)
    assert outcome == Outcome(status=Status.SUCCEEDED, exit_code=0)
    assert output.text() == "done\n"


def test_children_that_hold_the_pipe_do_not_keep_a_script_from_ending(run: Any, alive: Alive) -> None:
    code = HOLDS.format(path=str(alive.path)) + CHILD.replace("stdout=subprocess.PIPE", "")
    code = code.replace("started.stdout.readline()", "") + f"child({DEAF!r})\nprint('done')\n"
    outcome, output = run(code)
    assert outcome.status == Status.SUCCEEDED
    assert "done\n" in output.text()


def test_a_child_that_still_has_something_to_say_is_heard(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group, "LINGER", DEADLINE)
    code = """
        import os, sys
        read, write = os.pipe()
        if os.fork() == 0:
            os.close(write)
            os.read(read, 1)  # until the script itself is gone
            print("the last words")
    """
    _, output = run(code)
    assert output.text() == "the last words\n"


def test_a_daemon_out_of_reach_does_not_keep_a_script_from_ending(run: Any, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    code = f"""
        import os, subprocess, sys
        code = "while True: print('spam', flush=True)"
        daemon = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
        open({str(pid)!r}, "w").write(str(daemon.pid))
    """
    try:
        outcome, _ = run(code)
        assert outcome.status == Status.SUCCEEDED
    finally:
        with suppress(ProcessLookupError):
            os.kill(int(pid.read_text()), 9)


def test_a_script_whose_output_can_not_be_kept_is_not_left_running(run: Any, alive: Alive) -> None:
    def fail() -> None:
        raise OSError("full")

    code = HOLDS.format(path=str(alive.path)) + WAITS
    outcome, _ = run(code, output=Recorder(b"ready", fail))
    assert outcome.error == "OSError: full"


def test_a_script_that_was_stopped_before_it_began_does_nothing(run: Any, tmp_path: Path) -> None:
    stop = Stop()
    stop.request("shutdown")
    outcome, _ = run(f"open({str(tmp_path / 'ran')!r}, 'w')", stop=stop)
    assert outcome.status == Status.READY
    assert not (tmp_path / "ran").exists()
