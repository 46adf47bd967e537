"""The versions of a task: what changed, and the way back, for those who may edit code."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry

from pgprocess.models import Job, Process
from tests.admin.conftest import address
from tests.builders.drawing import draw, on_django

pytestmark = pytest.mark.django_db

MAY = ("view_task", "change_task", "edit_code")


@pytest.fixture
def task():
    process = Process.objects.get(pk=draw(on_django(), "a", {"a": {"code": "one\ntwo = '<b>'\nthree\n"}}))
    task = process.tasks.get()
    task.code, task.max_attempts = "one\n2\nthree\n", 3
    task.save()
    task.refresh_from_db()
    return task


def restore(client, task, number):
    return client.post(address("task_restore", task.pk, number), {"confirmed": "1"})


def test_the_page_of_a_task_leads_to_its_versions(somebody, task):
    page = somebody("view_task").get(address("task_change", task.pk)).content.decode()
    assert address("task_version", task.pk, 1) in page
    assert address("task_version", task.pk, 2) in page


def test_a_version_is_compared_with_the_current_one_and_that_with_the_one_before(somebody, task):
    client = somebody("view_task")
    for number, old in ((1, "2"), (2, "two = &#x27;&lt;b&gt;&#x27;")):
        page = client.get(address("task_version", task.pk, number)).content.decode()
        [row] = [row for row in page.split("<tr ") if row.startswith('data-line="old"')]
        assert old in row
        assert "attempts" in page
    assert "Restore" not in page


def test_any_two_versions_can_be_compared(somebody, task):
    task.code = "x"
    task.save()
    page = somebody("view_task").get(address("task_version", task.pk, 2) + "?with=1").content.decode()
    assert "What changed from v1 to v2" in page


@pytest.mark.parametrize("query", ["?with=9", "?with=x", "?with=%00", "?with=²"])
def test_a_version_to_compare_with_that_is_not_there_does_no_harm(somebody, task, query):
    assert somebody("view_task").get(address("task_version", task.pk, 2) + query).status_code == 200


def test_a_version_is_restored_once_confirmed_and_it_is_written_down(somebody, task):
    client = somebody(*MAY)
    asked = client.get(address("task_restore", task.pk, 1)).content.decode()
    assert "attempts: 3 → 1" in asked
    assert "2 lines of code change." in asked
    task.refresh_from_db()
    assert task.version.number == 2
    assert restore(client, task, 1).status_code == 302
    task.refresh_from_db()
    assert (task.code, task.max_attempts, task.version.number) == ("one\ntwo = '<b>'\nthree\n", 1, 3)
    assert LogEntry.objects.get().change_message == "Restored v1."


def test_a_job_that_runs_keeps_its_version(somebody, task):
    _, [run] = Job.create(task.process)
    restore(somebody(*MAY), task, 1)
    run.refresh_from_db()
    assert run.version.number == 2


@pytest.mark.parametrize("permissions", [("view_task", "change_task"), ("view_task", "edit_code"), ("view_task",)])
def test_nobody_restores_code_without_both_permissions(somebody, task, permissions):
    assert restore(somebody(*permissions), task, 1).status_code == 403
    task.refresh_from_db()
    assert task.version.number == 2
    assert not LogEntry.objects.exists()


def test_without_code_in_the_database_none_comes_back(somebody, settings, task):
    settings.PGPROCESS = {"ALLOW_DB_CODE": False}
    answer = somebody(*MAY).post(address("task_restore", task.pk, 1), {"confirmed": "1"}, follow=True)
    assert "Code in the database is forbidden here" in answer.content.decode()
    task.refresh_from_db()
    assert task.version.number == 2


def test_restoring_what_is_current_does_nothing(somebody, task):
    restore(somebody(*MAY), task, 2)
    assert task.versions.count() == 2
    assert not LogEntry.objects.exists()


def test_versions_are_seen_with_the_permission_to_see_tasks_only(somebody, task):
    assert somebody("view_process").get(address("task_version", task.pk, 1)).status_code == 403
    assert somebody("view_task").get(address("task_version", task.pk, 99)).status_code == 404
