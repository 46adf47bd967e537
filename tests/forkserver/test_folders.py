"""What a script has of files is its user's alone, and goes with its worker, however that ends."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pgprocess.forkserver import folders
from tests.builders.attempts import DEADLINE, executing, running_scripts

executor = pytest.fixture(executing)
run = pytest.fixture(running_scripts)


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let temporary files lie here, for what the test starts, too."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.parametrize("kind", ["shell", "python"])
def test_nobody_else_can_read_the_files_of_a_script(run: Any, umask: None, kind: str) -> None:
    code = {
        "shell": 'dir=$(dirname "$PGPROCESS_RESULT"); stat -c %a "$dir" "$0" "$PGPROCESS_PARAMS_FILE"',
        "python": """
            import os, pathlib, stat
            folder = pathlib.Path(os.environ["PGPROCESS_RESULT"]).parent
            for path in (folder, __file__, os.environ["PGPROCESS_PARAMS_FILE"]):
                print(f"{stat.S_IMODE(os.stat(path).st_mode):o}")
        """,
    }[kind]
    _, output = run(code, kind=kind, params={"a": "x" * 100_000})
    assert output.text().split() == ["700", "600", "600"], output.stderr


def leftover(root: Path) -> Path:
    """Make what a killed worker leaves behind."""
    folder = root / "pgprocess-script-abcdefgh"
    folder.mkdir()
    (folder / "params.json").write_text("{}")
    return folder


def test_leftovers_go_and_what_is_in_use_or_not_ours_stays(temporary: Path) -> None:
    old = leftover(temporary)
    others = [temporary / name for name in ("pgprocess-other", "script", "pgprocess-tests-1")]
    for other in others:
        other.mkdir()
    link = temporary / "pgprocess-script-link"
    link.symlink_to(others[0])
    with folders.private_folder() as used:
        folders.sweep()
        assert used.is_dir()
    assert not old.exists() and not used.exists()
    assert all(other.is_dir() for other in (*others, link))


def test_what_was_started_for_a_leftover_is_ended(temporary: Path) -> None:
    folder = leftover(temporary)
    environment = os.environ | {"PGPROCESS_RESULT": str(folder / "result.json")}
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], env=environment)
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        time.sleep(0.1)
        folders.sweep()
        assert child.wait(DEADLINE) == -signal.SIGKILL
        assert bystander.poll() is None
    finally:
        for each in (child, bystander):
            each.kill()
            each.wait()


@pytest.mark.parametrize("killed", ["the worker", "the worker and its fork server"])
def test_a_killed_worker_leaves_no_files_and_no_processes(temporary: Path, tmp_path: Path, killed: str) -> None:
    """By its fork server at once; where that is killed as well, by the next worker."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    child = f"alive = open({str(pipe)!r}, 'w'); print('up', flush=True); import time; time.sleep(600)"
    code = (
        "import os, subprocess, sys, time\n"
        f"started = subprocess.Popen([sys.executable, '-c', {child!r}],"
        "                           start_new_session=True, stdout=subprocess.PIPE)\n"
        "started.stdout.readline()\nprint(os.getppid(), flush=True)\ntime.sleep(600)"
    )
    command = [sys.executable, "-m", "tests.builders.forkserver_owner", code]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    owner = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    with pipe.open("rb") as alive:
        assert owner.stdout
        server = int(owner.stdout.readline())
        assert len(list(temporary.glob("pgprocess-script-*"))) == 1
        if killed != "the worker":
            os.kill(server, signal.SIGSTOP)
        owner.kill()
        owner.wait()
        if killed != "the worker":
            os.kill(server, signal.SIGKILL)
            deadline = time.monotonic() + DEADLINE
            while Path(f"/proc/{server}").exists() and time.monotonic() < deadline:
                time.sleep(0.01)
            folders.sweep()
        assert alive.read() == b""
    owner.stdout.close()
    deadline = time.monotonic() + DEADLINE
    while list(temporary.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert [stat.filemode(path.stat().st_mode) for path in temporary.iterdir()] == []
