"""Rows that somebody deletes: the job of a deleted task ends, and what a deleted worker ran is given back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pgprocess.models import Job, JobTask, Process, Worker
from tests.builders.drawing import DrawnJob, Executes

Drawn = Callable[..., DrawnJob]


def delete(execute: Executes, run: DrawnJob, name: str, by: str) -> None:
    """Delete a task of the run, in one of the ways in which people do."""
    [(pk,)] = execute(
        "SELECT jobtask.id FROM pgprocess_jobtask AS jobtask JOIN pgprocess_task AS task ON task.id = task_id "
        "WHERE job_id = %s AND name = %s",
        [run.id, name],
    )
    if by == "orm":
        JobTask.objects.get(pk=pk).delete()
    elif by == "queryset":
        JobTask.objects.filter(pk=pk).delete()
    elif by == "edges first":
        execute("DELETE FROM pgprocess_jobtaskdependency WHERE parent_id = %s OR child_id = %s", [pk, pk])
        execute("DELETE FROM pgprocess_jobtask WHERE id = %s", [pk])
    else:
        execute("DELETE FROM pgprocess_jobtask WHERE id = %s", [pk])


WAYS = pytest.mark.parametrize("by", ["orm", "queryset", "edges first", "psql"])


@WAYS
@pytest.mark.parametrize("status", ["ready", "running"])
def test_the_job_of_a_task_that_was_deleted_ends(a_job: Drawn, execute: Executes, by: str, status: str) -> None:
    run = a_job("a -> b -> c")
    if status == "running":
        run.set("a", "running")
    delete(execute, run, "a", by)
    assert run.statuses == {"b": "upstream_failed", "c": "upstream_failed"}
    assert (run.job(), run.job("tasks_total"), run.job("tasks_left")) == ("failed", 2, 0)
    assert run.job("finished_at") is not None


@WAYS
def test_the_others_go_on(a_job: Drawn, execute: Executes, by: str) -> None:
    run = a_job("a -> c, b -> c, d", {"c": {"trigger_rule": "all_done"}})
    delete(execute, run, "a", by)
    assert run.statuses == {"b": "ready", "c": "awaiting", "d": "ready"}
    run.do("b d")
    run.do("c")
    assert (run.job(), run.job("tasks_total"), run.job("tasks_left")) == ("succeeded", 3, 0)


@WAYS
def test_a_task_that_was_waiting_and_is_gone_is_not_waited_for(a_job: Drawn, execute: Executes, by: str) -> None:
    run = a_job("a -> b, a -> c")
    delete(execute, run, "c", by)
    run.do("a")
    run.do("b")
    assert run.job() == "succeeded"


@WAYS
def test_a_settled_task_that_is_gone_changes_nothing_for_its_children(a_job: Drawn, execute: Executes, by: str) -> None:
    run = a_job("a -> c, b -> c")
    run.do("a")
    delete(execute, run, "a", by)
    assert (run.get("c"), run.get("c", "parents_total"), run.get("c", "parents_left")) == ("awaiting", 1, 1)
    run.do("b")
    run.do("c")
    assert (run.job(), run.job("tasks_total")) == ("succeeded", 2)


@WAYS
def test_the_parent_that_a_task_maps_over_is_gone(a_job: Drawn, execute: Executes, by: str) -> None:
    run = a_job("list -> each -> end", {"each": {"map_over": "list"}})
    run.set("list", "running")
    delete(execute, run, "list", by)
    assert run.statuses == {"each": "upstream_failed", "end": "upstream_failed"}
    assert run.job() == "failed"


def test_a_job_of_which_no_task_is_left_is_cancelled_in_the_end(a_job: Drawn, execute: Executes) -> None:
    run = a_job("a -> b")
    execute("DELETE FROM pgprocess_jobtaskdependency")
    execute("DELETE FROM pgprocess_jobtask WHERE job_id = %s", [run.id])
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert (run.job(), run.job("reason"), run.job("tasks_left")) == ("cancelled", "its tasks were deleted", 0)


@pytest.mark.parametrize("tasks", [1, 250])
@pytest.mark.parametrize("what", ["job", "jobs", "process"])
def test_a_job_that_is_deleted_while_it_runs_is_no_failure(
    a_job: Drawn, execute: Executes, tasks: int, what: str
) -> None:
    run = a_job("first, " + ", ".join(f"first -> t{number}" for number in range(tasks)))
    execute("UPDATE pgprocess_process SET run_if_failed = false")
    if what == "job":
        Job.objects.get(pk=run.id).delete()
    elif what == "jobs":
        Job.objects.filter(pk=run.id).delete()
    else:
        Process.objects.get(pk=run.process).delete()
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert execute("SELECT count(*) FROM pgprocess_job") == [(0,)]
    if what != "process":
        assert execute("SELECT is_active, failures FROM pgprocess_process") == [(True, 0)]
        assert execute("SELECT count(*) FROM pgprocess_alert") == [(0,)]


@pytest.mark.parametrize("by", ["orm", "queryset", "psql"])
def test_what_a_deleted_worker_ran_is_given_back(a_job: Drawn, execute: Executes, by: str) -> None:
    run = a_job("a, b, c")
    workers = [execute("INSERT INTO pgprocess_worker (host) VALUES ('h') RETURNING id")[0][0] for _ in range(2)]
    run.set("a", "running", worker_id=workers[0])
    run.set("b", "running", worker_id=workers[1])
    run.set("c", "running")
    if by == "orm":
        Worker.objects.get(pk=workers[0]).delete()
    elif by == "queryset":
        Worker.objects.filter(pk=workers[0]).delete()
    else:
        execute("DELETE FROM pgprocess_worker WHERE id = %s", [workers[0]])
    assert run.statuses == {"a": "ready", "b": "running", "c": "running"}
    assert (run.get("a", "reason"), run.get("a", "free_attempts")) == ("its worker was deleted", 1)
    assert execute("SELECT number, status FROM pgprocess_attempt") == [(1, "released")]
