"""Whatever a task or a client does, everybody else's tasks end as they should, in bounded time."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.builders.drawing import draw, on_connection
from tests.chaos import poisons
from tests.chaos.arena import Arena
from tests.chaos.form import FORM

pytestmark = [pytest.mark.slow, pytest.mark.timeout(20 * FORM.patience)]

CAN_NOT_NOW = ("OperationalError", "InterfaceError", "canceling statement", "could not serialize", "timeout")
"""What a bystander's own connection may meet when a client does its worst."""

UNSETTLED = """
SELECT task.id FROM pgprocess_jobtask AS task JOIN pgprocess_job AS job ON job.id = task.job_id
 WHERE job.process_id = ANY (%s) AND job.status = 'running'
"""
ENDS = """
SELECT process.name, task.status, task.error
  FROM pgprocess_jobtask AS task
  JOIN pgprocess_job AS job ON job.id = task.job_id
  JOIN pgprocess_process AS process ON process.id = job.process_id
 WHERE process.id = ANY (%s)
"""


@contextmanager
def supervised(arena: Arena) -> Iterator[None]:
    """What ends is started anew, as by a supervisor."""
    over = threading.Event()

    def supervise() -> None:
        while not over.wait(0.2):
            for member in arena.fleet.members:
                if not member.is_running:
                    member.start()

    supervisor = threading.Thread(target=supervise, daemon=True)
    supervisor.start()
    try:
        yield
    finally:
        over.set()
        supervisor.join(30)


def draw_poisons(arena: Arena) -> dict[int, tuple[str, str]]:
    """A process for each poison; by id, its name and the params of its jobs."""
    with arena.connect() as connection:
        execute = on_connection(connection)
        drawn = {
            draw(execute, "a", {"a": columns}, name=f"poison {name}"): (name, "{}")
            for name, (columns, _) in poisons.tasks().items()
        }
        work = {"kind": "callable", "code": "", "target": "tests.chaos.tasks.work"}
        for name, params in poisons.PARAMS.items():
            drawn[draw(execute, "a", {"a": work}, name=f"poison {name}")] = (name, params)
    return drawn


def test_poison_tasks_harm_themselves_alone(arena: Arena) -> None:
    drawn = draw_poisons(arena)
    statuses = {name: allowed for name, (_, allowed) in poisons.tasks().items()}
    statuses |= dict.fromkeys(poisons.PARAMS, ("failed",))
    order = list(drawn)
    random.Random(FORM.name).shuffle(order)
    with arena.story("poison tasks", apart=order) as story, supervised(arena):
        for process in order * FORM.rounds:
            story.blow()
            arena.look("INSERT INTO pgprocess_job (process_id, params) VALUES (%s, %s)", [process, drawn[process][1]])
            time.sleep(FORM.pace)
        deadline = time.monotonic() + 4 * FORM.patience
        while left := arena.look(UNSETTLED, [order]):
            assert time.monotonic() < deadline, f"poison that does not end: job tasks {left}"
            time.sleep(0.2)
    for name, status, error in arena.look(ENDS, [order]):
        assert status in statuses[name.removeprefix("poison ")], f"{name} is {status}: {error}"


def test_poison_clients_harm_nobody_for_long(arena: Arena) -> None:
    with arena.story("poison clients", excuses=CAN_NOT_NOW) as story, supervised(arena):
        for _ in range(FORM.rounds):
            for client in poisons.CLIENTS.values():
                story.blow()
                with arena.connect() as connection:
                    client(connection, 3.0)
