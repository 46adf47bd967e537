"""A network in between that can fail: TCP on loopback, handed on to a Unix socket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from pgprocess.runners.loop import Loop


T = TypeVar("T")


class Proxy:
    """``port``: where it listens. Cut, a connection is gone for both ends; in a black hole it is there and says nothing."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.port = 0
        self._loop = Loop("chaos-proxy")
        self._passing = asyncio.Event()
        self._links: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """It listens, and hands on."""
        self._loop.submit(self._listen()).result(30)

    def cut(self) -> int:
        """Every connection is gone; new ones may be made. How many there were."""
        return self._within(self._cut)

    def swallow(self) -> None:
        """From now on connections are accepted, and whatever is said is kept back."""
        self._within(self._passing.clear)

    def restore(self) -> None:
        """What was kept back arrives, and so does what follows."""
        self._within(self._passing.set)

    def stop(self) -> None:
        """Nothing is handed on any more."""
        self._within(self._server.close)
        self._loop.close()

    def _within(self, function: Callable[[], T]) -> T:
        async def call() -> T:
            return function()

        return self._loop.submit(call()).result(30)

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
            pumps = [asyncio.ensure_future(pump) for pump in (self._pump(reader, far_writer), self._pump(far_reader, writer))]
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
