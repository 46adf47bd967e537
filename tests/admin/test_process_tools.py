"""What people do with a process: each is asked first, needs its permission, and is written down."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry

from pgprocess.models import Job, Process
from tests.admin.conftest import address
from tests.builders.drawing import draw, on_django

pytestmark = pytest.mark.django_db

TOOLS = {
    "run": (("view_process", "run_process"), {"params": ""}),
    "pause": (("view_process", "change_process"), {"reason": "the source is down"}),
    "duplicate": (("view_process", "add_process", "add_task", "edit_code"), {"name": "again"}),
    "unplace": (("view_process", "change_process", "change_task"), {}),
}


@pytest.fixture
def process():
    process = Process.objects.get(pk=draw(on_django(), "a -> b, c", name="nightly"))
    process.tasks.filter(name="c").update(is_active=False, level=2)
    return process


def tool(process, name):
    return address(f"process_{name}", process.pk)


def say(client, process, name, /, **answers):
    return client.post(tool(process, name), {"confirmed": "1", **answers})


def state():
    return (
        Job.objects.count(),
        list(Process.objects.order_by("pk").values_list("name", "is_active", "paused_reason")),
        list(Process.objects.values_list("tasks__level", flat=True)),
    )


@pytest.mark.parametrize("name", TOOLS)
def test_a_question_changes_nothing_before_it_is_answered(somebody, process, name):
    permissions, answers = TOOLS[name]
    client, before = somebody(*permissions), state()
    assert client.get(tool(process, name)).status_code == 200
    assert client.get(tool(process, name), {"confirmed": "1", **answers}).status_code == 200
    assert client.post(tool(process, name), answers).status_code == 200
    assert state() == before
    assert say(client, process, name, **answers).status_code == 302
    assert state() != before
    assert LogEntry.objects.count() == 1


@pytest.mark.parametrize(("name", "missing"), [(name, one) for name, (all_, _) in TOOLS.items() for one in all_])
def test_without_any_of_its_permissions_it_is_refused(somebody, process, name, missing):
    permissions, answers = TOOLS[name]
    client, before = somebody(*(set(permissions) - {missing})), state()
    if missing != "view_process" or name not in ("pause", "unplace"):  # who may change may look
        assert client.get(tool(process, name)).status_code == 403
        assert say(client, process, name, **answers).status_code == 403
        assert state() == before


@pytest.mark.parametrize("name", [*TOOLS, "resume", "place", "schedule"])
def test_nobody_comes_here_without_signing_in(client, process, name):
    url = address("process_schedule") if name == "schedule" else tool(process, name)
    assert client.get(url).status_code == 302
    assert client.post(url, {"confirmed": "1"}).status_code == 302
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("name", [*TOOLS, "place"])
def test_a_post_needs_its_token(process, name, admin_user):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    assert say(client, process, name).status_code == 403


def test_a_run_begins_with_params_and_one_goes_to_its_page(admin_client, process):
    asked = admin_client.get(tool(process, "run")).content.decode()
    assert "2 tasks run: a, b." in asked
    assert "Left out, since they are inactive: c." in asked
    answer = say(admin_client, process, "run", params='{"day": "2026-11-24"}')
    job = Job.objects.get()
    assert answer.url == address("job_change", job.pk)
    assert (job.params, job.actor) == ({"day": "2026-11-24"}, "admin")
    assert LogEntry.objects.get().change_message == f"Run on demand: job {job.pk}."


def test_params_can_be_filled_in_by_a_link(admin_client, process):
    asked = admin_client.get(tool(process, "run"), {"params": '{"day": "<b>"}'}).content.decode()
    assert "{&quot;day&quot;: &quot;&lt;b&gt;&quot;}" in asked


@pytest.mark.parametrize(
    ("params", "sentence"),
    [("[1]", "Params are a JSON object"), ("{day: 1}", "This is not JSON"), ('"x"', "Params are a JSON object")],
)
def test_params_that_are_no_object_are_refused(admin_client, process, params, sentence):
    answer = say(admin_client, process, "run", params=params)
    assert sentence in answer.content.decode()
    assert not Job.objects.exists()


def test_a_pause_has_its_reason_and_is_taken_back(admin_client, process):
    assert "required" in say(admin_client, process, "pause", reason="").content.decode()
    say(admin_client, process, "pause", reason="the source is down")
    process.refresh_from_db()
    assert (process.is_active, process.paused_reason) == (False, "the source is down")
    assert "(admin): the source is down" in admin_client.get(address("process_change", process.pk)).content.decode()
    say(admin_client, process, "resume")
    process.refresh_from_db()
    assert (process.is_active, process.paused_reason) == (True, "")
    assert [entry.change_message for entry in LogEntry.objects.order_by("pk")] == [
        "Paused: the source is down",
        "Resumed.",
    ]


def test_pausing_twice_keeps_the_first_reason(admin_client, process):
    say(admin_client, process, "pause", reason="first")
    say(admin_client, process, "pause", reason="second")
    process.refresh_from_db()
    assert (process.paused_reason, process.paused_by) == ("first", "admin")


def test_a_copy_gets_a_name_that_is_free(admin_client, process):
    assert (
        "There is a process of that name already."
        in say(admin_client, process, "duplicate", name="nightly").content.decode()
    )
    answer = say(admin_client, process, "duplicate", name="again")
    copy = Process.objects.get(name="again")
    assert answer.url == address("process_change", copy.pk)
    assert copy.tasks.count() == 3
    assert LogEntry.objects.get().object_id == str(copy.pk)


def test_a_process_that_is_not_there_is_a_404(admin_client, process):
    process.pk = 4711
    for name in TOOLS:
        assert admin_client.get(tool(process, name)).status_code == 404
