"""Workers in threads of the test's own process, with tasks that wait at a gate."""

from __future__ import annotations

import threading
from queue import SimpleQueue
from typing import Any

from pgprocess.context import Context
from pgprocess.postgres.connection import Database
from pgprocess.queue.selector import QueueSelector
from pgprocess.registry import task
from pgprocess.worker.options import WorkerOptions
from pgprocess.worker.worker import Worker

GATE = threading.Event()
STARTED: SimpleQueue[Context] = SimpleQueue()


@task("test.gated")
def gated(context: Context) -> None:
    """Says that it has started, and waits at the gate."""
    STARTED.put(context)
    GATE.wait(30)


def call(target: str, **more: Any) -> dict[str, Any]:
    """A task that calls a function."""
    return {"kind": "callable", "code": "", "target": target} | more


def worker(**options: Any) -> Worker:
    """A worker that works off what there is."""
    database = Database("default", options.pop("listen_alias", ""), options.pop("listen", True))
    selector = QueueSelector(
        tuple(options.pop("queues", ())), tuple(options.pop("exclude_queues", ())), options.pop("caps", {})
    )
    given: dict[str, Any] = {"once": True, "kill_grace": 1.0} | options
    return Worker(WorkerOptions(database=database, selector=selector, **given))


class Background:
    """A worker in a thread, woken and stopped by the test."""

    def __init__(self, **options: Any) -> None:
        GATE.clear()
        self.worker = worker(once=False, **options)
        self.thread = threading.Thread(target=self.worker.run, daemon=True)

    def __enter__(self) -> Worker:
        self.thread.start()
        return self.worker

    def __exit__(self, *error: object) -> None:
        GATE.set()
        self.worker.stop()
        self.worker.stop()
        self.thread.join(20)
        assert not self.thread.is_alive()
