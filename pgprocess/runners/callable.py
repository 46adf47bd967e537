"""Kind callable: a function registered with ``@task``, in this very process.

A sync function is called in the caller's thread; async functions share one event loop, without a thread each.
The attempt's output is what the function logs and prints (:mod:`pgprocess.logs.capture`), and the traceback of its
exception.

When an attempt is told to stop, an async function is cancelled. A sync function sees ``current.cancelled``, and an
exception is raised in it: at once when it is out of time or its worker stops, after the grace when a person cancels
it. Code that has not ended one grace later is abandoned.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager, suppress
from contextvars import copy_context
from dataclasses import replace
from functools import partial
from threading import Thread
from typing import Any, cast

from asgiref.sync import SyncToAsync, ThreadSensitiveContext, sync_to_async
from django.db import (  # noqa: TID251  the task's connections, not ours
    DatabaseError,
    connections,
    transaction,
)

from pgprocess import registry
from pgprocess.attempt import Outcome
from pgprocess.context import Context, running
from pgprocess.exceptions import Fail
from pgprocess.logs.capture import Output, capturing
from pgprocess.registry import TaskFunction
from pgprocess.runners import endings, result
from pgprocess.runners.base import ConcurrentRunner, Moment, Run, Stop
from pgprocess.runners.event_loop import EventLoop
from pgprocess.runners.event_loops import EventLoops
from pgprocess.runners.process_state import process_state
from pgprocess.runners.thread_connections import (
    ThreadConnections,
    TidyThreads,
    close_all,
    cut_connections,
    refuse_lost,
)
from pgprocess.runners.thread_interrupt import Interrupted, Interruptible

COLLISIONS = ("40001", "40P01")
"""The SQLSTATEs of a transaction that would have gone well a moment earlier or later: serialization, deadlock."""
MOST_COLLISIONS = 100
OnEnd = Callable[[Callable[[], Outcome]], object]


class CallableRunner(ConcurrentRunner):
    """Calls registered functions. ``grace`` is in seconds, ``result_limit`` in bytes.

    ``clock`` is an event loop for timers, on which nothing slow runs. ``alias`` is the queue's database, where
    functions may be transactional.
    """

    def __init__(self, *, grace: float, result_limit: int, clock: EventLoop, alias: str) -> None:
        self._alias = alias
        self.grace = grace
        self._result_limit = result_limit
        self._clock = clock
        threads = partial(TidyThreads, thread_name_prefix="pgprocess-async")
        self._loops = EventLoops(clock, self._give_up, self._name_of, threads, process_state)
        self._begun: dict[asyncio.Task[Any], tuple[Run, Stop]] = {}

    def blocks(self, run: Run) -> bool:
        """Return whether the function is sync, or not imported yet: its module may take long, or never return."""
        function = registry.known(run.callable_name)
        return function is None or not function.is_async

    def run(self, run: Run, output: Output, stop: Stop) -> Outcome:
        """Call the function and return its outcome once it has returned.

        The function of an abandoned attempt may return long after ``stop.abandoned`` has happened.
        """
        function = _function(run)
        if function.is_async:
            ended: Future[Callable[[], Outcome]] = Future()
            self.submit(run, output, stop, ended.set_result)
            return ended.result()()
        call = self._until_committed if function.transactional else self._call_for_outcome
        found = ThreadConnections()
        stop.abandoned.then(found.cut)
        try:
            # In a copy of the context, so that a language or time zone that the function activates ends with it.
            outcome = copy_context().run(call, function, run, output, stop)
        finally:
            lost = found.put_back()
        refuse_lost(lost)
        return outcome

    def submit(self, run: Run, output: Output, stop: Stop, on_end: OnEnd) -> None:
        """Begin an async function on the event loop. Thread: ``on_end`` is called in the loop's."""
        self._loops.spawn(self._await_and_report(_function(run), run, output, stop, on_end, time.monotonic()))

    def together(self) -> AbstractContextManager[None]:
        """Let async functions that are submitted within the ``with`` block begin after it, all at once."""
        return self._loops.together()

    @property
    def is_used_up(self) -> bool:
        """Whether async functions that block their loops leave no room for others."""
        return self._loops.are_used_up

    def threads(self) -> list[Thread]:
        """Return the threads of the event loops that were started."""
        return self._loops.threads()

    def close(self) -> None:
        """End the event loops, and cancel every function on them."""
        self._loops.close()

    def _call_for_outcome(self, function: TaskFunction[..., Any], run: Run, output: Output, stop: Stop) -> Outcome:
        return self._outcome(run, self._call(function, run, output, stop))

    def _until_committed(self, function: TaskFunction[..., Any], run: Run, output: Output, stop: Stop) -> Outcome:
        """Do :meth:`_in_transaction`, again where the transaction collided with another: nothing of it was kept.

        Under REPEATABLE READ the ends of tasks of one job collide often, since each changes the row of the job.
        """
        for _collision in range(MOST_COLLISIONS):
            try:
                return self._in_transaction(function, run, output, stop)
            except DatabaseError as error:
                if stop.reason or getattr(error.__cause__, "sqlstate", "") not in COLLISIONS:
                    raise
            time.sleep(random.uniform(0.0, 0.02))  # noqa: S311  not for a secret: those that collided part ways
        return self._in_transaction(function, run, output, stop)

    def _in_transaction(self, function: TaskFunction[..., Any], run: Run, output: Output, stop: Stop) -> Outcome:
        """Call the function, and commit its writes and its outcome together, or neither of them.

        Raises :class:`Interrupted` after a stop, and :class:`Fail` if the task was not this worker's any more.
        """
        assert run.commit
        with transaction.atomic(using=self._alias):
            connection = connections[self._alias]
            depth = len(connection.savepoint_ids)
            outcome = self._call_for_outcome(function, run, output, stop)
            if len(connection.savepoint_ids) != depth or connections[self._alias] is not connection:
                refuse_lost([self._alias])  # a commit would end the inner block only
            if stop.reason:
                raise Interrupted
            if not run.commit(outcome):
                raise Fail("it was not this worker's any more when it ended, so what it wrote was undone")
        return replace(outcome, committed=True)

    def _call(self, function: TaskFunction[..., Any], run: Run, output: Output, stop: Stop) -> Any:
        context, code = run.context(stop), Interruptible()

        def end_early() -> None:
            patience = self.grace if stop.reason == "cancelled" else 0.0
            self._stop_later(stop, code.interrupt, code.ended, patience=patience)

        try:
            stop.requested.then(end_early)
            with process_state, running(context), capturing(output):
                return function(**_arguments(function, context))
        finally:
            code.end()

    async def _await_and_report(
        self, function: TaskFunction[..., Any], run: Run, output: Output, stop: Stop, on_end: OnEnd, since: float
    ) -> None:
        task = cast("asyncio.Task[Any]", asyncio.current_task())
        self._begun[task] = run, stop
        try:
            outcome = await self._await_outcome(function, run, output, stop, since)
        except BaseException as error:  # noqa: BLE001  raised again where the end is taken in
            self._excuse(task, stop, since)
            on_end(partial(_reraise, error))
        else:
            self._excuse(task, stop, since)
            on_end(lambda: outcome)
        finally:
            del self._begun[task]

    def _excuse(self, task: asyncio.Task[Any], stop: Stop, since: float) -> None:
        """Change the reason of a stop that came too late for the time since, which somebody else took."""
        if stop.reason == "timeout" and self._loops.were_blocked(since, by_other_than=task):
            stop.reason = "blocked"

    def _give_up(self, loop: EventLoop) -> None:
        """Let nobody wait for what runs on a blocked loop, but for what blocks it. Thread: the clock's."""
        culprit = loop.runs()
        for task in loop.tasks():
            if task is not culprit and (begun := self._begun.get(task)):
                stop = begun[1]
                stop.request("blocked")
                loop.call(task.cancel)
                stop.abandoned.happen()

    def _name_of(self, task: asyncio.Task[Any]) -> str:
        begun = self._begun.get(task)
        return f"Task {begun[0].task}" if begun else "Something"

    async def _await_outcome(
        self, function: TaskFunction[..., Any], run: Run, output: Output, stop: Stop, since: float
    ) -> Outcome:
        context, ended = run.context(stop), Moment()
        lost: list[str] = []
        task, loop = cast("asyncio.Task[Any]", asyncio.current_task()), asyncio.get_running_loop()

        def end_early() -> None:
            def abandoned() -> None:
                self._excuse(task, stop, since)
                self._loops.abandon(task)
                executor = SyncToAsync.context_to_thread_executor.get(thread)
                for each in getattr(executor, "_threads", ()):
                    cut_connections(each.ident)

            self._stop_later(stop, partial(_call, loop, task.cancel), ended, before_abandon=abandoned)

        # As in a request under ASGI: the function's ORM calls have a thread, and so connections, of their own.
        async with ThreadSensitiveContext() as thread:
            try:
                stop.requested.then(end_early)
                with process_state, running(context), capturing(output):
                    value = await function(**_arguments(function, context))
            except (SystemExit, KeyboardInterrupt) as error:
                # asyncio would end the loop with either of these, and so every other task.
                raise RuntimeError(endings.describe(error)).with_traceback(error.__traceback__) from None
            except asyncio.CancelledError as error:
                if not stop.reason:
                    raise
                raise Interrupted().with_traceback(error.__traceback__) from None
            finally:
                ended.happen()
                if thread in SyncToAsync.context_to_thread_executor:
                    lost = await sync_to_async(close_all)()
        refuse_lost(lost)
        return self._outcome(run, value)

    def _stop_later(
        self,
        stop: Stop,
        interrupt: Callable[[], object],
        ended: Moment,
        *,
        patience: float = 0.0,
        before_abandon: Callable[[], object] = lambda: None,
    ) -> None:
        """Interrupt the code after ``patience`` seconds; one grace later, abandon it if it has not ended."""

        def abandon() -> None:
            if not ended.is_set():
                before_abandon()
                stop.abandoned.happen()

        self._clock.later(patience, interrupt)
        self._clock.later(patience + self.grace, abandon)

    def _outcome(self, run: Run, value: Any) -> Outcome:
        return endings.succeeded(result.dump(value, task=run.task, limit=self._result_limit))


def _call(loop: asyncio.AbstractEventLoop, function: Callable[[], object]) -> None:
    """Call the function soon on the loop, if that is not closed. Thread: any."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(function)


def _reraise(error: BaseException) -> Outcome:
    raise error


def _function(run: Run) -> TaskFunction[..., Any]:
    name = run.callable_name
    if known := registry.known(name):
        return known
    with process_state.importing():
        return registry.get(name)


def _arguments(function: TaskFunction[..., Any], context: Context) -> dict[str, Any]:
    return {"context": context} if function.takes_context else {}
