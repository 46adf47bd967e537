"""The doctor finds whatever contradicts the edges and the tasks, and nothing else."""

from __future__ import annotations

import pytest

from pgprocess.sql import query
from tests.builders.drawing import DrawnJob, Executes, draw, on_django


@pytest.fixture
def execute(db: None) -> Executes:
    return on_django()


@pytest.fixture
def plant(execute):
    """Write into rows behind the back of the rules."""

    def plant(table, row, **columns):
        assignments = ", ".join(f"{column} = %s" for column in columns)
        execute("SET LOCAL session_replication_role = replica")
        execute(f"UPDATE pgprocess_{table} SET {assignments} WHERE id = %s", [*columns.values(), row])
        execute("SET LOCAL session_replication_role = origin")

    return plant


@pytest.fixture
def drift(execute):
    """What the doctor finds; nothing is healthy."""
    return lambda: execute(query("doctor/drift"), {"recent": None})


def test_a_job_that_the_rules_kept_has_no_drift_at_any_step(execute, drift):
    run = DrawnJob(execute, "a -> c, b -> c, c -> d, x", {"c": {"trigger_rule": "all_done"}})
    for names, status in [("a b x", "running"), ("a", "failed"), ("b", "skipped"), ("c", "running"), ("a", "ready")]:
        assert drift() == []
        run.set(names, status)
    assert drift() == []
    execute("UPDATE pgprocess_job SET status = 'cancelled'")
    assert drift() == []


def test_jobs_without_tasks_have_no_drift(execute, drift):
    empty = DrawnJob(execute, "a", {"a": {"is_active": False}})
    DrawnJob(execute, empty.process, status="skipped")
    assert drift() == []


def test_a_task_that_waits_for_its_time_or_maps_over_items_to_come_has_no_drift(execute, drift):
    process = draw(execute, "a -> c, b -> c", {"c": {"trigger_rule": "one_succeeded", "map_over": "b"}})
    DrawnJob(execute, process, run_at="2999-01-01T00:00Z")
    run = DrawnJob(execute, process)
    run.do("a")
    assert run.get("c") == "awaiting"
    assert drift() == []


@pytest.mark.parametrize(
    ("column", "wrong", "right"),
    [
        ("parents_total", 4, 3),
        ("parents_left", 0, 1),
        ("parents_failed", 0, 1),
        ("parents_skipped", 0, 1),
    ],
)
def test_a_wrong_count_of_parents_is_found(execute, plant, drift, column, wrong, right):
    run = DrawnJob(execute, "a -> d, b -> d, c -> d", {"d": {"trigger_rule": "all_done"}})
    run.do("a", "failed")
    run.do("b", "skipped")
    plant("jobtask", run.get("d", "id"), **{column: wrong})
    assert drift() == [("pgprocess_jobtask", run.get("d", "id"), column, str(wrong), str(right))]


@pytest.mark.parametrize(("column", "right"), [("tasks_total", 3), ("tasks_left", 2), ("tasks_failed", 1)])
def test_a_wrong_count_of_tasks_is_found(execute, plant, drift, column, right):
    run = DrawnJob(execute, "a, b, c")
    run.do("a", "failed")
    plant("job", run.id, **{column: 9})
    assert drift() == [("pgprocess_job", run.id, column, "9", str(right))]


def test_an_edge_that_is_lost_is_found(execute, drift):
    run = DrawnJob(execute, "a -> b")
    execute("DELETE FROM pgprocess_jobtaskdependency")
    assert drift() == [
        ("pgprocess_jobtask", run.get("b", "id"), "parents_left", "1", "0"),
        ("pgprocess_jobtask", run.get("b", "id"), "parents_total", "1", "0"),
        ("pgprocess_jobtask", run.get("b", "id"), "status", "awaiting", "ready"),
    ]


def test_a_task_that_missed_its_wake_up_is_found(execute, plant, drift):
    run = DrawnJob(execute, "a -> b")
    run.do("a")
    plant("jobtask", run.get("b", "id"), status="awaiting")
    assert drift() == [("pgprocess_jobtask", run.get("b", "id"), "status", "awaiting", "ready")]


@pytest.mark.parametrize("over", ["succeeded", "failed", "cancelled", "skipped"])
def test_a_job_that_is_over_with_tasks_left_is_found(execute, plant, drift, over):
    run = DrawnJob(execute, "a")
    plant("job", run.id, status=over)
    assert drift() == [("pgprocess_job", run.id, "status", over, "running")]


def test_a_job_that_runs_with_no_task_left_is_found(execute, plant, drift):
    run = DrawnJob(execute, "a, b")
    run.do("a")
    run.do("b", "failed")
    plant("job", run.id, status="running")
    assert drift() == [("pgprocess_job", run.id, "status", "running", "failed")]


def test_a_job_without_tasks_that_runs_is_found(execute, plant, drift):
    run = DrawnJob(execute, "a", {"a": {"is_active": False}})
    plant("job", run.id, status="running")
    assert drift() == [("pgprocess_job", run.id, "status", "running", "succeeded")]
