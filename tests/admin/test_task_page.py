"""The page of a task: its code is checked, comes from files, and is changed only by those who may."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile

from pgprocess.models import Process, Task, TaskVersion
from tests.admin.conftest import address, errors_of, fields_of, submit
from tests.builders.drawing import draw, on_django

pytestmark = pytest.mark.django_db

CODE = ("kind", "code", "target", "interpreter", "arguments", "upload")


@pytest.fixture
def process():
    return Process.objects.get(pk=draw(on_django(), "a -> b -> c, d", {"b": {"code": "print('<b>')\n"}}))


@pytest.fixture
def task(process):
    return process.tasks.get(name="b")


@pytest.fixture
def page(task):
    return address("task_change", task.pk)


def script(name, content):
    return SimpleUploadedFile(name, content if isinstance(content, bytes) else content.encode())


def test_saving_without_a_change_makes_no_version(admin_client, task, page):
    assert submit(admin_client, page).status_code == 302
    assert submit(admin_client, page, code="print('<b>')\r\n").status_code == 302
    task.refresh_from_db()
    assert task.code == "print('<b>')\n"
    assert task.versions.count() == 1


def test_code_is_saved_as_it_was_written(admin_client, task, page):
    submit(admin_client, page, code="\r\n  x = 1  \r\n\r\n".replace("  x", "x"))
    task.refresh_from_db()
    assert task.code == "\nx = 1  \n\n"
    assert task.version.number == 2
    assert LogEntry.objects.get().get_change_message() == "Changed Code."


def test_python_that_does_not_compile_is_refused_with_its_line(admin_client, task, page):
    refused = submit(admin_client, page, code="x = 1\nif x\n    y")
    assert "Line 2: expected &#x27;:&#x27;: if x" in refused.content.decode()
    assert task.versions.count() == 1


@pytest.mark.parametrize(
    ("name", "kind"), [("load.py", "python"), ("load.sh", "shell"), ("LOAD.PL", "perl"), ("a.b.py", "python")]
)
def test_a_file_fills_in_the_code_and_the_kind(admin_client, task, page, name, kind):
    assert submit(admin_client, page, upload=script(name, "\ufeffexit = 0\r\n")).status_code == 302
    task.refresh_from_db()
    assert (task.code, task.kind) == ("exit = 0\n", kind)


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (script("load.exe", "x"), "The name of a script ends in .py, .sh or .pl, unlike load.exe."),
        (script("py", "x"), "The name of a script ends in .py, .sh or .pl, unlike py."),
        (script("load.py", b"\xff\xfe"), "load.py is no text in UTF-8."),
        (script("load.sh", "a\x00b"), "load.sh holds a NUL byte, which no script has."),
        (script("load.py", b"#" * 1_000_001), "A script has at most 1000000 bytes, load.py more."),
        (script("load.py", "if x"), "Line 1: expected"),
        (script("load.py", ""), "The submitted file is empty."),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_is_no_script_is_one_sentence(admin_client, task, page, file, sentence):
    assert sentence in errors_of(submit(admin_client, page, upload=file))
    assert task.versions.count() == 1


def test_parents_are_chosen_among_the_tasks_of_the_process(admin_client, process, task, page):
    draw(on_django(), "stranger", name="q")
    shown = admin_client.get(page).content.decode()
    assert fields_of(shown)["waits_for"] == [str(process.tasks.get(name="a").pk)]
    assert "stranger" not in shown
    d = process.tasks.get(name="d")
    assert submit(admin_client, page, waits_for=[d.pk]).status_code == 302
    assert [parent.name for parent in task.parents.all()] == ["d"]
    assert LogEntry.objects.get().get_change_message() == "Changed Waits for."
    stranger = Task.objects.get(name="stranger")
    assert "Choose among the tasks of the same process." in errors_of(
        submit(admin_client, page, waits_for=[stranger.pk])
    )
    assert "Choose among the tasks of the same process." in errors_of(submit(admin_client, page, waits_for=[task.pk]))


def test_a_task_may_wait_for_nothing(admin_client, task, page):
    assert submit(admin_client, page, waits_for=[]).status_code == 302
    assert not task.parents.exists()


def test_a_circle_is_named(admin_client, process):
    a, c = process.tasks.get(name="a"), process.tasks.get(name="c")
    refused = errors_of(submit(admin_client, address("task_change", a.pk), waits_for=[c.pk]))
    assert any(
        f"close a circle: {circle}." in refused for circle in ("a → b → c → a", "b → c → a → b", "c → a → b → c")
    )
    assert not a.parents.exists()


def test_a_new_task_begins_in_the_process_it_is_added_to(admin_client, process):
    url = address("task_add") + f"?process={process.pk}"
    a = process.tasks.get(name="a")
    assert submit(admin_client, url, name="e", code="pass", waits_for=[a.pk]).status_code == 302
    task = Task.objects.get(name="e")
    assert task.process == process
    assert [parent.name for parent in task.parents.all()] == ["a"]


def test_a_task_stays_in_its_process(admin_client, task, page):
    other = Process.objects.create(name="other")
    assert submit(admin_client, page, process=other.pk).status_code == 302
    task.refresh_from_db()
    assert task.process.name == "p"


def test_without_the_permission_nothing_of_the_code_is_changed_by_whatever_is_sent(somebody, task, page):
    client = somebody("view_task", "change_task")
    before = TaskVersion.objects.count()
    sent = {"kind": "shell", "code": "rm -rf /", "target": "x", "interpreter": "bash", "arguments": "-x"}
    assert not set(CODE) & set(fields_of(client.get(page).content.decode()))
    for upload in ({}, {"upload": script("x.sh", "evil")}):
        assert submit(client, page, **sent, **upload, description="mine").status_code == 302
    task.refresh_from_db()
    assert (task.kind, task.code, task.target, task.interpreter, task.arguments) == (
        "python",
        "print('<b>')\n",
        "",
        "",
        "",
    )
    assert task.description == "mine"
    assert TaskVersion.objects.count() == before


def test_who_may_only_look_sees_the_code_and_the_parents(somebody, task, page):
    shown = somebody("view_task").get(page).content.decode()
    assert '<span class="pgp-line">print(&#x27;&lt;b&gt;&#x27;)</span>' in shown
    assert f'<a href="{address("task_change", task.parents.get().pk)}">a</a>' in shown
    assert somebody("view_task").post(page, {"name": "x"}).status_code == 403


def test_without_code_in_the_database_nobody_writes_any(admin_client, settings, task, page):
    settings.PGPROCESS = {"ALLOW_DB_CODE": False}
    shown = admin_client.get(page).content.decode()
    assert not {"code", "upload"} & set(fields_of(shown))
    assert 'value="callable"' in shown
    assert 'value="shell"' not in shown
    assert "Code in the database is forbidden here" in errors_of(submit(admin_client, page, kind="python", code="evil"))
    changed = submit(admin_client, page, kind="callable", target="shop.f", code="evil", upload=script("x.py", "evil"))
    assert changed.status_code == 302
    task.refresh_from_db()
    assert (task.kind, task.target, task.code) == ("callable", "shop.f", "")


def test_a_task_page_takes_few_queries_whatever_its_process(admin_client, page, django_assert_max_num_queries):
    draw(on_django(), ", ".join(f"x{n} -> y{n}" for n in range(200)), name="large")
    large = address("task_change", Task.objects.get(name="y7").pk)
    for url in (page, large):
        with django_assert_max_num_queries(12):
            admin_client.get(url)
