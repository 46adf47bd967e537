"""Edges stay within their process and never make a circle."""

from __future__ import annotations

import pytest
from django.db import IntegrityError

EDGE = (
    "INSERT INTO pgprocess_taskdependency (parent_id, task_id) SELECT parent.id, child.id "
    "FROM pgprocess_task AS parent, pgprocess_task AS child WHERE (parent.name, child.name) = (%s, %s)"
)


def test_a_circle_is_refused_and_named(a_process, execute):
    a_process("a -> b -> c")
    with pytest.raises(IntegrityError, match="close a circle: a → b → c → a"):
        execute(EDGE, ["c", "a"])


def test_a_task_can_not_wait_for_itself(a_process, execute):
    a_process("a")
    with pytest.raises(IntegrityError, match="close a circle: a → a"):
        execute(EDGE, ["a", "a"])


def test_an_edge_between_processes_is_refused(a_process, execute):
    a_process("a", name="one")
    a_process("b", name="two")
    with pytest.raises(IntegrityError, match="belong to one process"):
        execute(EDGE, ["a", "b"])


def test_turning_an_edge_round_is_looked_at_too(a_process, execute):
    a_process("a -> b -> c, a -> c")
    with pytest.raises(IntegrityError, match="close a circle: a → b → c → a"):
        execute(
            "UPDATE pgprocess_taskdependency AS edge SET parent_id = task_id, task_id = parent_id "
            "FROM pgprocess_task AS parent, pgprocess_task AS child "
            "WHERE parent.id = parent_id AND child.id = task_id AND (parent.name, child.name) = ('a', 'c')"
        )


def test_edges_of_one_statement_are_judged_together(a_process, execute):
    a_process("a, b, c")
    with pytest.raises(IntegrityError, match=r"close a circle: (a → b → a|b → a → b)"):
        execute(
            "INSERT INTO pgprocess_taskdependency (parent_id, task_id) SELECT parent.id, child.id "
            "FROM pgprocess_task AS parent JOIN pgprocess_task AS child "
            "ON (parent.name, child.name) IN (('a', 'b'), ('b', 'a'), ('b', 'c'))"
        )


def test_thousands_of_edges_at_once_are_looked_at_once(a_process, execute):
    process = a_process("first")
    execute(
        "INSERT INTO pgprocess_task (process_id, name, kind, code) "
        "SELECT %s, 't' || n, 'python', 'pass' FROM generate_series(1, 5000) AS n",
        [process],
    )
    chain = (
        "INSERT INTO pgprocess_taskdependency (parent_id, task_id) SELECT parent.id, child.id "
        "FROM pgprocess_task AS parent JOIN pgprocess_task AS child ON child.id = parent.id + 1"
    )
    execute(chain)
    assert execute("SELECT count(*) FROM pgprocess_taskdependency") == [(5000,)]
    with pytest.raises(IntegrityError, match="close a circle: first → t1 → "):
        execute(EDGE, ["t5000", "first"])
