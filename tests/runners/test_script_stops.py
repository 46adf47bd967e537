"""Scripts that are told to stop, or leave something behind: nothing of them runs on."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from pgprocess.attempt import Outcome
from pgprocess.runners import process_group as group
from pgprocess.runners.base import Stop, StopReason
from pgprocess.runners.executor import Executor
from pgprocess.statuses import Status
from tests.builders.attempts import (
    DEADLINE,
    Alive,
    Recorder,
    executing_scripts,
    have_patience,
    keeping_alive,
    running_scripts,
)

alive = pytest.fixture(keeping_alive)
executor = pytest.fixture(executing_scripts)
run = pytest.fixture(running_scripts)

HOLDS = "alive = open({path!r}, 'w'); import os; os.set_inheritable(alive.fileno(), True)\n"
WAITS = "import time\nprint('ready')\nwhile True: time.sleep(0.05)\n"
CHILD = """
import subprocess, sys
def child(code):
    started = subprocess.Popen([sys.executable, "-c", code + "; print('up'); import signal; signal.pause()"],
                               close_fds=False, stdout=subprocess.PIPE)
    started.stdout.readline()
"""
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"


@pytest.fixture
def stop_when_ready(run: Any) -> Callable[..., tuple[Outcome, Recorder]]:
    """Run a script and tell it to stop once it has written "ready"."""

    def stop_when_ready(code: str, reason: StopReason = "cancelled", **fields: Any) -> tuple[Outcome, Recorder]:
        stop = Stop()
        output = Recorder(b"ready", lambda: stop.request(reason))
        outcome, _ = run(code, output=output, stop=stop, **fields)
        return outcome, output

    return stop_when_ready


def test_a_cancelled_script_gets_term_and_may_tidy_up(executor: Executor, stop_when_ready: Any) -> None:
    have_patience(executor, "python")
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
