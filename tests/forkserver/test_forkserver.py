"""The fork server: many programs at once, each as if Python had started it, and nothing left open or behind."""

from __future__ import annotations

import gzip
import json
import os
import resource
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from pgprocess.attempt import Outcome
from pgprocess.forkserver import environment, reaper
from pgprocess.forkserver.client import ForkServer
from pgprocess.runners.executor import Executor
from pgprocess.statuses import Status
from tests.builders.attempts import GRACE, Recorder, a_run, executing_scripts, forkserver, outcome_of, running_scripts

executor = pytest.fixture(executing_scripts)
run = pytest.fixture(running_scripts)

SERVER = "import os; print(os.getppid())"


@pytest.fixture
def own() -> Iterator[ForkServer]:
    """A fork server of the test's own."""
    own = ForkServer(renew_after=3)
    yield own
    own.close()


@pytest.fixture
def run_own(own: ForkServer) -> Iterator[Any]:
    executor = Executor(grace=GRACE, forkserver=own)
    yield running_scripts(executor)
    executor.close()


def pid_of(forkserver: ForkServer) -> int:
    assert forkserver.pid
    return forkserver.pid


# Many


def test_fifty_scripts_at_once_leave_nothing_open_and_no_zombie(executor: Executor) -> None:
    def one(n: int) -> str:
        output = Recorder()
        outcome_of(executor, a_run(id=n, code=f"print({n})"), output)
        return output.text()

    one(0)
    before = os.listdir("/proc/self/fd")
    with ThreadPoolExecutor(16) as threads:
        assert list(threads.map(one, range(50))) == [f"{n}\n" for n in range(50)]
    assert len(os.listdir("/proc/self/fd")) == len(before)
    server = Path(f"/proc/{pid_of(forkserver())}")
    assert (server / "task" / server.name / "children").read_text() == ""


def test_the_server_has_one_thread_and_no_connection(run: Any) -> None:
    code = """
        import os, threading
        from django.db import connections
        server = f"/proc/{os.getppid()}"
        links = [os.readlink(f"{server}/fd/{fd}") for fd in os.listdir(f"{server}/fd")]
        print(os.listdir(f"{server}/task"), threading.active_count(), [each.connection for each in connections.all()])
        print(len([link for link in links if link.startswith("socket:")]))
    """
    _, output = run(code)
    pid = pid_of(forkserver())
    # to the worker; the two ends that signals wake; the script's own line
    assert output.text().splitlines() == [f"['{pid}'] 1 [None]", "4"], output.stderr


def test_a_script_holds_nothing_of_the_others(executor: Executor, run: Any, tmp_path: Path) -> None:
    """A script that held a pipe of another would keep the output of that one from ending."""
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    waits = f"print('up')\nopen({str(gate)!r}).read()"
    shows = "import os; print(sorted(int(fd) for fd in os.listdir('/proc/self/fd')))"
    seen: list[str] = []

    def look() -> None:
        seen.append(run(shows)[1].text())
        seen.append(run("ls /proc/self/fd", kind="shell")[1].text())
        gate.write_text("go")

    run(waits, output=Recorder(b"up", look))
    in_python, in_shell = json.loads(seen[0]), seen[1].split()
    assert len(in_python) == 4 and in_python[:3] == [0, 1, 2], seen  # and the folder that it reads
    assert len(in_shell) == 4 and in_shell[:3] == ["0", "1", "2"], seen


# Renewal


