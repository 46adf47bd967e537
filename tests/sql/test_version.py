"""What a task runs is never lost."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, ProgrammingError


def versions(execute):
    return execute(
        "SELECT version.number, version.code, version.id = task.version_id FROM pgprocess_taskversion AS version "
        "JOIN pgprocess_task AS task ON task.id = task_id ORDER BY number"
    )


def test_a_new_task_has_its_first_version(a_process, execute):
    a_process("a")
    assert versions(execute) == [(1, "pass", True)]


def test_changed_work_is_a_new_version(a_process, execute):
    a_process("a")
    execute("UPDATE pgprocess_task SET code = 'print(2)'")
    execute("UPDATE pgprocess_task SET timeout = 5")
    assert versions(execute) == [(1, "pass", False), (2, "print(2)", False), (3, "print(2)", True)]


def test_what_does_not_concern_the_work_makes_none(a_process, execute):
    a_process("a")
    execute("UPDATE pgprocess_task SET level = 3, queue = 'etl', name = 'b', is_active = false")
    execute("UPDATE pgprocess_task SET code = code")
    assert versions(execute) == [(1, "pass", True)]


def test_a_row_that_forgot_its_version_finds_it_again(a_process, execute):
    a_process("a")
    execute("UPDATE pgprocess_task SET version_id = NULL")
    assert versions(execute) == [(1, "pass", True)]


def test_a_version_is_not_changed(a_process, execute):
    a_process("a")
    with pytest.raises(ProgrammingError, match="Cannot update"):
        execute("UPDATE pgprocess_taskversion SET code = 'evil'")


def test_a_running_job_keeps_the_version_it_began_with(a_job, execute):
    run = a_job("a")
    began_with = run.get("a", "version_id")
    execute("UPDATE pgprocess_task SET code = 'print(2)'")
    run.do("a", "failed")
    run.set("a", "ready")
    assert run.get("a", "version_id") == began_with


def test_a_job_task_runs_a_version_of_its_own_task(a_job, execute):
    run = a_job("a, b")
    with pytest.raises(IntegrityError, match="pgprocess_jobtask_version_of_task"):
        execute(
            "UPDATE pgprocess_jobtask SET version_id = %s WHERE id = %s; SET CONSTRAINTS ALL IMMEDIATE",
            [run.get("b", "version_id"), run.get("a", "id")],
        )


@pytest.mark.parametrize("table", ["pgprocess_taskversion", "pgprocess_task"])
def test_what_a_job_task_has_run_stays(a_job, execute, table):
    a_job("a")
    with pytest.raises(IntegrityError, match="violates foreign key"):
        execute(f"DELETE FROM {table}; SET CONSTRAINTS ALL IMMEDIATE")
