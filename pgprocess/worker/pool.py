"""What a worker has in hand: the tasks that run, the threads they run in, and how they ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from pgprocess.attempt import Claim, Outcome, Version
from pgprocess.logs.buffer import Logbook
from pgprocess.runners.base import Run, StopReason
from pgprocess.runners.executor import Executor
from pgprocess.worker.completer import commit_within
from pgprocess.worker.running import Ends, Running

SPARE_THREADS = 100


class Hands:
    """Room for ``slots`` tasks at once, of the queue on ``alias``; ``running`` has those that run, by their id."""

    def __init__(self, executor: Executor, logbook: Logbook, ends: Ends, *, alias: str, slots: int) -> None:
        self.executor = executor
        self.logbook = logbook
        self.ends = ends
        self.alias = alias
        self.slots = slots
        self.worker: int | None = None
        self.running: dict[int, Running] = {}
        # More than slots: an abandoned task keeps its thread.
        self._threads = ThreadPoolExecutor(slots + SPARE_THREADS, thread_name_prefix="pgprocess-task")

    @property
    def free(self) -> int:
        """How many more there is room for."""
        return self.slots - len(self.running)

    def begin(self, claims: Sequence[Claim], versions: Mapping[int, Version]) -> None:
        """What ``worker`` claimed runs; each end will be among the ``ends``."""
        with self.executor.together():
            for claim in claims:
                self._begin(claim, versions[claim.version_id])

    def _begin(self, claim: Claim, version: Version) -> None:
        running = Running(claim, self.logbook.page(claim.id, claim.attempt))
        self.running[claim.id] = running
        running.log_start(self.worker)

        def done(outcome: Outcome) -> None:
            running.page.close()
            self.ends.add(running, outcome)

        run = Run(claim, version, lambda outcome: commit_within(self.alias, running, outcome))
        self.executor.begin(run, running.page, running.stop, done, self._threads.submit)

    def ended(self) -> Iterator[tuple[Running, Outcome]]:
        """Tasks that ended since; their slots are free."""
        for running, outcome in self.ends.take():
            self.let_go(running, outcome)
            yield running, outcome

    def let_go(self, running: Running, outcome: Outcome) -> None:
        """It counts as ended so, and its slot is free, whatever becomes of it."""
        if self.running.get(running.claim.id) is running:
            del self.running[running.claim.id]
        running.log_end(self.worker, outcome)

    def stop(self, why: StopReason) -> None:
        """All that runs is told to stop."""
        for running in self.running.values():
            running.stop.request(why)

    def close(self) -> None:
        """Nothing of it runs on, but for code that can't be stopped."""
        self.executor.close()
        self._threads.shutdown(wait=False, cancel_futures=True)