def test_the_server_is_renewed_without_losing_what_runs(own: ForkServer, run_own: Any, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    servers: list[str] = []

    def renew() -> None:
        while len(set(servers)) < 3:
            servers.append(run_own(SERVER)[1].text())
        gate.write_text("go")

    code = f"import os\nprint(os.getppid())\nopen({str(gate)!r}).read()\nprint('done', os.getppid())"
    outcome, output = run_own(code, output=Recorder(b"\n", renew))
    first, said = output.text().splitlines()
    assert (outcome.status, said) == (Status.SUCCEEDED, f"done {first}")
    assert own.generation >= 3
    ended = os.waitid(os.P_PID, int(first), os.WEXITED | os.WNOWAIT)
    assert ended and (ended.si_code, ended.si_status) == (os.CLD_EXITED, 0)


def test_a_successor_that_never_gets_ready_is_not_used(
    own: ForkServer, run_own: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first = run_own(SERVER)[1].text()
    monkeypatch.setattr(environment, "_settings_module", lambda: {"DJANGO_SETTINGS_MODULE": "no_such.settings"})
    while not caplog.messages:
        assert run_own(SERVER)[1].text() == first
    assert caplog.messages[0].startswith("The process that starts scripts could not be renewed: Django can't be made")


def test_settings_that_can_not_be_imported_are_told_in_one_sentence_until_they_can(
    run_own: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(environment, "_settings_module", lambda: {"DJANGO_SETTINGS_MODULE": "no_such.settings"})
        for kind in ("python", "shell"):
            outcome, output = run_own("pass", kind=kind)
            assert outcome.status == Status.SCHEDULED
            assert outcome.error.startswith("Django can't be made ready for scripts: ")
            assert "'no_such.settings', which can't be imported" in outcome.error
            assert output.written == []
    assert run_own("print('again')")[1].text() == "again\n"


def test_a_closed_fork_server_starts_nothing_more(own: ForkServer, run_own: Any) -> None:
    run_own("pass")
    own.close()
    assert run_own("pass")[0].error == "the worker stops"


# As Python itself


def test_a_script_ends_when_its_threads_have_and_before_its_daemons_do(run: Any) -> None:
    code = """
        import atexit, threading, time
        atexit.register(print, "at exit")
        gate = threading.Event()
        def late():
            gate.wait()
            time.sleep(0.05)
            print("thread")
        def forever():
            while True: time.sleep(0.01)
        threading.Thread(target=late).start()
        threading.Thread(target=forever, daemon=True).start()
        gate.set()
        print("main")
    """
    outcome, output = run(code)
    assert (outcome.status, output.text(), output.stderr) == (Status.SUCCEEDED, "main\nthread\nat exit\n", "")


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing_works(run: Any, method: str) -> None:
    code = f"""
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor
        def double(n): return n * 2
        if __name__ == "__main__":
            context = multiprocessing.get_context({method!r})
            with context.Pool(2) as pool:
                print(pool.map(double, [1, 2]))
            with ProcessPoolExecutor(2, context) as pool:
                print(list(pool.map(double, [3])))
    """
    outcome, output = run(code)
    assert output.text() == "[2, 4]\n[6]\n", output.stderr
    assert (outcome.status, "Error" in output.stderr) == (Status.SUCCEEDED, False)


def test_asyncio_works(run: Any) -> None:
    code = """
        import asyncio
        async def main():
            program = await asyncio.create_subprocess_exec("echo", "child", stdout=asyncio.subprocess.PIPE)
            print(await program.communicate(), program.returncode)
        asyncio.run(main())
    """
    assert run(code)[1].text() == "(b'child\\n', None) 0\n"


def test_what_a_script_did_not_close_is_written(run: Any, tmp_path: Path) -> None:
    code = f"""
        import gzip, sys, zipfile
        plain = open({str(tmp_path / "plain")!r}, "w")
        plain.write("kept")
        packed = gzip.open({str(tmp_path / "packed.gz")!r}, "wt")
        packed.write("kept")
        archive = zipfile.ZipFile({str(tmp_path / "archive.zip")!r}, "w")
        archive.writestr("name", "kept")
        sys.modules["json"].held = open({str(tmp_path / "held")!r}, "w")
        sys.modules["json"].held.write("kept")
        class Thing:
            def __del__(self): print("gone", tidy())
        def tidy(): return "tidily"
        thing = Thing()
        sys.stdout.write("no line end")
    """
    outcome, output = run(code)
    assert (outcome.status, output.stderr) == (Status.SUCCEEDED, "")
    assert output.text() == "no line endgone tidily\n"
    assert (tmp_path / "plain").read_text() == "kept"
    assert (tmp_path / "held").read_text() == "kept"
    assert gzip.decompress((tmp_path / "packed.gz").read_bytes()) == b"kept"
    assert zipfile.ZipFile(tmp_path / "archive.zip").read("name") == b"kept"


@pytest.mark.parametrize(
    ("code", "exit_code", "said"),
    [
        ("import os; os._exit(7)", 7, ""),
        ("import sys; sys.exit()", 0, ""),
        ("import sys; sys.exit(True)", 1, ""),
        ("import sys; sys.exit('no file')", 1, "no file\n"),
        ("import sys; sys.exit(2.5)", 1, "2.5\n"),
        ("import sys; sys.exit(['a'])", 1, "['a']\n"),
        ("import sys; sys.exit(-1)", 255, ""),
        ("import sys; sys.exit(256 + 3)", 3, ""),
        ("import sys; sys.stdin.close(); sys.stdout.close(); sys.exit(5)", 5, ""),
        ("import os; [os.close(fd) for fd in (0, 1, 2)]; os._exit(5)", 5, ""),
        ("import sys; sys.stderr = None; sys.exit('no file')", 1, ""),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", -15, ""),
        ("import os; os.abort()", -6, ""),
    ],
)
def test_the_exit_code_is_pythons_own(run: Any, code: str, exit_code: int, said: str) -> None:
    outcome, output = run(code)
    assert (outcome.exit_code, output.stderr) == (exit_code, said)


def test_a_large_environment_and_many_arguments_arrive(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_LARGE", "x" * 1_000_000)
    code = "import os, sys; print(len(os.environ['SHOP_LARGE']), len(sys.argv), os.environ['PGPROCESS_TASK'])"
    _, output = run(code, arguments="word " * 20_000, task_name="größe")
    assert output.text() == "1000000 20001 größe\n"


def test_chance_is_another_one_in_every_script(run: Any) -> None:
    code = "import random, uuid; print(random.random(), uuid.uuid4())"
    assert len({number for _ in range(3) for number in run(code)[1].text().split()}) == 6


def test_nothing_but_an_outcome_comes_of_a_server_that_can_not_fork(run_own: Any, own: ForkServer) -> None:
    """The server can't fork when too many files are open in it, for example."""
    run_own("pass")
    soft, hard = resource.prlimit(pid_of(own), resource.RLIMIT_NOFILE)
    resource.prlimit(pid_of(own), resource.RLIMIT_NOFILE, (8, hard))
    outcome, _ = run_own("pass")
    assert (outcome.status, outcome.lost) == (Status.READY, True)
    resource.prlimit(pid_of(own), resource.RLIMIT_NOFILE, (soft, hard))
    assert run_own("pass")[0] == Outcome(status=Status.SUCCEEDED, exit_code=0)


def test_what_an_app_starts_when_it_is_imported_is_not_taken_for_a_leftover(
    own: ForkServer, run_own: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "starting.py").write_text(
        "import subprocess\nfrom tests.settings import *\n"
        "started = subprocess.Popen(['sleep', '600'])\n"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(started.pid))\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(environment, "_settings_module", lambda: {"DJANGO_SETTINGS_MODULE": "starting"})
    code = "import subprocess; subprocess.Popen(['sleep', '600'], start_new_session=True)"
    assert run_own(code)[0].status == "succeeded"
    assert run_own(code)[0].status == "succeeded"
    pid = int((tmp_path / "pid").read_text())
    assert reaper.living(pid)
    os.kill(pid, 9)
