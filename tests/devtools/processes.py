"""Other Python processes that start a cluster of their own, and how to see a process end."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]

STARTS_A_CLUSTER = """
import os, signal, sys
from pathlib import Path
from pgprocess.devtools.postgres import THROWAWAY, start_cluster
cluster = start_cluster(Path(sys.argv[1]), settings=THROWAWAY)
print(cluster.pid, cluster.url(), flush=True)
"""


@contextmanager
def a_process(code: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run ``code`` in a session of its own, killed at the end of the block if it is still there."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
        start_new_session=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def said(process: subprocess.Popen[str]) -> list[str]:
    """Wait for the next line of ``process`` and return its words."""
    assert process.stdout
    words = process.stdout.readline().split()
    assert words, "the process ended without a word"
    return words


def ends(pid: int, seconds: float = 60.0) -> bool:
    """Tell whether the process ``pid``, which need not be ours, has ended before ``seconds`` are over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.01)
    return False
