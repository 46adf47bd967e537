"""The demo, from nothing to a report: one run of the whole example as a newcomer starts it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.acceptance.archive import Archive
from tests.acceptance.example import PROJECT
from tests.acceptance.page import Page

pytestmark = pytest.mark.slow

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty demo folder."""
    return tmp_path / "demo"


@pytest.fixture
def start(folder: Path) -> Start:
    """Start the demo in that folder, with a server of its own."""
    environment = {name: value for name, value in os.environ.items() if name != "PGPROCESS_DATABASE_URL"}
    environment |= {"DEMO_FOLDER": str(folder), "PYTHONPATH": str(PROJECT.parent)}

    def demo(*arguments: str, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, str(PROJECT / "demo.py"), *arguments],
            env=environment | more,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return demo


def test_the_demo_runs_the_whole_process_and_writes_its_report(start: Start, folder: Path, archive: Archive) -> None:
    demo = start("--exit")
    output, _ = demo.communicate(timeout=400)
    assert demo.returncode == 0, output
    assert re.search(r"^ecb-rates #1: 14 tasks, succeeded in [\d.]+ s\.$", output, re.MULTILINE), output
    (report,) = (folder / "reports").glob("*.html")
    assert str(report) in output
    page = Page(report.read_text())
    assert page.texts["rows"] == f"{len(archive.published):,}"
    assert page.texts["days"] == f"{len(archive.days):,}"
    assert page.texts["found"] == str(len(archive.anomalies))
    assert left_behind(folder) == []


def test_a_demo_that_is_stopped_on_its_way_leaves_nothing_running(start: Start, folder: Path) -> None:
    demo = start("--exit")
    assert demo.stdout is not None
    seen = next(line for line in demo.stdout if "extract: running" in line)
    demo.send_signal(signal.SIGTERM)
    rest, _ = demo.communicate(timeout=100)
    assert demo.returncode == 128 + signal.SIGTERM, seen + rest
    assert "stopped" in rest
    assert left_behind(folder) == []


def test_a_failed_job_is_explained_and_ends_the_demo_with_1(start: Start, folder: Path) -> None:
    folder.mkdir()
    (folder / "work").touch()  # where a folder should be made
    demo = start("--exit")
    output, _ = demo.communicate(timeout=400)
    assert demo.returncode == 1, output
    assert "✗ extract: " in output
    assert "FileExistsError" in output
    assert left_behind(folder) == []


def test_a_port_without_meaning_is_refused_in_one_sentence(start: Start, folder: Path) -> None:
    demo = start(DEMO_PORT="http")
    output, _ = demo.communicate(timeout=100)
    assert (demo.returncode, output) == (
        1,
        "DEMO_PORT is 'http', which is no port: give a number from 1 to 65535.\n",
    )
    assert left_behind(folder) == []


def left_behind(folder: Path) -> list[str]:
    """Every process that was told of the demo's folder, in its arguments or its environment."""
    listed = subprocess.run(
        ["ps", "axeww", "-o", "pid=,command="], capture_output=True, text=True, errors="replace", check=True
    )
    return [line for line in listed.stdout.splitlines() if str(folder) in line]
