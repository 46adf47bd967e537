"""What output costs grows with what is kept of it, not with how, how fast or how much a task writes."""

from __future__ import annotations

import os
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

import pytest

from pgprocess.logs import capture
from pgprocess.logs.buffer import FREE_RUNS, MOST_RUNS, RUN_COSTS, LogBuffer, columns
from pgprocess.registry import task
from tests.builders.background import call, worker
from tests.builders.drawing import DrawnJob, Executes

LIMIT = 2_000_000
MANY = 1_000_000
WRITES: dict[str, Callable[[], Iterator[tuple[str, bytes]]]] = {
    "lines": lambda: (("stdout", b"line %d\n" % n) for n in range(MANY)),
    "single bytes": lambda: (("stdout", b"x") for _ in range(2 * MANY)),
    "single characters": lambda: (("stdout", "\N{SNOWMAN}".encode()) for _ in range(MANY)),
    "both streams in turn": lambda: (
        (stream, b"x") for stream, _ in zip(cycle(("stdout", "stderr")), range(MANY), strict=False)
    ),
    "one line": lambda: iter([("stdout", b"x" * 100_000_000)]),
    "pipefuls": lambda: (("stdout", b"x" * 65_536) for _ in range(1000)),
    "NUL": lambda: (("stdout", b"\0" * 65_536) for _ in range(100)),
    "no text": lambda: (("stdout", b"\xff\xfe\xed\xa0\x80" * 1000) for _ in range(1000)),
}


@pytest.mark.parametrize("writes", WRITES.values(), ids=WRITES)
def test_memory_is_bounded_and_taking_is_quick(writes: Callable[[], Iterator[tuple[str, bytes]]]) -> None:
    buffer = LogBuffer(limit=LIMIT)
    log = buffer.task_log(1, 1)
    for stream, data in writes():
        log.write(stream, data)
    log.close()
    began = time.thread_time()
    chunks = buffer.take()
    columns(chunks)
    took = time.thread_time() - began
    assert took < 0.1
    assert len(chunks) <= FREE_RUNS + LIMIT // 2 // RUN_COSTS + MOST_RUNS + LIMIT // 4096 + 10
    assert sum(len(chunk.text) for chunk in chunks) <= LIMIT + 1000


@pytest.mark.parametrize("name", ["single bytes", "both streams in turn"])
def test_pieces_take_little_more_memory_than_their_bytes(name: str) -> None:
    buffer = LogBuffer(limit=200_000)
    log = buffer.task_log(1, 1)
    tracemalloc.start()
    try:
        for (stream, data), _ in zip(WRITES[name](), range(300_000), strict=False):
            log.write(stream, data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4_000_000


@task("test.prints")
def prints() -> None:
    for number in range(MANY):
        print("line", number)


@task("test.says_little")
def says_little() -> None:
    """Do nothing."""


@pytest.mark.parametrize("chatty", ["callable", "shell"])
def test_a_million_lines_keep_the_loop_for_no_tenth_of_a_second(
    execute: Executes, monkeypatch: pytest.MonkeyPatch, chatty: str
) -> None:
    """The time of the loop's own thread is counted, for what others do on the machine decides nothing."""
    work: Any = call("test.prints") if chatty == "callable" else {"kind": "shell", "code": f"seq {MANY}"}
    run = DrawnJob(execute, "a, b -> c", {"a": work, "b": call("test.says_little"), "c": call("test.says_little")})
    running = worker(concurrency=4)
    ticks: list[float] = []
    tick = running.tick

    def timed() -> float | None:
        began = time.thread_time()
        try:
            return tick()
        finally:
            ticks.append(time.thread_time() - began)

    monkeypatch.setattr(running, "tick", timed)
    with open(os.devnull, "w") as null, pytest.MonkeyPatch.context() as streams:
        streams.setattr(sys, "stdout", null)
        capture.install()
        try:
            running.run()
        finally:
            capture.uninstall()
    assert run.statuses == {"a": "succeeded", "b": "succeeded", "c": "succeeded"}
    assert max(ticks) < 0.1
    [(kept,)] = execute("SELECT sum(length(text)) FROM pgprocess_logchunk")
    assert 1_900_000 < kept < 2_100_000
