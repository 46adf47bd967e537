"""Children become ready once their parents are settled."""

from __future__ import annotations


def test_a_child_is_ready_once_its_last_parent_succeeds(a_job):
    run = a_job("a -> c, b -> c")
    run.do("a")
    assert (run.get("c"), run.get("c", "parents_left")) == ("awaiting", 1)
    run.do("b")
    assert (run.get("c"), run.get("c", "parents_left")) == ("ready", 0)


def test_parents_that_settle_in_one_statement_are_each_counted(a_job):
    run = a_job("a -> d, b -> d, c -> d")
    run.do("a b c")
    assert run.get("d") == "ready"


def test_a_failure_fails_everything_below_and_nothing_beside(a_job):
    run = a_job("a -> b -> c, x -> y")
    run.do("a", "failed", exit_code=2, error="boom")
    assert run.statuses == {
        "a": "failed",
        "b": "upstream_failed",
        "c": "upstream_failed",
        "x": "ready",
        "y": "awaiting",
    }
    assert run.job() == "running"


def test_a_skip_cascades(a_job):
    run = a_job("a -> b -> c")
    run.do("a", "skipped", reason="nothing new")
    assert run.statuses == {"a": "skipped", "b": "skipped", "c": "skipped"}
    assert run.job() == "succeeded"


def test_a_cancelled_parent_is_not_a_success(a_job):
    run = a_job("a -> b")
    run.set("a", "cancelled")
    assert run.get("b") == "upstream_failed"
    assert run.job() == "cancelled"


def test_a_forced_parent_is_a_success(a_job):
    run = a_job("a -> b")
    run.set("a", "forced")
    assert run.get("b") == "ready"


def test_forcing_a_failed_task_lets_its_children_go_on(a_job):
    run = a_job("a -> b -> c")
    run.do("a", "failed")
    run.set("a", "forced")
    assert run.statuses == {"a": "forced", "b": "ready", "c": "awaiting"}
    assert run.job() == "running"


def test_a_chain_longer_than_the_stack_settles(a_process, a_job, execute):
    process = a_process("t0")
    execute(
        "INSERT INTO pgprocess_task (process_id, name, kind, code) "
        "SELECT %s, 't' || n, 'python', 'pass' FROM generate_series(1, 2000) AS n",
        [process],
    )
    execute(
        "INSERT INTO pgprocess_taskdependency (parent_id, task_id) SELECT parent.id, child.id "
        "FROM pgprocess_task AS parent JOIN pgprocess_task AS child ON child.id = parent.id + 1"
    )
    run = a_job(process)
    run.do("t0", "failed")
    assert run.statuses["t2000"] == "upstream_failed"
    assert (run.job(), run.job("tasks_left"), run.job("tasks_failed")) == ("failed", 0, 1)
    run.set("t0", "ready")
    assert run.statuses["t2000"] == "awaiting"
    assert (run.job(), run.job("tasks_left"), run.job("tasks_failed")) == ("running", 2001, 0)
