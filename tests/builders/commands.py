"""The management commands as what they are: processes of their own, on the test's database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


def _begin(*arguments: str, settings: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "django", *arguments],
        cwd=REPOSITORY,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": settings},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def running(*arguments: str, settings: str = "tests.settings") -> Iterator[subprocess.Popen[str]]:
    """A command runs, and has ended after the block, in whatever way."""
    with _begin(*arguments, settings=settings) as process:
        try:
            yield process
        finally:
            process.kill()


def ended(*arguments: str, seconds: float = 60.0, settings: str = "tests.settings") -> tuple[int, str]:
    """A command has run to its end by itself: its exit code, and what it said."""
    with running(*arguments, settings=settings) as process:
        said, _ = process.communicate(timeout=seconds)
        return process.returncode, said


def stopped(process: subprocess.Popen[str], number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
    """A command has ended after a signal: its exit code, and what it said."""
    process.send_signal(number)
    said, _ = process.communicate(timeout=60)
    return process.returncode, said
