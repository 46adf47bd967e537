"""The interface of runners: a Run, an Output and a Stop go in, one Outcome comes out.

The worker makes these, the executor (:mod:`pgprocess.runners.executor`) hands them to the runner of the task's kind.
"""

from __future__ import annotations

import json
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from pgprocess.attempt import Claim, Outcome, Version
from pgprocess.context import Context
from pgprocess.exceptions import PgprocessError
from pgprocess.logs.capture import Output

StopReason = Literal["cancelled", "timeout", "shutdown", "fenced", "blocked"]


@dataclass(frozen=True, slots=True)
class Run:
    """One attempt of one task, as a runner receives it.

    ``commit`` writes an outcome into the transaction that Django has open on the queue's database. It returns False
    if the task does not belong to this worker any more.
    """

    claim: Claim
    version: Version
    commit: Callable[[Outcome], bool] | None = None

    @property
    def task(self) -> str:
        """The task's name, for messages."""
        return self.claim.task_name

    @property
    def callable_name(self) -> str:
        """The name of the function that a task of kind callable names."""
        return (self.version.target or self.version.code).strip()

    @property
    def tries(self) -> int:
        """The number of tries that count so far, this one included."""
        return max(1, self.claim.attempt - self.claim.free_attempts)

    @property
    def attempts_left(self) -> int:
        """The number of tries that may follow this one."""
        return max(0, self.version.max_attempts - self.tries)

    def context(self, stop: Stop) -> Context:
        """Return what the task's own code may know of its run. Raises :class:`PgprocessError` for what can't be read.

        Thread: the task's.
        """
        claim = self.claim
        return Context(
            job_id=claim.job_id,
            jobtask_id=claim.id,
            task=claim.task_name,
            attempt=claim.attempt,
            logical_date=self._read("logical date", claim.logical_date, datetime.fromisoformat),
            params=self._read("params", claim.params, json.loads) if claim.params != "{}" else {},
            parents=self._read("parents' results", claim.parents, json.loads) or {},
            map_index=claim.map_index,
            item=self._read("item", claim.item, json.loads),
            stopped=stop.requested,
        )

    def _read(self, what: str, text: str | None, read: Callable[[str], Any]) -> Any:
        try:
            return None if text is None else read(text)
        except (ValueError, RecursionError) as error:
            raise PgprocessError(f"The {what} of task {self.task!r} can't be read: {error}.") from None


class Moment:
    """An event that happens at most once, and calls back. Thread-safe."""

    __slots__ = ("_callbacks", "_event", "_lock", "has_happened")

    def __init__(self) -> None:
        self.has_happened = False
        # A lock for each: with one lock for all, attempts waited for each other, which took longer than anything else.
        self._lock = threading.Lock()
        self._event: threading.Event | None = None
        self._callbacks: list[Callable[[], object]] | None = None

    def happen(self) -> None:
        """Let the event happen: wake every thread in :meth:`wait`, and call every callback, in this thread."""
        with self._lock:
            callbacks, self._callbacks = self._callbacks, None
            self.has_happened = True
            if self._event:
                self._event.set()
        for callback in callbacks or ():
            callback()

    def then(self, callback: Callable[[], object]) -> None:
        """Call ``callback`` when the event happens, in the thread of :meth:`happen`; now, in this one, if it has."""
        with self._lock:
            if not self.has_happened:
                self._callbacks = [*(self._callbacks or ()), callback]
                return
        callback()

    def is_set(self) -> bool:
        """Return whether the event has happened; named as in :class:`threading.Event`."""
        return self.has_happened

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the event has happened, or for ``timeout`` seconds. Returns whether it has happened."""
        with self._lock:
            if self._event is None:
                self._event = threading.Event()
                if self.has_happened:
                    self._event.set()
        return self._event.wait(timeout)


class Stop:
    """The request that one attempt end early; the first reason stays. Thread-safe.

    ``requested`` happens when somebody asks. ``abandoned`` happens when the runner has tried all it could and the
    task's code still runs: from then on nobody waits for that code.
    """

    __slots__ = ("_lock", "_too_late", "abandoned", "reason", "requested")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reason: StopReason | None = None
        self.requested = Moment()
        self.abandoned = Moment()
        self._too_late = False

    def request(self, reason: StopReason) -> None:
        """Tell the attempt to end, unless it was told before or has ended by itself. Thread: any."""
        with self._lock:
            if self.reason or self._too_late:
                return
            self.reason = reason
        self.requested.happen()

    def close(self) -> None:
        """Ignore every later request, because the attempt has ended."""
        with self._lock:
            self._too_late = True


class Runner(Protocol):
    """Runs the attempts of one kind of task."""

    def run(self, run: Run, output: Output, stop: Stop) -> Outcome:
        """Run the attempt to its end and return its outcome; nothing that it started runs on. Thread: any.

        An outcome with the status ``scheduled`` means that this try failed, or asks for another one. The executor
        (:mod:`pgprocess.runners.executor`) decides whether there is another one, when a timeout is over, and what a
        requested ``stop`` makes of the outcome. Raises whatever the task's code raises, unchanged.
        """


class ConcurrentRunner(ABC):
    """A runner that does not need a waiting thread for each attempt."""

    @abstractmethod
    def run(self, run: Run, output: Output, stop: Stop) -> Outcome:
        """Run the attempt to its end, as :meth:`Runner.run` does."""

    @abstractmethod
    def blocks(self, run: Run) -> bool:
        """Return whether this run needs a thread of its own: if so, call :meth:`run` there, else :meth:`submit`."""

    @abstractmethod
    def submit(self, run: Run, output: Output, stop: Stop, on_end: Callable[[Callable[[], Outcome]], object]) -> None:
        """Begin the attempt without waiting for its end.

        At the end ``on_end`` is called, from any thread, with a function that returns or raises what :meth:`run`
        would have.
        """
