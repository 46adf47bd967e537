"""One arena for the whole room; at its end the fleet has ended as it should, and the figures are told."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.arena import Arena
from tests.chaos.form import FORM
from tests.chaos.journal import VARIABLE
from tests.chaos.report import write

TABLE = pytest.StashKey[str]()


@pytest.fixture(scope="session")
def arena(request: pytest.FixtureRequest) -> Iterator[Arena]:
    """Everything that can be harmed."""
    folder = Path(tempfile.mkdtemp(prefix="chaos-", dir="/tmp"))  # sockets have short names
    folder.chmod(0o755)
    arena = Arena(folder)
    try:
        with arena.torn_down:
            arena.build()
            try:
                yield arena
            finally:
                codes = arena.fleet.stop(FORM.patience)
                request.config.stash[TABLE] = write(arena.stories)
            assert codes == [0] * len(codes)
            assert arena.fleet.strays(f"{VARIABLE}={arena.journal}") == []
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """What each fault cost."""
    if table := config.stash.get(TABLE, ""):
        terminalreporter.section(f"chaos, {FORM.name} form; times in seconds")
        terminalreporter.write_line(table)
