"""The output of running tasks on its way to the database: decoded, cut into chunks, bounded.

Many threads write, one takes. Pure: knows neither the database nor the tasks.
"""

from __future__ import annotations

import codecs
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pgprocess.text import storable

DECODER = codecs.getincrementaldecoder("utf-8")


@dataclass(frozen=True, slots=True)
class LogChunk:
    """Some text of one attempt's stream; ``seq`` orders the chunks of both streams."""

    jobtask: int
    attempt: int
    seq: int
    stream: str
    text: str


class LogBuffer:
    """The chunks that tasks wrote and nobody has taken yet. Thread-safe."""

    def __init__(self, *, limit: int, urgent_at: int = 16_384, urgent: Callable[[], None] = lambda: None) -> None:
        self.limit = limit
        self.urgent_at = urgent_at
        self.urgent = urgent
        self._lock = threading.Lock()
        self._chunks: list[LogChunk] = []
        self._returned: list[LogChunk] = []
        self._size = 0

    def task_log(self, jobtask: int, attempt: int) -> TaskLog:
        """Return what this attempt writes to."""
        return TaskLog(self, jobtask, attempt, limit=self.limit)

    def add(self, chunk: LogChunk) -> None:
        """Keep a chunk until it is taken; call ``urgent`` once there is much."""
        with self._lock:
            self._chunks.append(chunk)
            was, self._size = self._size, self._size + len(chunk.text)
        if was < self.urgent_at <= self._size:
            self.urgent()

    def take(self) -> list[LogChunk]:
        """Return all chunks in the order in which they were written; what one stream wrote in a row is one chunk."""
        with self._lock:
            chunks, self._chunks, self._size = self._chunks, [], 0
            returned, self._returned = self._returned, []
        joined: list[tuple[LogChunk, list[str]]] = []
        newest: dict[tuple[int, int], tuple[LogChunk, list[str]]] = {}
        for chunk in chunks:
            attempt = chunk.jobtask, chunk.attempt
            last = newest.get(attempt)
            if last and last[0].stream == chunk.stream:
                last[1].append(chunk.text)
            else:
                joined.append((chunk, [chunk.text]))
                newest[attempt] = joined[-1]
        return returned + [replace(chunk, text="".join(texts)) for chunk, texts in joined]

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
        "seq",
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
        self.tail: deque[tuple[str, bytes]] = deque()
        self.tail_size = 0
        self.dropped: dict[str, int] = {}
        self.seq = 0
        self._lock = threading.Lock()
        self._decoders: dict[str, codecs.IncrementalDecoder] = {}

    def write(self, stream: str, data: bytes) -> None:
        """Take what the task wrote; any bytes, from any thread."""
        with self._lock:
            head, rest = data[: self.head_left], data[self.head_left :]
            self.head_left -= len(head)
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

    def _keep(self, stream: str, data: bytes) -> None:
        self.tail.append((stream, data))
        self.tail_size += len(data)
        while self.tail_size > self.tail_limit:
            oldest_stream, oldest = self.tail.popleft()
            cut = min(len(oldest), self.tail_size - self.tail_limit)
            self.tail_size -= cut
            self.dropped[oldest_stream] = self.dropped.get(oldest_stream, 0) + cut
            if cut < len(oldest):
                self.tail.appendleft((oldest_stream, oldest[cut:]))

    def _emit(self, stream: str, data: bytes) -> None:
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
