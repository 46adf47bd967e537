"""The admin: its pages answer, its actions ask for permission and are written down."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from pgprocess.models import Job, JobTask, Process, Task, Worker
from tests.builders.drawing import draw, on_django

pytestmark = pytest.mark.django_db


@pytest.fixture
def process():
    return Process.objects.get(pk=draw(on_django(), "a -> b, a -> c", {"b": {"code": "print('<b>')"}}))


@pytest.fixture
def job(process):
    return Job.create(process)[0]


@pytest.fixture
def person(client):
    """Sign in as a person who may do only what is said."""

    def make(*permissions):
        user = User.objects.create_user("ana", password="x", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
        client.force_login(user)
        return client

    return make


def act(client, model, action, *rows):
    url = reverse(f"admin:pgprocess_{model}_changelist")
    return client.post(url, {"action": action, "_selected_action": [row.pk for row in rows], "confirmed": "1"})


@pytest.mark.parametrize("model", ["process", "task", "job", "jobtask", "worker"])
def test_every_list_and_page_answers(admin_client, job, model):
    Worker.objects.create(host="h", pid=1)
    models: dict[str, Any] = {"process": Process, "task": Task, "job": Job, "jobtask": JobTask, "worker": Worker}
    row = models[model].objects.first()
    assert admin_client.get(reverse(f"admin:pgprocess_{model}_changelist")).status_code == 200
    assert admin_client.get(reverse(f"admin:pgprocess_{model}_change", args=[row.pk])).status_code == 200


def test_a_job_page_shows_its_diagram_and_takes_few_queries(admin_client, django_assert_max_num_queries):
    process = Process.objects.get(pk=draw(on_django(), ", ".join(f"a -> b{n}" for n in range(50))))
    job, _ = Job.create(process)
    with django_assert_max_num_queries(40):
        page = admin_client.get(reverse("admin:pgprocess_job_change", args=[job.pk])).content.decode()
    assert "<svg" in page
    assert "b49" in page


def test_a_process_page_says_when_it_runs_next(admin_client, process):
    Process.objects.update(minute="30", hour="16", timezone="Europe/Berlin")
    page = admin_client.get(reverse("admin:pgprocess_process_change", args=[process.pk])).content.decode()
    assert page.count("16:30 CE") == 5


def test_a_process_can_be_run_on_demand_and_it_is_written_down(admin_client, process):
    assert act(admin_client, "process", "run_now", process).status_code == 302
    assert Job.objects.get().actor == "admin"
    assert LogEntry.objects.get().change_message == "Run on demand."


def test_a_job_can_be_cancelled_and_it_is_written_down(admin_client, job):
    assert act(admin_client, "job", "cancel", job).status_code == 302
    job.refresh_from_db()
    assert (job.status, job.actor) == ("cancelled", "admin")
    assert LogEntry.objects.get().change_message == "Cancelled."


def test_nothing_changes_before_one_has_confirmed(admin_client, process, job):
    for model, action, row in (("process", "run_now", process), ("job", "cancel", job)):
        url = reverse(f"admin:pgprocess_{model}_changelist")
        page = admin_client.post(url, {"action": action, "_selected_action": [row.pk]})
        assert 'name="confirmed"' in page.content.decode()
    assert Job.objects.get().status == "running"
    assert not LogEntry.objects.exists()


def test_nobody_runs_or_cancels_without_the_permission(person, process, job):
    client = person("view_process", "change_process", "view_job")
    act(client, "process", "run_now", process)
    act(client, "job", "cancel", job)
    assert Job.objects.get().status == "running"


def test_with_the_permission_one_may(person, process):
    act(person("view_process", "run_process"), "process", "run_now", process)
    assert Job.objects.get().actor == "ana"


def test_code_is_edited_with_its_own_permission_only(person, process):
    task = process.tasks.get(name="b")
    client = person("view_task", "change_task", "add_task")
    url = reverse("admin:pgprocess_task_change", args=[task.pk])
    page = client.get(url).content.decode()
    assert 'name="code"' not in page
    assert "print(&#x27;&lt;b&gt;&#x27;)" in page
    assert client.get(reverse("admin:pgprocess_task_add")).status_code == 403


def test_rows_that_the_database_writes_are_not_edited(admin_client, job):
    for model, row in (("job", job), ("jobtask", job.tasks.first())):
        url = reverse(f"admin:pgprocess_{model}_change", args=[row.pk])
        assert admin_client.post(url, {"status": "succeeded"}).status_code == 403
        assert admin_client.get(reverse(f"admin:pgprocess_{model}_add")).status_code == 403


def test_output_is_seen_with_its_own_permission_only(person, job):
    task = job.tasks.first()
    task.log.create(attempt=0, seq=1, stream="stdout", text="<script>secret</script>")
    url = reverse("admin:pgprocess_jobtask_change", args=[task.pk])
    client = person("view_jobtask")
    assert "secret" not in client.get(url).content.decode()
    User.objects.get().user_permissions.add(Permission.objects.get(codename="view_log"))
    page = client.get(url).content.decode()
    assert "&lt;script&gt;secret" in page


def test_only_tasks_of_the_same_process_can_become_parents(admin_client, process):
    draw(on_django(), "stranger", name="q")
    task = process.tasks.get(name="b")
    page = admin_client.get(reverse("admin:pgprocess_task_change", args=[task.pk])).content.decode()
    assert "> c</label>" in page
    assert "stranger" not in page


def test_before_a_deletion_what_goes_with_it_is_counted_and_no_log_is_shown(admin_client, process, job):
    execute = on_django()
    execute(
        "INSERT INTO pgprocess_logchunk (jobtask_id, attempt, seq, stream, text) "
        "SELECT id, 1, 1, 'stdout', 'a line of a log' FROM pgprocess_jobtask LIMIT 1"
    )
    page = admin_client.get(reverse("admin:pgprocess_process_delete", args=[process.pk])).content.decode()
    assert "Jobs: 1" in page
    assert "a line of a log" not in page
