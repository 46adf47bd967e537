"""What running tasks write, on its way to the database: decoded, cut into pieces, bounded.

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
class Piece:
    """Some text of one attempt's stream; ``seq`` orders the pieces of both streams."""

    jobtask: int
    attempt: int
    seq: int
    stream: str
    text: str


class Logbook:
    """The pieces that were written and not yet taken."""

    def __init__(self, *, limit: int, urgent_at: int = 16_384, urgent: Callable[[], None] = lambda: None) -> None:
        self.limit = limit
        self.urgent_at = urgent_at
        self.urgent = urgent
        self._lock = threading.Lock()
        self._pieces: list[Piece] = []
        self._returned: list[Piece] = []
        self._size = 0

    def page(self, jobtask: int, attempt: int) -> Page:
        """Where this attempt writes."""
        return Page(self, jobtask, attempt, limit=self.limit)

    def add(self, piece: Piece) -> None:
        """Keep a piece until it is taken; whoever takes is told when there is much."""
        with self._lock:
            self._pieces.append(piece)
            was, self._size = self._size, self._size + len(piece.text)
        if was < self.urgent_at <= self._size:
            self.urgent()

    def take(self) -> list[Piece]:
        """All pieces there are, in the order in which they were written; what one stream wrote in a row is one."""
        with self._lock:
            pieces, self._pieces, self._size = self._pieces, [], 0
            returned, self._returned = self._returned, []
        joined: list[Piece] = []
        newest: dict[tuple[int, int], int] = {}
        for piece in pieces:
            attempt = piece.jobtask, piece.attempt
            place = newest.get(attempt)
            if place is not None and joined[place].stream == piece.stream:
                joined[place] = replace(joined[place], text=joined[place].text + piece.text)
            else:
                newest[attempt] = len(joined)
                joined.append(piece)
        return returned + joined

    def put_back(self, pieces: list[Piece]) -> None:
        """They could not be written down: they come first when somebody takes again.

        As they are: if they were written down after all, what is new must not go under a place that is taken.
        """
        with self._lock:
            self._returned[:0] = pieces
            self._size += sum(len(piece.text) for piece in pieces)


class Page:
    """One attempt's output. Its head is written through; of what exceeds half the limit the tail is kept.

    ``limit`` is in bytes. What fell out in between is said.
    """

    __slots__ = (
        "_decoders",
        "_lock",
        "attempt",
        "book",
        "dropped",
        "head_left",
        "jobtask",
        "seq",
        "tail",
        "tail_limit",
        "tail_size",
    )

    def __init__(self, book: Logbook, jobtask: int, attempt: int, *, limit: int) -> None:
        self.book = book
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
        """Nothing more will come: the tail is written."""
        with self._lock:
            for stream in self.dropped:
                self._end(stream)
            if self.dropped:
                self._piece("stderr", f"\n… {sum(self.dropped.values()):,} bytes left out here …\n")
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
        self._piece(stream, self._decoders[stream].decode(data))

    def _end(self, stream: str) -> None:
        """A character that is not whole by now never will be."""
        if stream in self._decoders:
            self._piece(stream, self._decoders[stream].decode(b"", final=True))

    def _piece(self, stream: str, text: str) -> None:
        if text:
            self.seq += 1
            self.book.add(Piece(self.jobtask, self.attempt, self.seq, stream, text))


def written(pieces: Sequence[Piece]) -> dict[str, Any]:
    """The parameters of ``append.sql``."""
    return {
        "jobtasks": [piece.jobtask for piece in pieces],
        "attempts": [piece.attempt for piece in pieces],
        "seqs": [piece.seq for piece in pieces],
        "streams": [piece.stream for piece in pieces],
        "texts": [storable(piece.text) for piece in pieces],
    }
