"""The executor makes exactly one Outcome from a run: prepare, run, normalise every ending, decide on another try.

The worker's pool hands runs to it, and the outcomes go to the completer. No run is lost: whatever goes wrong, in the
task's code or in this package, becomes an Outcome.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from functools import partial
from os import PathLike
from threading import Thread

from pgprocess import runners
from pgprocess.attempt import Outcome
from pgprocess.exceptions import Ending, PgprocessError
from pgprocess.forkserver import folders
from pgprocess.forkserver.client import ForkServer
from pgprocess.logs.capture import Output
from pgprocess.runners import endings, retry
from pgprocess.runners.base import ConcurrentRunner, Run, Runner, Stop
from pgprocess.runners.callable import CallableRunner
from pgprocess.runners.event_loop import EventLoop
from pgprocess.runners.permitted import Permitted
from pgprocess.text import storable

Done = Callable[[Outcome], object]
InThread = Callable[[Callable[[], None]], object]

LONGEST_TEXT = 10_000
"""The characters of an error or a reason that are kept; the whole text is in the attempt's output."""


class Executor:
    """Executes runs of every kind. Thread-safe; ``grace`` is in seconds, ``result_limit`` in bytes.

    ``code_allowed`` tells whether code from the database may run, ``permitted`` what else may where
    it does not. ``forkserver`` starts scripts; without one the
    executor makes its own, whose programs end ``lease`` seconds after the last pulse. ``runners`` has the runner of
    each kind.
    """

    def __init__(
        self,
        *,
        grace: float = 5.0,
        result_limit: int = 1_000_000,
        script_dirs: Sequence[str | PathLike[str]] = (),
        alias: str = "default",
        code_allowed: bool = True,
        permitted: Permitted | None = None,
        lease: float = 30.0,
        forkserver: ForkServer | None = None,
    ) -> None:
        self.clock = EventLoop("pgprocess-clock")
        self.forkserver = forkserver or ForkServer(lease=lease)
        if not forkserver:
            threading.Thread(target=folders.sweep, name="pgprocess-sweep", daemon=True).start()
        self._owned = (self.clock,) if forkserver else (self.clock, self.forkserver)
        self._code_allowed = code_allowed
        self._permitted = permitted or Permitted()
        self._callables = CallableRunner(grace=grace, result_limit=result_limit, clock=self.clock, alias=alias)
        self.runners = runners.table(
            grace=grace,
            result_limit=result_limit,
            forkserver=self.forkserver,
            script_dirs=script_dirs,
            alias=alias,
            callables=self._callables,
        )

    def begin(self, run: Run, output: Output, stop: Stop, done: Done, in_thread: InThread) -> None:
        """Begin the run; ``done`` is called with its outcome, exactly once, from whichever thread, so it must be quick.

        A run that keeps its thread until it has ended is handed to ``in_thread``, to be called in another one; any
        other begins at once. A sync callable that can't be stopped is abandoned: ``done`` is called, and its thread is
        not back until the code is.
        """
        attempt = _Attempt(run, output, stop, done)
        try:
            runner = self._runner(run)
        except Exception as error:  # noqa: BLE001  an unknown kind, forbidden code, a command that can't be split into words
            attempt.finish(partial(_reraise, error))
            return
        if isinstance(runner, ConcurrentRunner) and not runner.blocks(run):
            self._start(attempt, lambda: runner.submit(run, output, stop, attempt.finish))
        else:
            in_thread(lambda: self._start(attempt, lambda: attempt.finish(lambda: runner.run(run, output, stop))))

    @property
    def is_used_up(self) -> bool:
        """Whether async functions that block their loops leave no room for others."""
        return self._callables.is_used_up

    def threads(self) -> list[Thread]:
        """Return the threads of the event loops that were started."""
        return [*self.clock.threads(), *self._callables.threads()]

    def together(self) -> AbstractContextManager[None]:
        """Let async callables that begin within the block begin after it, all at once. For one thread at a time."""
        return self._callables.together()

    def _start(self, attempt: _Attempt, begin: Callable[[], object]) -> None:
        timeout, stop = attempt.run.version.timeout, attempt.stop
        if timeout is not None:
            attempt.forget_timeout = self.clock.later(timeout, stop.request, "timeout")
        stop.abandoned.then(attempt.abandon)
        if stop.reason:
            attempt.report(endings.of_stop(stop.reason, timeout=timeout))
        else:
            begin()

    def close(self) -> None:
        """End the executor's threads, and cancel what still runs on an event loop."""
        for thing in (*self.runners.values(), *self._owned):
            if close := getattr(thing, "close", None):
                close()

    def _runner(self, run: Run) -> Runner:
        if not self._code_allowed and runners.is_code(run):
            raise PgprocessError(
                f'Task {run.task!r} is code in the database, which PGPROCESS["ALLOW_DB_CODE"] = False forbids.'
            )
        if not self._code_allowed and (refusal := self._permitted.refusal(run)):
            raise PgprocessError(refusal)
        try:
            return self.runners[run.version.kind]
        except KeyError:
            known = ", ".join(self.runners)
            raise PgprocessError(
                f"Task {run.task!r} is of kind {run.version.kind!r}; this worker runs only {known}."
            ) from None


