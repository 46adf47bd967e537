"""Stopping a script ends all that came of it, wherever it went; a script that ends leaves nothing running either."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pgprocess.forkserver import reaper
from pgprocess.runners.base import Stop
from pgprocess.statuses import Status
from tests.builders.attempts import DEADLINE, Alive, Recorder, executing_scripts, keeping_alive, running_scripts

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell who comes of whom")

alive = pytest.fixture(keeping_alive)
executor = pytest.fixture(executing_scripts)
run = pytest.fixture(running_scripts)

DOUBLE = """
import os, signal, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.chdir("/")
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        alive = open({path!r}, "w")
        open({ready!r}, "w").close()
        null = os.open(os.devnull, os.O_RDWR)
        for number in range(3):
            os.dup2(null, number)
        while True:
            time.sleep(600)
    os._exit(0)
os.wait()
while not os.path.exists({ready!r}):
    time.sleep(0.01)
"""
POPEN = """
import subprocess, sys, os, time
subprocess.Popen([sys.executable, "-c", {child!r}], {options})
while not os.path.exists({ready!r}):
    time.sleep(0.01)
"""
CHILD = "alive = open({path!r}, 'w'); open({ready!r}, 'w').close(); import time; time.sleep(600)"
WAITS = "while [ ! -e {ready} ]; do sleep 0.01; done"

SHELL = {
    "timeout": "timeout 3000 {python} -c {child} & " + WAITS,
    "its own jobs": "set -m\n{python} -c {child} &\n" + WAITS,
    "a session": "setsid -w {python} -c {child} & " + WAITS,
    "nohup": "nohup setsid {python} -c {child} >/dev/null 2>&1 & " + WAITS,
    "a subshell": "(setsid {python} -c {child} &) ; " + WAITS,
    "without environment": "env -i setsid {python} -c {child} & " + WAITS,
    "three deep": "setsid sh -c 'setsid \"$@\" & wait' sh {python} -c {child} & " + WAITS,
}
PYTHON = {
    "a new session": POPEN.replace("{options}", "start_new_session=True"),
    "a new group": POPEN.replace("{options}", "process_group=0"),
    "a clean environment": POPEN.replace("{options}", "start_new_session=True, env={{}}"),
    "a double fork": DOUBLE,
}
CASES = [("shell", name) for name in SHELL] + [("python", name) for name in PYTHON]


def script(kind: str, name: str, path: Path, ready: Path) -> str:
    child = CHILD.format(path=str(path), ready=str(ready))
    if kind == "shell":
        quoted = "'" + child.replace("'", "'\\''") + "'"
        return SHELL[name].format(python=sys.executable, child=quoted, ready=ready)
    return PYTHON[name].format(child=child, path=str(path), ready=str(ready))


@pytest.mark.parametrize(("kind", "name"), CASES, ids=[f"{kind}: {name}" for kind, name in CASES])
@pytest.mark.parametrize("end", ["cancelled", "timeout", "shutdown", "success", "failure"])
def test_nothing_that_came_of_a_script_runs_on(
    run: Any, alive: Alive, tmp_path: Path, kind: str, name: str, end: str
) -> None:
    """The fixture asserts it: whoever holds the pipe is gone."""
    code = script(kind, name, alive.path, tmp_path / "ready")
    sleeps = {"shell": "echo ready; sleep 600; :", "python": "print('ready', flush=True); time.sleep(600)"}[kind]
    ends = {"success": "", "failure": "exit 3" if kind == "shell" else "sys.exit(3)"}.get(end, sleeps)
    stop = Stop()
    reason: Any = end
    output = Recorder(b"ready", (lambda: stop.request(reason)) if end not in ("success", "failure") else lambda: None)
    outcome, _ = run(f"{code}\n{ends}\n", kind=kind, output=output, stop=stop)
    expected = {"cancelled": Status.CANCELLED, "shutdown": Status.READY, "success": Status.SUCCEEDED}
    assert outcome.status == expected.get(end, Status.SCHEDULED), (outcome, output.stderr)


def test_what_is_begun_while_it_is_being_killed_is_killed_too(run: Any, alive: Alive) -> None:
    code = f"""
        import os, signal, time
        alive = open({str(alive.path)!r}, "w")
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print("ready", flush=True)
        for _ in range(200):
            if os.fork():
                time.sleep(0.05)
                os._exit(0)
            os.setsid()
        time.sleep(600)
    """
    stop = Stop()
    outcome, _ = run(code, output=Recorder(b"ready", lambda: stop.request("cancelled")), stop=stop)
    assert outcome.status in (Status.CANCELLED, Status.SUCCEEDED)


def test_a_later_process_with_the_same_number_is_left_alone() -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    pid = child.pid
    process = reaper.living(pid)
    assert process
    try:
        reaper.send(process._replace(began=process.began - 1), signal.SIGKILL)
        assert reaper.still({process, process._replace(began=0)}) == {process}
        reaper.send(process, signal.SIGKILL)
        assert child.wait(DEADLINE) == -signal.SIGKILL
    finally:
        child.kill()
        child.wait()
    assert reaper.living(pid) is None
