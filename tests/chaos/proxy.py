"""A network in between that can fail: TCP on loopback, handed on to a Unix socket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from pgprocess.runners.event_loop import EventLoop

T = TypeVar("T")


class Proxy:
    """``port``: where it listens. Cut, a connection is gone for both ends; in a black hole it is there, and silent."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.port = 0
        self._loop = EventLoop("chaos-proxy")
        self._passing = asyncio.Event()
        self._links: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """It listens, and hands on."""
        self._within(self._listen())

    def cut(self) -> int:
        """Every connection is gone; new ones may be made. How many there were."""
        return self._call(self._cut)

    def swallow(self) -> None:
        """From now on connections are accepted, and whatever is said is kept back."""
        self._call(self._passing.clear)

    def restore(self) -> None:
        """What was kept back arrives, and so does what follows."""
        self._call(self._passing.set)

    def stop(self) -> None:
        """Nothing is handed on any more."""
        self._call(self._server.close)
        self._loop.close()

    def _call(self, function: Callable[[], T]) -> T:
        """Call the function in the loop's thread, and return what it gave."""

        async def call() -> T:
            return function()

        return self._within(call())

    def _within(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run the coroutine on the loop, and return what it gave."""
        answer: Future[T] = Future()

        async def run() -> None:
            try:
                answer.set_result(await coroutine)
            except Exception as error:  # noqa: BLE001  raised by whoever waits for the answer
                answer.set_exception(error)

        self._loop.spawn(run())
        return answer.result(30)

    async def _listen(self) -> None:
        self._passing.set()
        self._server = await asyncio.start_server(self._link, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def _cut(self) -> int:
        for link in self._links:
            link.cancel()
        return len(self._links)

    async def _link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._links.add(task)
        writers = [writer]
        try:
            await self._passing.wait()
            far_reader, far_writer = await asyncio.open_unix_connection(self.target)
            writers.append(far_writer)
            ways = (reader, far_writer), (far_reader, writer)
            pumps = [asyncio.ensure_future(self._pump(*way)) for way in ways]
            try:
                await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for pump in pumps:
                    pump.cancel()
        except (OSError, asyncio.CancelledError):
            pass  # cut, or nobody there: what the ends see is the same
        finally:
            self._links.discard(task)
            for end in writers:
                end.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65_536):
                await self._passing.wait()
                writer.write(data)
                await writer.drain()
            await self._passing.wait()
