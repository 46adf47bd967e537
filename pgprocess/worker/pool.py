"""The slots of a worker, the tasks that run in them, and the threads that those run in."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from pgprocess.attempt import Claim, Outcome, Version
from pgprocess.logs.buffer import LogBuffer
from pgprocess.runners.base import Run, StopReason
from pgprocess.runners.executor import Executor
from pgprocess.statuses import Status
from pgprocess.worker.completer import commit_within
from pgprocess.worker.running import Running

SPARE_THREADS = 100
NOT_ALONE = Outcome(status=Status.READY, reason="given back: workers were lost while it ran, so it must run alone")


class Suspect:
    """A task that must run alone, and the call that begins it, which counts once. Thread: any."""

    def __init__(self, running: Running, begin: Callable[[], object]) -> None:
        self.running = running
        self._begins = [begin]  # pop() is atomic

    def begin(self) -> None:
        """Begin the task, unless it has begun."""
        try:
            begin = self._begins.pop()
        except IndexError:
            return
        begin()


class Pool:
    """Room for ``slots`` tasks at once; ``running`` has the tasks that run, by their ids.

    ``alias``: the database of the queue. ``ended`` is called with each end, in whatever thread.

    A task that lost ``max_crashes`` workers is a suspect. It runs with nothing beside it, so that if this worker dies,
    too, everybody knows of what: the suspect waits until the others have ended, and nothing is begun meanwhile.
    """

    def __init__(
        self,
        executor: Executor,
        logs: LogBuffer,
        *,
        alias: str,
        slots: int,
        ended: Callable[[Running, Outcome], object],
        max_crashes: int = 3,
    ) -> None:
        self.executor = executor
        self.logs = logs
        self.alias = alias
        self.slots = slots
        self.ended = ended
        self.max_crashes = max_crashes
        self.worker: int | None = None
        self.running: dict[int, Running] = {}
        self.suspect: Suspect | None = None
        # More than slots: an abandoned task keeps its thread.
        self._threads = ThreadPoolExecutor(slots + SPARE_THREADS, thread_name_prefix="pgprocess-task")
        self._threads_left = slots + SPARE_THREADS
        self._lock = threading.Lock()

    @property
    def free(self) -> int:
        """How many more tasks there is room for."""
        return 0 if self.suspect else min(self.slots - len(self.running), self._threads_left)

    @property
    def is_used_up(self) -> bool:
        """Whether tasks that don't end keep all threads, so that nothing more can begin."""
        return self._threads_left <= 0 or self.executor.is_used_up

    def begin(self, claims: Sequence[Claim], versions: dict[int, Version]) -> None:
        """Run what ``worker`` claimed."""
        with self.executor.together():
            for claim in claims:
                running = Running(claim, self.logs.task_log(claim.id, claim.attempt))
                self.running[claim.id] = running
                if self._is_suspect(claim):
                    self._hold(running, versions[claim.version_id])
                else:
                    self._begin(running, versions[claim.version_id])
        self._begin_suspect()

    def _is_suspect(self, claim: Claim) -> bool:
        return 0 < claim.crashes >= self.max_crashes

    def _hold(self, running: Running, version: Version) -> None:
        if self.suspect:
            self.ended(running, NOT_ALONE)
            return
        self.suspect = suspect = Suspect(running, lambda: self._begin(running, version))
        running.stop.requested.then(suspect.begin)  # which reports the stop at once

    def _begin_suspect(self) -> None:
        if self.suspect and len(self.running) == 1:
            self.suspect.begin()

    def _begin(self, running: Running, version: Version) -> None:
        claim = running.claim
        running.log_start(self.worker)

        def done(outcome: Outcome) -> None:
            running.log.close()
            if outcome.lost and self._is_suspect(claim):  # it ran alone, so nobody else is to blame
                outcome = replace(outcome, status=Status.FAILED, reason="worker lost")
            self.ended(running, outcome)

        run = Run(claim, version, lambda outcome: commit_within(self.alias, running, outcome))
        self.executor.begin(run, running.log, running.stop, done, self._in_thread)

    def _in_thread(self, call: Callable[[], None]) -> None:
        def run() -> None:
            try:
                call()
            finally:
                with self._lock:
                    self._threads_left += 1

        with self._lock:
            self._threads_left -= 1
        self._threads.submit(run)

    def release(self, running: Running, outcome: Outcome) -> None:
        """Free the slot of a task that ended or is given up, and log the end."""
        if self.running.get(running.claim.id) is running:
            del self.running[running.claim.id]
        if self.suspect and self.suspect.running is running:
            self.suspect = None
        self._begin_suspect()
        running.log_end(self.worker, outcome)

    def stop(self, why: StopReason) -> None:
        """Tell all running tasks to stop."""
        for running in self.running.values():
            running.stop.request(why)

    def close(self) -> None:
        """End everything that runs, but for code that can't be stopped."""
        self.executor.close()
        self._threads.shutdown(wait=False, cancel_futures=True)
