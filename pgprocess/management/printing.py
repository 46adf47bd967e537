"""Print the output of tasks: as it is, as JSON, or line by line with a margin that names the task."""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterable
from datetime import UTC, datetime

from pgprocess.models import LogChunk

Write = Callable[[str, str], None]
"""Writes a text to the stream of that name."""


def plain(write: Write) -> Callable[[Iterable[LogChunk]], None]:
    """Return a function that prints output as the tasks wrote it."""

    def show(chunks: Iterable[LogChunk]) -> None:
        for chunk in chunks:
            write(chunk.stream, chunk.text)

    return show


def as_json(write: Write) -> Callable[[Iterable[LogChunk]], None]:
    """Return a function that prints each chunk of output as one line of JSON, all to stdout."""

    def show(chunks: Iterable[LogChunk]) -> None:
        for chunk in chunks:
            facts = {
                "job": chunk.jobtask.job_id,
                "jobtask": chunk.jobtask_id,
                "task": str(chunk.jobtask),
                "attempt": chunk.attempt,
                "seq": chunk.seq,
                "stream": chunk.stream,
                "text": chunk.text,
                "at": chunk.created_at.isoformat(),
            }
            write("stdout", json.dumps(facts, ensure_ascii=False) + "\n")

    return show


class Lines:
    """A printer of whole lines, each with the task's name, the attempt where it is not the first, and perhaps the time.

    Text without an end of line is kept until its stream goes on, another attempt begins, or :meth:`end` is called.
    """

    def __init__(self, write: Write, *, names: bool, timestamps: bool) -> None:
        self.write = write
        self.names = names
        self.timestamps = timestamps
        self.begun: dict[tuple[int, str], tuple[LogChunk, str]] = {}

    def __call__(self, chunks: Iterable[LogChunk]) -> None:
        """Show the lines that these chunks make whole."""
        for chunk in chunks:
            key = chunk.jobtask_id, chunk.stream
            first, text = self.begun.pop(key, (chunk, ""))
            if text and first.attempt != chunk.attempt:
                self.line(first, text)
                first, text = chunk, ""
            *lines, rest = (text + chunk.text).split("\n")
            for line in lines:
                self.line(first, line)
                first = chunk
            if rest:
                self.begun[key] = first, rest

    def end(self, jobtasks: Container[int]) -> None:
        """Print the rest of these job tasks, for they will write nothing more."""
        for key in [key for key in self.begun if key[0] in jobtasks]:
            self.line(*self.begun.pop(key))

    def close(self) -> None:
        """Print the rest of all job tasks."""
        self.end({jobtask for jobtask, _ in self.begun})

    def line(self, chunk: LogChunk, text: str) -> None:
        """Write one line with its margin."""
        again = f" #{chunk.attempt}" if chunk.attempt > 1 else ""
        name = f"{chunk.jobtask}{again} | " if self.names else ""
        self.write(chunk.stream, f"{_moment(chunk.created_at) if self.timestamps else ''}{name}{text}\n")


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z "