class _Attempt:
    """One attempt on its way to its end; only the first end counts."""

    __slots__ = ("_turns", "done", "forget_timeout", "output", "run", "stop")

    def __init__(self, run: Run, output: Output, stop: Stop, done: Done) -> None:
        self.run = run
        self.output = output
        self.stop = stop
        self.done = done
        self.forget_timeout: Callable[[], None] | None = None
        self._turns = [True]  # pop() is atomic, so only one thread gets it

    def finish(self, end: Callable[[], Outcome]) -> None:
        """Report the attempt's end: ``end`` returns the outcome, or raises what the task's code raised."""
        self.report(_normalise(end, self.run, self.output, self.stop))

    def abandon(self) -> None:
        """Report the attempt as stopped, though its code may still run."""
        self.report(_abandoned(self.run, self.stop))

    def report(self, outcome: Outcome) -> None:
        """Hand the outcome to ``done``, unless the attempt has been reported before. Thread: any."""
        try:
            self._turns.pop()
        except IndexError:
            return
        if self.forget_timeout:
            self.forget_timeout()
        self.done(_presentable(retry.decide(self.run, outcome)))


def _normalise(end: Callable[[], Outcome], run: Run, output: Output, stop: Stop) -> Outcome:
    """Return an Outcome for whatever ``end`` returns or raises; after a requested stop, the outcome of that stop."""
    try:
        outcome = _outcome_of(end)
    except BaseException as error:  # noqa: BLE001  a callable's sys.exit() must not take the worker's thread with it
        outcome = _failure(error, output)
    stop.close()
    if stop.reason and not outcome.committed:
        return endings.of_stop(stop.reason, timeout=run.version.timeout, exit_code=outcome.exit_code)
    return outcome


def _reraise(error: BaseException) -> Outcome:
    raise error


def _outcome_of(end: Callable[[], Outcome]) -> Outcome:
    try:
        return end()
    except Ending as ending:
        return endings.of_ending(ending)


def _failure(error: BaseException, output: Output) -> Outcome:
    if isinstance(error, PgprocessError) and not endings.met_task_code(error):
        return endings.failed(str(error))
    with suppress(Exception):  # the outcome matters more than the traceback
        output.write("stderr", endings.traceback_of(error))
    return endings.failed(endings.describe(error))


def _abandoned(run: Run, stop: Stop) -> Outcome:
    outcome = endings.of_stop(stop.reason or "cancelled", timeout=run.version.timeout)
    warning = "it could not be stopped and was abandoned: it may still be running in its worker"
    return replace(outcome, error="; ".join(filter(None, [outcome.error, warning])))


def _presentable(outcome: Outcome) -> Outcome:
    if not (outcome.error or outcome.reason):
        return outcome
    return replace(outcome, error=_storable_text(outcome.error), reason=_storable_text(outcome.reason))


def _storable_text(text: str) -> str:
    """Return the text as its column takes it: no lone surrogates, no NUL, not too long."""
    sound = storable(text)
    return sound if len(sound) <= LONGEST_TEXT else sound[: LONGEST_TEXT - 1] + "…"
