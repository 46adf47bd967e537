"""A process with a fork server of its own, for tests to kill: it runs the scripts that its arguments are, all at once.

What they write it writes; each outcome is a line that begins with its status. It is not impressed by SIGINT.
"""

from __future__ import annotations

import signal
import sys
from concurrent.futures import ThreadPoolExecutor

import pgprocess.env  # noqa: F401
from pgprocess.runners.executor import Executor
from tests.builders.attempts import a_run, outcome_of


class Echo:
    """Output that is ours."""

    def write(self, stream: str, data: bytes) -> None:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()


def main() -> None:
    """All scripts have ended."""
    signal.signal(signal.SIGINT, lambda *_: print("interrupted", flush=True))
    executor = Executor(grace=1.0)
    with ThreadPoolExecutor(len(sys.argv)) as threads:
        runs = [a_run(code=code) for code in sys.argv[1:]]
        for outcome in threads.map(lambda run: outcome_of(executor, run, Echo()), runs):
            print(f"{outcome.status} {outcome.error}", flush=True)
    executor.close()


if __name__ == "__main__":
    main()
