"""The output of running tasks on its way to the database: decoded, cut into chunks, bounded.

Many threads write, one takes. Pure: knows neither the database nor the tasks. However small the pieces in which a task
writes: they are put together at once, in the task's own thread, so that they cost little memory, and whoever takes them
little time.
"""

from __future__ import annotations

import codecs
import io
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pgprocess.text import storable

FREE_RUNS = 1000
"""Changes from one stream to the other that cost an attempt nothing: each makes a chunk, which is a row."""
PIECE = 4096
"""Bytes up to which what is written in a row is put together in the tail."""
RUN_COSTS = 64
"""Bytes of the head that each further chunk costs at least."""
MOST_RUNS = 2000
"""Changes from one stream to the other that the tail may have."""

DECODER = codecs.getincrementaldecoder("utf-8")


@dataclass(frozen=True, slots=True)
class LogChunk:
    """Some text of one attempt's stream; ``seq`` orders the chunks of both streams."""

    jobtask: int
    attempt: int
    seq: int
    stream: str
    text: str


@dataclass(slots=True)
class _Run:
    """Text that one attempt wrote to one stream in a row, as it grows; ``first`` is its first piece."""

    first: LogChunk
    text: io.StringIO = field(default_factory=io.StringIO)

    def chunk(self) -> LogChunk:
        first = self.first
        return LogChunk(first.jobtask, first.attempt, first.seq, first.stream, self.text.getvalue())


class LogBuffer:
    """The chunks that tasks wrote and nobody has taken yet. Thread-safe."""

    def __init__(self, *, limit: int, urgent_at: int = 16_384, urgent: Callable[[], None] = lambda: None) -> None:
        self.limit = limit
        self.urgent_at = urgent_at
        self.urgent = urgent
        self._lock = threading.Lock()
        self._runs: list[_Run] = []
        self._newest: dict[tuple[int, int], _Run] = {}
        self._returned: list[LogChunk] = []
        self._size = 0

    def task_log(self, jobtask: int, attempt: int) -> TaskLog:
        """Return what this attempt writes to."""
        return TaskLog(self, jobtask, attempt, limit=self.limit)

    def add(self, chunk: LogChunk) -> None:
        """Keep a chunk until it is taken; call ``urgent`` once there is much."""
        with self._lock:
            attempt = chunk.jobtask, chunk.attempt
            run = self._newest.get(attempt)
            if run is None or run.first.stream != chunk.stream:
                self._newest[attempt] = run = _Run(chunk)
                self._runs.append(run)
            run.text.write(chunk.text)
            was, self._size = self._size, self._size + len(chunk.text)
        if was < self.urgent_at <= self._size:
            self.urgent()

    def take(self) -> list[LogChunk]:
        """Return all chunks in the order in which they were written; what one stream wrote in a row is one chunk."""
        with self._lock:
            runs, self._runs, self._newest, self._size = self._runs, [], {}, 0
            returned, self._returned = self._returned, []
        return returned + [run.chunk() for run in runs]

    def put_back(self, chunks: list[LogChunk]) -> None:
        """Keep chunks that could not be written down, for whoever takes next.

        They stay as they are: if they were written down after all, what is new must not go under a place that is taken.
        """
        with self._lock:
            self._returned[:0] = chunks
            self._size += sum(len(chunk.text) for chunk in chunks)


class TaskLog:
    """The output of one attempt. Its head is written through; of what exceeds half the limit the tail is kept.

    ``limit`` is in bytes. A line says how much fell out in between. Thread-safe.
    """

    __slots__ = (
        "_decoders",
        "_lock",
        "attempt",
        "buffer",
        "dropped",
        "head_left",
        "jobtask",
        "runs",
        "seq",
        "stream",
        "tail",
        "tail_limit",
        "tail_size",
    )

    def __init__(self, buffer: LogBuffer, jobtask: int, attempt: int, *, limit: int) -> None:
        self.buffer = buffer
        self.jobtask = jobtask
        self.attempt = attempt
        self.head_left = limit // 2
        self.tail_limit = limit - limit // 2
        self.tail: deque[tuple[str, bytearray]] = deque()
        self.tail_size = 0
        self.dropped: dict[str, int] = {}
        self.seq = 0
        self.runs = 0
        self.stream = ""
        self._lock = threading.Lock()
        self._decoders: dict[str, codecs.IncrementalDecoder] = {}

    def write(self, stream: str, data: bytes) -> None:
        """Take what the task wrote; any bytes, from any thread."""
        with self._lock:
            head, rest = data[: self.head_left], data[self.head_left :]
            self.head_left = max(0, self.head_left - self._cost(stream, head))
            if head:
                self._emit(stream, head)
            if rest:
                self._keep(stream, rest)

    def close(self) -> None:
        """Write the tail: nothing more will come."""
        with self._lock:
            for stream in self.dropped:
                self._end(stream)
            if self.dropped:
                self._chunk("stderr", f"\n… {sum(self.dropped.values()):,} bytes left out here …\n")
            while self.tail:
                self._emit(*self.tail.popleft())
            for stream in tuple(self._decoders):
                self._end(stream)

    def _cost(self, stream: str, head: bytes) -> int:
        """Return what a piece costs of the head: its bytes, or somewhat more if it is one of very many chunks."""
        if stream == self.stream or not head:
            return len(head)
        self.stream = stream
        self.runs += 1
        return len(head) if self.runs <= FREE_RUNS else max(len(head), RUN_COSTS)

    def _keep(self, stream: str, data: bytes) -> None:
        """Keep the end of what was written, in pieces: each is dropped whole, or cut at its beginning."""
        if len(data) > self.tail_limit:
            self._drop(stream, len(data) - self.tail_limit)
            data = data[len(data) - self.tail_limit :]
        if self.tail and self.tail[-1][0] == stream and len(self.tail[-1][1]) < PIECE:
            self.tail[-1][1].extend(data)
        else:
            self.tail.append((stream, bytearray(data)))
        self.tail_size += len(data)
        while self.tail_size > self.tail_limit or len(self.tail) > self.tail_limit // PIECE + MOST_RUNS:
            oldest_stream, oldest = self.tail[0]
            too_many = self.tail_size - self.tail_limit
            cut = len(oldest) if too_many <= 0 else min(len(oldest), too_many)
            self.tail_size -= cut
            self._drop(oldest_stream, cut)
            if cut < len(oldest):
                del oldest[:cut]
            else:
                self.tail.popleft()

    def _drop(self, stream: str, size: int) -> None:
        self.dropped[stream] = self.dropped.get(stream, 0) + size

    def _emit(self, stream: str, data: bytes | bytearray) -> None:
        if stream not in self._decoders:
            self._decoders[stream] = DECODER("replace")
        self._chunk(stream, self._decoders[stream].decode(data))

    def _end(self, stream: str) -> None:
        """End a stream: a character that is not whole by now never will be."""
        if stream in self._decoders:
            self._chunk(stream, self._decoders[stream].decode(b"", final=True))

    def _chunk(self, stream: str, text: str) -> None:
        if text:
            self.seq += 1
            self.buffer.add(LogChunk(self.jobtask, self.attempt, self.seq, stream, text))


def columns(chunks: Sequence[LogChunk]) -> dict[str, Any]:
    """Build the parameters of ``append_log.sql``."""
    return {
        "jobtasks": [chunk.jobtask for chunk in chunks],
        "attempts": [chunk.attempt for chunk in chunks],
        "seqs": [chunk.seq for chunk in chunks],
        "streams": [chunk.stream for chunk in chunks],
        "texts": [storable(chunk.text) for chunk in chunks],
    }
