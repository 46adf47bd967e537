"""Deaths, of the worker or of the fork server: nothing that was started runs on, and every outcome says why."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from pgprocess.forkserver.client import ForkServer
from pgprocess.runners import process_group as group
from pgprocess.runners.base import Stop
from pgprocess.runners.executor import Executor
from pgprocess.statuses import Status
from tests.builders.attempts import DEADLINE, GRACE, Alive, Recorder, keeping_alive, running_scripts

alive = pytest.fixture(keeping_alive)

FAMILY = """
import os, signal, subprocess, sys, time
alive = os.open({path!r}, os.O_WRONLY)
DEAF = "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); signal.pause()"
def child(**options):
    started = subprocess.Popen([sys.executable, "-c", DEAF], pass_fds=[alive], stdout=subprocess.PIPE, **options)
    started.stdout.readline()
child()
child(start_new_session=True)
if os.fork() == 0:  # an orphan: its parent ends at once
    os.setsid()
    child()
    os._exit(0)
os.wait()
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
while True: signal.pause()
"""


@pytest.fixture
def owning() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start processes that own a fork server and run these scripts."""
    started: list[subprocess.Popen[str]] = []

    def owning(*scripts: str, **options: Any) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.builders.forkserver_owner", *scripts]
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "PYTHONWARNINGS": "error::DeprecationWarning",
        }
        options = {"stdin": subprocess.DEVNULL, "start_new_session": True} | options
        owner = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, **options)
        started.append(owner)
        return owner

    yield owning
    for owner in started:
        owner.kill()
        owner.wait()
        assert owner.stdout
        owner.stdout.close()


def said_by(owner: subprocess.Popen[str]) -> str:
    assert owner.stdout
    return owner.stdout.readline().strip()


def test_a_killed_worker_leaves_nothing_running(owning: Any, alive: Alive) -> None:
    """The fixture asserts it. Some of the children ignore TERM, have sessions of their own, or are orphans."""
    owner = owning(FAMILY.format(path=str(alive.path)))
    assert said_by(owner) == "ready"
    owner.kill()


