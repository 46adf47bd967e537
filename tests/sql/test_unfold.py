"""A new job becomes its tasks and edges, whoever inserts it."""

from __future__ import annotations

import re

from tests.builders.drawing import draw, on_connection


def edges(execute, run):
    return execute(
        "SELECT parent_task.name, child_task.name FROM pgprocess_jobtaskdependency AS edge "
        "JOIN pgprocess_jobtask AS parent ON parent.id = edge.parent_id "
        "JOIN pgprocess_jobtask AS child ON child.id = edge.child_id "
        "JOIN pgprocess_task AS parent_task ON parent_task.id = parent.task_id "
        "JOIN pgprocess_task AS child_task ON child_task.id = child.task_id "
        "WHERE child.job_id = %s ORDER BY 1, 2",
        [run.id],
    )


def test_an_insert_with_the_process_alone_makes_tasks_and_edges(a_job, execute):
    run = a_job("a -> b -> d, a -> c -> d")
    assert run.statuses == {"a": "ready", "b": "awaiting", "c": "awaiting", "d": "awaiting"}
    assert edges(execute, run) == [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]
    assert (run.get("d", "parents_total"), run.get("d", "parents_left")) == (2, 2)
    assert (run.job(), run.job("tasks_total"), run.job("tasks_left")) == ("running", 4, 4)


def test_tasks_take_queue_priority_rule_and_version_from_the_definition(a_job):
    run = a_job("a", {"a": {"queue": "etl", "priority": 7, "trigger_rule": "all_done", "allow_failure": True}})
    assert run.get("a", "queue") == "etl"
    assert run.get("a", "priority") == 7
    assert run.get("a", "trigger_rule") == "all_done"
    assert run.get("a", "allow_failure") is True
    assert run.get("a", "version_id") is not None


def test_an_inactive_task_is_left_out_and_its_children_inherit_its_parents(a_job, execute):
    run = a_job("a -> gap -> hole -> c, b -> hole", {"gap": {"is_active": False}, "hole": {"is_active": False}})
    assert run.statuses == {"a": "ready", "b": "ready", "c": "awaiting"}
    assert edges(execute, run) == [("a", "c"), ("b", "c")]


def test_a_job_without_an_active_task_succeeds_at_once(a_job):
    run = a_job("a", {"a": {"is_active": False}})
    assert (run.job(), run.job("tasks_total"), run.job("tasks_left")) == ("succeeded", 0, 0)
    assert run.job("finished_at") is not None


def test_many_jobs_of_several_processes_unfold_in_one_statement(a_process, execute):
    one, two = a_process("a -> b", name="one"), a_process("x, y -> z", name="two")
    execute(
        "INSERT INTO pgprocess_job (process_id) SELECT unnest(%s::bigint[]) FROM generate_series(1, 50)",
        [[one, two]],
    )
    rows = execute(
        "SELECT process_id, tasks_total, count(DISTINCT job.id), count(task.id) FROM pgprocess_job AS job "
        "JOIN pgprocess_jobtask AS task ON task.job_id = job.id GROUP BY 1, 2 ORDER BY 1"
    )
    assert rows == [(one, 2, 50, 100), (two, 3, 50, 150)]
    assert execute("SELECT count(*) FROM pgprocess_jobtaskdependency") == [(100,)]


def test_editing_the_process_does_not_change_a_run(a_job, execute):
    run = a_job("a -> b")
    execute("DELETE FROM pgprocess_taskdependency")
    execute("UPDATE pgprocess_task SET code = 'other'")
    run.do("a")
    assert run.get("b") == "ready"
    [(code,)] = execute(
        "SELECT DISTINCT version.code FROM pgprocess_jobtask AS t "
        "JOIN pgprocess_taskversion AS version ON version.id = version_id"
    )
    assert code == "pass"


def test_a_job_that_starts_later_is_scheduled(a_job):
    run = a_job("a -> b", run_at="2999-01-01T00:00Z")
    assert run.statuses == {"a": "scheduled", "b": "awaiting"}
    assert run.get("a", "run_at").year == 2999


def test_a_tick_that_does_not_run_is_a_skipped_job_without_tasks(a_job):
    run = a_job("a", status="skipped", reason="the last one still runs")
    assert run.statuses == {}
    assert (run.job(), run.job("tasks_left")) == ("skipped", 0)
    assert run.job("finished_at") is not None


def test_a_large_job_unfolds_by_its_tasks_and_edges_never_by_their_product(connect):
    connection = connect()
    execute = on_connection(connection)
    fans = [draw(execute, ", ".join(f"a -> b{n} -> c" for n in range(200)), name=name) for name in ("one", "two")]
    plans: list[str] = []
    connection.add_notice_handler(lambda notice: plans.append(notice.message_primary or ""))
    for setting in ("log_min_duration = 0", "log_analyze = on", "log_timing = off", "log_nested_statements = on"):
        execute("LOAD 'auto_explain'")
        execute(f"SET auto_explain.{setting}")
    execute("SET client_min_messages = log")
    for fan in fans:
        execute("ANALYZE")
        execute("DISCARD PLANS")
        execute("INSERT INTO pgprocess_job (process_id) VALUES (%s)", [fan])
    rows = [int(n) for plan in plans for n in re.findall(r"actual rows=(\d+)", plan)]
    assert 400 <= max(rows) <= 1000
