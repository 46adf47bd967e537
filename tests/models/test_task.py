"""Tasks and their edges, as Django code makes them."""

from __future__ import annotations

import re

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.db.models import RestrictedError

from pgprocess.models import Job, Process, Task, TaskDependency

pytestmark = pytest.mark.django_db


@pytest.fixture
def process():
    return Process.objects.create(name="p")


def test_tasks_made_in_bulk_are_whole(process):
    Task.objects.bulk_create(Task(process=process, name=f"t{n}", kind="python", code="pass") for n in range(3))
    assert all(task.version and task.version.code == "pass" for task in Task.objects.select_related("version"))


def test_a_task_says_what_to_run(process):
    Task(process=process, name="a", kind="callable", target="app.tasks.f").full_clean()
    Task(process=process, name="b", kind="python", code="pass").full_clean()
    with pytest.raises(ValidationError, match="Say what to run"):
        Task(process=process, name="c", kind="python").full_clean()


@pytest.mark.parametrize("offset", ["25%", "-25%", "0", ""])
def test_an_offset_is_a_percentage(process, offset):
    Task(process=process, name="a", code="pass", offset=offset).full_clean()


def test_names_are_unique_within_their_process(process):
    Task.objects.create(process=process, name="a", code="pass")
    Task.objects.create(process=Process.objects.create(name="q"), name="a", code="pass")
    with pytest.raises(IntegrityError):
        Task.objects.create(process=process, name="a", code="pass")


def test_a_circle_is_named_before_it_is_saved(process):
    a, b, c = (Task.objects.create(process=process, name=name, code="pass") for name in "abc")
    TaskDependency.objects.create(parent=a, task=b)
    TaskDependency.objects.create(parent=b, task=c)
    with pytest.raises(ValidationError, match="close a circle: a → b → c → a"):
        TaskDependency(parent=c, task=a).full_clean()
    assert [parent.name for parent in c.parents.all()] == ["b"]
    assert [child.name for child in a.children.all()] == ["b"]


def test_an_edge_stays_within_its_process(process):
    a = Task.objects.create(process=process, name="a", code="pass")
    b = Task.objects.create(process=Process.objects.create(name="q"), name="b", code="pass")
    with pytest.raises(ValidationError, match="belong to one process"):
        TaskDependency(parent=a, task=b).full_clean()


def test_a_task_that_ran_is_history_but_its_process_can_go(process):
    task = Task.objects.create(process=process, name="a", code="pass")
    Job.create(process)
    with pytest.raises(RestrictedError):
        task.delete()
    process.delete()
    assert not Job.objects.exists()


@pytest.mark.parametrize("code", ["if x\n    y", "x = (\n"])
def test_python_that_does_not_compile_is_refused_with_its_line(process, code):
    with pytest.raises(ValidationError, match=r"Line 1: "):
        Task(process=process, name="a", code=code).full_clean()


def test_code_for_another_interpreter_or_language_is_not_compiled(process):
    Task(process=process, name="a", code="print 'x'", interpreter="python2").full_clean()
    Task(process=process, name="a", kind="shell", code="if true; then echo; fi").full_clean()


def test_a_form_without_the_code_leaves_it_alone(process):
    Task(process=process, name="a", code="if x").full_clean(exclude=["code"])


FORBIDDEN = r"Code in the database is forbidden here \(PGPROCESS\[\"ALLOW_DB_CODE\"\] is False\)"


@pytest.mark.parametrize(
    "work",
    [
        {"code": "pass"},
        {"kind": "shell", "code": "ls"},
        {"kind": "sql", "code": "SELECT 1"},
        {"kind": "callable", "target": "app.tasks.f", "code": "pass"},
        {"kind": "python", "target": "x"},
        {"kind": "file", "target": "x.sh", "interpreter": "bash -c 'rm -rf /' --"},
    ],
)
def test_without_code_in_the_database_what_holds_code_is_refused(process, settings, work):
    settings.PGPROCESS = {"ALLOW_DB_CODE": False}
    with pytest.raises(ValidationError) as refused:
        Task(process=process, name="a", **work).full_clean()
    assert re.search(FORBIDDEN, str(refused.value))


@pytest.mark.parametrize("kind", ["file", "callable", "command"])
def test_without_code_in_the_database_what_stands_in_files_is_let_through(process, settings, kind):
    settings.PGPROCESS = {"ALLOW_DB_CODE": False}
    Task(process=process, name="a", kind=kind, target="x", arguments="-v", interpreter="bash").full_clean()
