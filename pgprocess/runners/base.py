"""What a runner is given, and what it gives back: one attempt in, one Outcome out."""

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

StopReason = Literal["cancelled", "timeout", "shutdown", "fenced"]


@dataclass(frozen=True, slots=True)
class Run:
    """One attempt of one task, as a runner is given it.

    ``commit`` writes an outcome into the transaction that Django has open on the queue's database, and returns False
    where the task belongs to this worker no more.
    """

    claim: Claim
    version: Version
    commit: Callable[[Outcome], bool] | None = None

    @property
    def task(self) -> str:
        """The task's name, for sentences."""
        return self.claim.task_name

    @property
    def tries(self) -> int:
        """How many tries count so far, this one included."""
        return max(1, self.claim.attempt - self.claim.free_attempts)

    @property
    def attempts_left(self) -> int:
        """How many tries may follow this one."""
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
            params=self._read("params", claim.params, json.loads),
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
    """Something that happens at most once."""

    __slots__ = ("_callbacks", "_event", "_lock", "has_happened")

    def __init__(self) -> None:
        self.has_happened = False
        # One each: a lock for all was fought for by every two attempts, which took longer than anything else.
        self._lock = threading.Lock()
        self._event: threading.Event | None = None
        self._callbacks: list[Callable[[], object]] | None = None

    def happen(self) -> None:
        """It has happened; everybody who waited for it has been called, in this thread."""
        with self._lock:
            callbacks, self._callbacks = self._callbacks, None
            self.has_happened = True
            if self._event:
                self._event.set()
        for callback in callbacks or ():
            callback()

    def then(self, callback: Callable[[], object]) -> None:
        """``callback`` is called when it happens, or now if it has."""
        with self._lock:
            if not self.has_happened:
                self._callbacks = [*(self._callbacks or ()), callback]
                return
        callback()

    def is_set(self) -> bool:
        """Whether it has happened; the word is that of :class:`threading.Event`."""
        return self.has_happened

    def wait(self, timeout: float | None = None) -> bool:
        """It has happened, or ``timeout`` seconds have passed; which of them."""
        with self._lock:
            if self._event is None:
                self._event = threading.Event()
                if self.has_happened:
                    self._event.set()
        return self._event.wait(timeout)


class Stop:
    """Tells one attempt to end early. The first reason stays.

    ``requested`` happens when somebody asks; ``abandoned`` when the runner has tried all it could, and the
    task's code runs on regardless: from then on nobody waits for it.
    """

    __slots__ = ("_lock", "_too_late", "abandoned", "reason", "requested")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reason: StopReason | None = None
        self.requested = Moment()
        self.abandoned = Moment()
        self._too_late = False

    def request(self, reason: StopReason) -> None:
        """The attempt has been told to end, unless it was before, or has ended by itself. From any thread."""
        with self._lock:
            if self.reason or self._too_late:
                return
            self.reason = reason
        self.requested.happen()

    def close(self) -> None:
        """The attempt has ended: what is requested from now on changes nothing."""
        with self._lock:
            self._too_late = True


class Runner(Protocol):
    """Runs the attempts of one kind of task."""

    def run(self, run: Run, output: Output, stop: Stop) -> Outcome:
        """It has ended, and nothing of it runs on. What the task's code raises comes out as it is.

        ``scheduled`` means: this try failed, or asks for another one; whether there is one is decided
        elsewhere (:mod:`pgprocess.runners.executor`), as is what a requested ``stop`` makes of the ending, and when a
        timeout is over.
        """


class ConcurrentRunner(ABC):
    """A runner that need not keep a thread waiting for each attempt."""

    @abstractmethod
    def run(self, run: Run, output: Output, stop: Stop) -> Outcome:
        """As every :class:`Runner`."""

    @abstractmethod
    def blocks(self, run: Run) -> bool:
        """Whether this run needs a thread of its own: call :meth:`run` there, else :meth:`submit`."""

    @abstractmethod
    def submit(self, run: Run, output: Output, stop: Stop, on_end: Callable[[Callable[[], Outcome]], object]) -> None:
        """It has begun. ``on_end`` will be called with what returns or raises as :meth:`run` would have."""