def test_a_terminal_interrupts_the_worker_and_not_its_scripts(owning: Any, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    owner = owning(f"print('ready')\nopen({str(gate)!r}).read()\nprint('done')")
    assert said_by(owner) == "ready"
    os.killpg(owner.pid, signal.SIGINT)
    assert said_by(owner) == "interrupted"
    gate.write_text("go")
    assert (said_by(owner), said_by(owner)) == ("done", "succeeded")


@pytest.mark.parametrize("closed", [(0,), (0, 2)])
def test_a_worker_without_standard_streams_runs_scripts_all_the_same(owning: Any, closed: tuple[int, ...]) -> None:
    def close() -> None:
        for number in closed:
            os.close(number)

    code = "import sys; print(sys.stdin.read() == '', file=sys.stderr); print('done')"
    owner = owning(code, stdin=None, preexec_fn=close)
    assert {said_by(owner), said_by(owner)} == {"True", "done"}
    assert said_by(owner) == "succeeded"
    assert owner.wait(DEADLINE) == 0


# In this process


@pytest.fixture
def forkserver() -> Iterator[ForkServer]:
    """A fork server with a lease of 0.3 s, which begins with the first pulse."""
    forkserver = ForkServer(lease=0.3)
    yield forkserver
    forkserver.close()


@pytest.fixture
def run(forkserver: ForkServer) -> Iterator[Any]:
    executor = Executor(grace=GRACE, forkserver=forkserver)
    yield running_scripts(executor)
    executor.close()


def test_the_scripts_of_a_silent_worker_are_ended_and_given_back(
    forkserver: ForkServer, run: Any, alive: Alive
) -> None:
    outcome, _ = run(FAMILY.format(path=str(alive.path)), output=Recorder(b"ready", forkserver.pulse))
    assert (outcome.status, outcome.reason) == (Status.READY, "given back: its worker could not reach the database")
    assert alive.over.wait(DEADLINE)
    assert run("print('again')")[1].text() == "again\n"


def test_a_worker_that_says_it_lives_is_left_alone(forkserver: ForkServer, run: Any) -> None:
    """The script runs for longer than a lease, and each line that it prints is a pulse."""
    code = "import time\nfor n in range(12):\n    print(n)\n    time.sleep(0.05)"

    class Pulses(Recorder):
        def write(self, stream: str, data: bytes) -> None:
            super().write(stream, data)
            forkserver.pulse()

    outcome, output = run(code, output=Pulses())
    assert (outcome.status, len(output.text().split())) == (Status.SUCCEEDED, 12)


def test_when_the_fork_server_is_killed_its_scripts_end_and_the_next_has_a_new_one(
    forkserver: ForkServer, run: Any, alive: Alive
) -> None:
    def kill() -> None:
        assert forkserver.pid
        os.kill(forkserver.pid, signal.SIGKILL)

    holds = f"alive = open({str(alive.path)!r}, 'w'); import os; os.set_inheritable(alive.fileno(), True)\n"
    child = "import subprocess; subprocess.Popen(['sleep', '600'], close_fds=False)\n"
    outcome, _ = run(f"{holds}{child}print('ready')\nwhile True: input", output=Recorder(b"ready", kill))
    assert (outcome.status, outcome.lost) == (Status.READY, True)
    assert outcome.error == "the process that starts scripts has ended, and the script with it"
    assert alive.over.wait(DEADLINE)
    assert run("print('again')")[1].text() == "again\n"


@pytest.mark.parametrize("unnoticed", [False, True])
def test_a_fork_server_that_died_is_replaced_at_once(
    forkserver: ForkServer, run: Any, unnoticed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("pass")
    assert forkserver.pid
    if unnoticed:  # until something is sent to it
        monkeypatch.setattr(subprocess.Popen, "poll", lambda process: process.returncode)
    os.kill(forkserver.pid, signal.SIGKILL)
    os.waitid(os.P_PID, forkserver.pid, os.WEXITED | os.WNOWAIT)
    assert run("print('again')")[1].text() == "again\n"
    assert forkserver.generation == 2


@pytest.mark.parametrize("reason", ["cancelled", "timeout"])
def test_a_fork_server_that_hangs_does_not_keep_a_task_from_being_stopped(
    forkserver: ForkServer, run: Any, reason: Any, tmp_path: Path
) -> None:
    run("pass")
    pid = forkserver.pid
    assert pid
    os.kill(pid, signal.SIGSTOP)
    stop = Stop()
    code = f"open({str(tmp_path / 'ran')!r}, 'w')"
    if reason == "cancelled":
        Timer(0.1, stop.request, ["cancelled"]).start()
    outcome, _ = run(code, stop=stop, timeout=0.1 if reason == "timeout" else None)
    assert outcome.status == (Status.CANCELLED if reason == "cancelled" else Status.SCHEDULED)
    os.kill(pid, signal.SIGCONT)
    assert run("print('again')")[1].text() == "again\n"
    assert not (tmp_path / "ran").exists()


def test_a_script_that_is_stopped_while_its_fork_server_is_stopped_ends(
    forkserver: ForkServer, run: Any, alive: Alive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group, "PATIENCE", 0.2)
    stop = Stop()
    pids: list[int] = []

    def freeze() -> None:
        assert forkserver.pid
        pids.append(forkserver.pid)
        os.kill(pids[0], signal.SIGSTOP)
        stop.request("cancelled")

    code = f"alive = open({str(alive.path)!r}, 'w')\nprint('ready')\nwhile True: input"
    outcome, _ = run(code, stop=stop, output=Recorder(b"ready", freeze))
    with suppress(ProcessLookupError):
        os.kill(pids[0], signal.SIGCONT)
    assert outcome.status == Status.CANCELLED
