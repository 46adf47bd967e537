"""Kind callable: a function registered with ``@task``, in this very process.

A sync function is called in the caller's thread; async functions share one event loop, without a thread each.
What they log and print is the attempt's output (:mod:`pgprocess.capture`), and an exception's traceback is.

Told to stop, an async function is cancelled. A sync one sees ``current.cancelled`` and meets an exception: at
once when it is out of time or its worker stops, after the grace when a person cancels it. Code that has not
ended one grace later is abandoned.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from threading import Event
from typing import Any, cast

from asgiref.sync import SyncToAsync, ThreadSensitiveContext, sync_to_async
from django.db import close_old_connections, connections  # noqa: TID251  the task's connections, not ours

from pgprocess import registry
from pgprocess.capture import capturing
from pgprocess.context import Context, running
from pgprocess.outcome import Outcome
from pgprocess.registry import TaskFunction
from pgprocess.runners import endings, result
from pgprocess.runners.base import ConcurrentRunner, Output, Run, Stop
from pgprocess.runners.interrupt import Interrupted, Interruptible
from pgprocess.runners.loop import Loop


class CallableRunner(ConcurrentRunner):
    """Calls functions. ``grace`` is in seconds, ``result_limit`` in bytes; nothing slow runs on ``clock``."""

    def __init__(self, *, grace: float, result_limit: int, clock: Loop) -> None:
        self._grace = grace
        self._result_limit = result_limit
        self._clock = clock
        self._loop = Loop("pgprocess-async")

    def blocks(self, run: Run) -> bool:
        """Whether the function is a sync one. Raises what looking it up raises."""
        return not _function(run).is_async

    def run(self, run: Run, output: Output, stop: Stop) -> Outcome:
        """The function has returned: long after ``stop.abandoned`` has happened, if it was abandoned."""
        function = _function(run)
        if function.is_async:
            return self.submit(run, output, stop).result()
        close_old_connections()
        try:
            # In a copy of the context, so that a language or time zone that it activates ends with it.
            value = copy_context().run(self._call, function, run, output, stop)
        finally:
            close_old_connections()
        return self._outcome(run, value)

    def submit(self, run: Run, output: Output, stop: Stop) -> Future[Outcome]:
        """An async function has begun on the event loop; the future holds how it ended."""
        return self._loop.submit(self._await(_function(run), run, output, stop))

    def close(self) -> None:
        """The event loop has ended, with everything on it."""
        self._loop.close()

    def _call(self, function: TaskFunction[..., Any], run: Run, output: Output, stop: Stop) -> Any:
        context, code = run.context(stop), Interruptible()

        def end_early() -> None:
            patience = self._grace if stop.reason == "cancelled" else 0.0
            self._press(stop, code.interrupt, code.ended, patience=patience)

        try:
            stop.requested.then(end_early)
            with running(context), capturing(output):
                return function(**_arguments(function, context))
        finally:
            code.end()

    async def _await(self, function: TaskFunction[..., Any], run: Run, output: Output, stop: Stop) -> Outcome:
        context, ended = run.context(stop), Event()
        task = cast("asyncio.Task[Outcome]", asyncio.current_task())

        def end_early() -> None:
            self._press(stop, lambda: self._loop.call(task.cancel), ended)

        # As in a request under ASGI: its ORM calls have a thread, and so connections, of their own.
        async with ThreadSensitiveContext() as thread:
            try:
                stop.requested.then(end_early)
                with running(context), capturing(output):
                    value = await function(**_arguments(function, context))
            except (SystemExit, KeyboardInterrupt) as error:
                # asyncio would end the loop with it, and every other task.
                raise RuntimeError(endings.describe(error)).with_traceback(error.__traceback__) from None
            except asyncio.CancelledError as error:
                if not stop.reason:
                    raise
                raise Interrupted().with_traceback(error.__traceback__) from None
            finally:
                ended.set()
                if thread in SyncToAsync.context_to_thread_executor:
                    await sync_to_async(connections.close_all)()
        return self._outcome(run, value)

    def _press(self, stop: Stop, interrupt: Callable[[], None], ended: Event, *, patience: float = 0.0) -> None:
        """The code is interrupted after ``patience`` seconds, and abandoned one grace later."""

        def abandon() -> None:
            if not ended.is_set():
                stop.abandoned.happen()

        self._clock.later(patience, interrupt)
        self._clock.later(patience + self._grace, abandon)

    def _outcome(self, run: Run, value: Any) -> Outcome:
        return endings.succeeded(result.dump(value, task=run.task, limit=self._result_limit))


def _function(run: Run) -> TaskFunction[..., Any]:
    return registry.get((run.target or run.code).strip())


def _arguments(function: TaskFunction[..., Any], context: Context) -> dict[str, Any]:
    return {"context": context} if function.takes_context else {}
