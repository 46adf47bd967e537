"""Editors who each add a part of a circle at the same moment: one of them is refused."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import psycopg
import pytest
from psycopg import IsolationLevel

from tests.builders.drawing import Executes, draw
from tests.races.together import Client, overtaken, together

REFUSED = psycopg.errors.CheckViolation
ADD = (
    "INSERT INTO pgprocess_taskdependency (parent_id, task_id) SELECT parent.id, task.id "
    "FROM pgprocess_task AS parent, pgprocess_task AS task WHERE parent.name = %s AND task.name = %s "
    "AND parent.process_id = %s AND task.process_id = %s"
)


def add(editor: Client, process: int, edge: str) -> str:
    """Add an edge, drawn as ``"ab"``; why not, or nothing."""
    try:
        editor(ADD, [*edge, process, process])
    except (REFUSED, psycopg.errors.SerializationFailure) as error:
        return str(error)
    return ""


@pytest.mark.parametrize("edges", [["ab", "ba"], ["ab", "bc", "ca"], ["ab", "bc", "cd", "da"]])
def test_of_editors_who_close_a_circle_together_one_is_refused(
    client: Callable[[], Client], execute: Executes, edges: list[str]
) -> None:
    editors = [client() for _ in edges]
    for number in range(15):
        process = draw(execute, "a, b, c, d", name=f"p{number}")
        answers = together(*(partial(add, editor, process, edge) for editor, edge in zip(editors, edges, strict=True)))
        [refusal] = filter(None, answers)
        assert refusal.startswith("these dependencies close a circle: ")
        assert len(answers) - 1 == execute("SELECT count(*) FROM pgprocess_taskdependency")[0][0]
        execute("DELETE FROM pgprocess_taskdependency")
    assert sum(editor.deadlocks for editor in editors) == 0


def test_an_editor_waits_for_the_edge_that_another_has_not_committed_and_is_refused(
    client: Callable[[], Client], execute: Executes
) -> None:
    process = draw(execute, "a, b")
    one, other = client(), client()
    refusal = overtaken(
        one.connection,
        lambda: add(one, process, "ab"),
        lambda: add(other, process, "ba"),
        execute,
    )
    assert refusal.startswith("these dependencies close a circle: ")


def test_an_edge_that_was_rolled_back_refuses_nobody(client: Callable[[], Client], execute: Executes) -> None:
    process = draw(execute, "a, b")
    one, other = client(), client()
    with one.connection.transaction(force_rollback=True):
        add(one, process, "ab")
    assert add(other, process, "ba") == ""


def test_editors_of_two_processes_do_not_wait_for_each_other(client: Callable[[], Client], execute: Executes) -> None:
    first, second = draw(execute, "a, b", name="first"), draw(execute, "a, b", name="second")
    one, other = client(), client()
    with one.connection.transaction():
        add(one, first, "ab")
        assert add(other, second, "ba") == ""


def test_an_editor_who_reads_repeatably_is_refused_as_well(client: Callable[[], Client], execute: Executes) -> None:
    process = draw(execute, "a, b")
    one, other = client(), client()
    other.connection.isolation_level = IsolationLevel.REPEATABLE_READ
    with other.connection.transaction():
        other("SELECT count(*) FROM pgprocess_taskdependency")  # from here on it sees this state only
        assert add(one, process, "ab") == ""
        with pytest.raises((REFUSED, psycopg.errors.SerializationFailure)):
            other(ADD, [*"ba", process, process])
