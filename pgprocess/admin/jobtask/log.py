"""What a task wrote: its end at once, what comes after a place, or all of it as a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pgprocess.models import JobTask, LogChunk

TAIL, CHUNKS = 100_000, 400
CONTROL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of output: ``stream`` says which, ``time`` (seconds) when."""

    seq: int
    stream: str
    text: str
    time: float


def plain(text: str) -> str:
    """Without the codes by which terminals are told colours; line ends are those of Unix."""
    return CONTROL.sub("", text.replace("\r\n", "\n"))


def pieces(rows: Iterable[LogChunk]) -> list[Piece]:
    """The rows as pieces, in the order of ``seq``."""
    found = [Piece(row.seq, row.stream, plain(row.text), row.created_at.timestamp()) for row in rows]
    return sorted(found, key=lambda piece: piece.seq)


def tail(jobtask: JobTask, attempt: int) -> tuple[list[Piece], bool]:
    """The last pieces of an attempt's output, and whether there is more before them."""
    newest = jobtask.log.filter(attempt=attempt).order_by("-seq")
    kept: list[LogChunk] = []
    size = 0
    for row in newest[: CHUNKS + 1]:
        if len(kept) == CHUNKS or size > TAIL:
            return pieces(kept), True
        size += len(row.text)
        row.text = row.text[-TAIL:]
        kept.append(row)
    return pieces(kept), size > TAIL


def after(jobtask: JobTask, attempt: int, seq: int) -> list[Piece]:
    """What an attempt wrote after the place ``seq``, as much of it as goes at once."""
    return pieces(jobtask.log.filter(attempt=attempt, seq__gt=seq).order_by("seq")[:CHUNKS])


def whole(jobtask: JobTask, attempt: int, stream: str) -> Iterator[str]:
    """All that an attempt wrote, as it wrote it; of one stream if one is named."""
    rows = jobtask.log.filter(attempt=attempt).order_by("seq")
    if stream:
        rows = rows.filter(stream=stream)
    last = -1
    while found := list(rows.filter(seq__gt=last).values_list("seq", "text")[:100]):
        yield "".join(text for _seq, text in found)
        last = found[-1][0]
