"""Output of tasks on a terminal: stdout to stdout, stderr to stderr, as it is, or line by line with a margin."""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterable
from dataclasses import asdict
from datetime import UTC, datetime

from pgprocess.management.follow import Written

Write = Callable[[str, str], None]  # a stream's name, and text


def plain(write: Write) -> Callable[[Iterable[Written]], None]:
    """As it was written."""

    def show(pieces: Iterable[Written]) -> None:
        for piece in pieces:
            write(piece.stream, piece.text)

    return show


def as_json(write: Write) -> Callable[[Iterable[Written]], None]:
    """A JSON object a line, all to stdout."""

    def show(pieces: Iterable[Written]) -> None:
        for piece in pieces:
            write("stdout", json.dumps(asdict(piece) | {"at": piece.at.isoformat()}, ensure_ascii=False) + "\n")

    return show


class Lines:
    """Whole lines, each with the task's name, the attempt where it is not the first, and perhaps the time.

    What has no end of line yet waits for it: until the same stream goes on, another attempt begins, or :meth:`end`.
    """

    def __init__(self, write: Write, *, names: bool, timestamps: bool) -> None:
        self.write = write
        self.names = names
        self.timestamps = timestamps
        self.begun: dict[tuple[int, str], tuple[Written, str]] = {}

    def __call__(self, pieces: Iterable[Written]) -> None:
        """Show what is whole of it."""
        for piece in pieces:
            key = piece.jobtask, piece.stream
            first, text = self.begun.pop(key, (piece, ""))
            if text and first.attempt != piece.attempt:
                self.line(first, text)
                first, text = piece, ""
            *lines, rest = (text + piece.text).split("\n")
            for line in lines:
                self.line(first, line)
                first = piece
            if rest:
                self.begun[key] = first, rest

    def end(self, jobtasks: Container[int]) -> None:
        """Nothing more will come of these: show what has no end of line as well."""
        for key in [key for key in self.begun if key[0] in jobtasks]:
            self.line(*self.begun.pop(key))

    def close(self) -> None:
        """Nothing more will come."""
        self.end({jobtask for jobtask, _ in self.begun})

    def line(self, piece: Written, text: str) -> None:
        """One line with its margin."""
        again = f" #{piece.attempt}" if piece.attempt > 1 else ""
        name = f"{piece.task}{again} | " if self.names else ""
        self.write(piece.stream, f"{_moment(piece.at) if self.timestamps else ''}{name}{text}\n")


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z "
