"""The pages of runs: what they cost, what they show and to whom, what they refuse."""

from __future__ import annotations

import json

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from pgprocess.admin.job.task_rows import TIMES
from pgprocess.models import Job, JobTask, Process, Worker
from tests.builders.drawing import DrawnJob, draw, on_django

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    """Return a job that failed halfway."""
    run = DrawnJob(on_django(), "a -> b -> d, a -> c")
    run.do("a")
    run.do("c")
    run.do("b", "failed", exit_code=2, error="Traceback\nKeyError: 'x'")
    return run


@pytest.fixture
def person(client):
    """Sign in as a person who may do only what is said."""

    def make(*permissions):
        user, _ = User.objects.get_or_create(username="ana", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
        client.force_login(user)
        return client

    return make


def of_job(page, run):
    return reverse(f"admin:pgprocess_job_{page}", args=[run.id])


def of_task(page, run, name):
    return reverse(f"admin:pgprocess_jobtask_{page}", args=[run.get(name, "id")])


def html(response):
    assert response.status_code == 200
    return response.content.decode()


# what they cost


def queries_of(client, address):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        html(client.get(address))
    return len(queries)


@pytest.mark.parametrize("number", [10, 200])
def test_a_job_page_asks_the_same_of_few_tasks_and_of_many(admin_client, number):
    run = DrawnJob(on_django(), ", ".join(f"a -> b{n}" for n in range(number)))
    run.do("a")
    assert queries_of(admin_client, of_job("change", run)) <= 20


def test_a_mapped_task_is_one_line_whatever_the_number_of_its_items(admin_client):
    run = DrawnJob(on_django(), "list -> send", {"send": {"map_over": "list"}})
    run.do("list", result=json.dumps(list(range(300))))
    page = html(admin_client.get(of_job("change", run)))
    assert page.count('class="pgp-node"') == 2
    assert f"send {TIMES}300" in page


@pytest.mark.parametrize("model", ["job", "jobtask", "worker"])
def test_a_list_asks_no_more_of_many_rows(admin_client, model):
    process = draw(on_django(), "a, b, c", name="p")
    address = reverse(f"admin:pgprocess_{model}_changelist")

    def grow(number):
        for n in range(number):
            Job.create(Process.objects.get(pk=process))
            Worker.objects.create(host="h", pid=n)

    grow(2)
    html(admin_client.get(address))
    few = queries_of(admin_client, address)
    grow(20)
    assert queries_of(admin_client, address) == few


def test_a_list_counts_no_further_than_one_pages_and_goes_on_by_the_key(admin_client, monkeypatch):
    monkeypatch.setattr("pgprocess.admin.changelist.CAP", 60)
    monkeypatch.setattr("pgprocess.admin.job.admin.JobAdmin.list_per_page", 30)
    process = draw(on_django(), "a")
    on_django()("INSERT INTO pgprocess_job (process_id) SELECT %s FROM generate_series(1, 100)", [process])
    address = reverse("admin:pgprocess_job_changelist")
    assert "Older ones" not in html(admin_client.get(address))
    page = html(admin_client.get(address + "?p=2"))
    assert "The newest 60" in page
    last = Job.objects.order_by("-pk")[59].pk
    assert f"id__lt={last}" in page
    older = html(admin_client.get(f"{address}?id__lt={last}"))
    assert "40 jobs" in older


def test_the_live_page_says_nothing_while_nothing_changes(admin_client, run):
    first = admin_client.get(of_job("live", run))
    again = admin_client.get(of_job("live", run), headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    run.set("b", "ready")
    changed = admin_client.get(
        of_job("live", run) + f"?since={first.json()['since']}", headers={"if-none-match": first["ETag"]}
    )
    assert changed.status_code == 200
    assert changed.json()["status"] == "running"
    assert {"b", "d"} <= {task["label"].partition(":")[0] for task in changed.json()["tasks"]}
    assert int(changed["X-Next"]) >= 1000


def test_the_live_page_ends_with_the_job(admin_client, run):
    assert admin_client.get(of_job("live", run))["X-Next"] == "0"


def test_every_write_to_a_job_changes_its_mark(admin_client, run):
    seen = set()
    for change in (
        lambda: run.set("b", "ready"),
        lambda: run.set("b", "running"),
        lambda: run.set("b", "scheduled"),
        lambda: on_django()("UPDATE pgprocess_jobtask SET run_at = now() WHERE job_id = %s", [run.id]),
        lambda: run.set("b", "forced"),
    ):
        # Within one transaction all writes are of one writer: each is given one of its own.
        on_django()("SAVEPOINT one")
        change()
        seen.add(admin_client.get(of_job("live", run))["ETag"])
    assert len(seen) == 5


# what they show


def test_a_job_page_says_what_failed_first_and_leads_there(admin_client, run):
    page = html(admin_client.get(of_job("change", run)))
    assert "KeyError: &#x27;x&#x27;" in page
    assert f"?task={run.get('b', 'id')}#end" in page
    assert "<svg" in page


def test_a_page_takes_names_and_output_for_text(admin_client):
    evil = "<script>alert(1)</script>"
    run = DrawnJob(
        on_django(), draw(on_django(), "a", {"a": {"name": evil}}, name=evil), params=json.dumps({evil: evil})
    )
    task = JobTask.objects.get()
    run.set(evil, "running")
    task.log.create(attempt=1, seq=1, stream="stdout", text=evil + "\x1b[31mred\x1b[0m\x00".replace("\x00", ""))
    for address in (
        of_job("change", run),
        reverse("admin:pgprocess_jobtask_change", args=[task.pk]),
        reverse("admin:app_list", args=["pgprocess"]),
        of_job("cancel", run),
    ):
        assert "<script>alert" not in html(admin_client.get(address))


def test_the_log_comes_from_where_one_has_read_to(admin_client, run):
    task = JobTask.objects.get(task__name="b")
    for seq in (1, 2, 3):
        task.log.create(attempt=1, seq=seq, stream="stdout", text=f"line {seq}\n")
    answer = admin_client.get(of_task("log", run, "b"), {"attempt": 1, "after": 1}).json()
    assert answer["pieces"] == [[2, "stdout", "line 2\n"], [3, "stdout", "line 3\n"]]
    assert answer["next"] == 0
    file = admin_client.get(of_task("file", run, "b"), {"attempt": 1})
    assert b"".join(file.streaming_content) == b"line 1\nline 2\nline 3\n"
    assert file["Content-Type"].startswith("text/plain")
    assert "attachment" in file["Content-Disposition"]


def test_odd_addresses_are_not_errors(admin_client, run):
    for query in ("?task=x", "?task=99999999999999999999", "?attempt=-1", "?attempt=99", "?whole=1"):
        html(admin_client.get(of_job("change", run) + query))
    for address in (
        "/admin/pgprocess/job/x/change/",
        "/admin/pgprocess/job/999999/change/",
        "/admin/pgprocess/jobtask/x/change/",
    ):
        assert admin_client.get(address).status_code == 404
    assert admin_client.get(of_job("live", run) + "?since=x").status_code == 200


# what they refuse


@pytest.mark.parametrize(
    ("verb", "needed"),
    [
        ("retry", "reopen_jobtask"),
        ("reopen", "reopen_jobtask"),
        ("force", "force_jobtask"),
        ("skip", "force_jobtask"),
        ("cancel", "cancel_job"),
    ],
)
def test_a_verb_asks_for_its_permission(person, run, verb, needed):
    every = {"reopen_jobtask", "force_jobtask", "cancel_job", "run_process", "view_log", "change_job"}
    client = person("view_job", "view_jobtask", *(every - {needed}))
    address = of_task(verb, run, "b")
    assert client.get(address).status_code == 403
    assert client.post(address, {"confirmed": "1"}).status_code == 403
    assert run.get("b") == "failed"
    assert person("view_jobtask", needed).get(address).status_code == 200


@pytest.mark.parametrize("page", ["cancel", "again"])
def test_what_is_done_to_a_job_asks_for_its_permission(person, run, page):
    client = person("view_job", "view_jobtask", "reopen_jobtask")
    assert client.post(of_job(page, run), {"confirmed": "1"}).status_code == 403
    assert Job.objects.count() == 1


def test_nobody_sees_a_job_without_the_permission(person, run):
    client = person("view_process")
    for page in ("change", "live", "timeline", "cancel", "retry", "again", "see"):
        assert client.get(of_job(page, run)).status_code == 403, page
    for page in ("change", "panel", "log", "file", "retry"):
        assert client.get(of_task(page, run, "b")).status_code == 403, page


def test_a_question_changes_nothing_and_an_answer_is_written_down(admin_client, run):
    address = of_task("force", run, "b")
    page = html(admin_client.get(address))
    assert "Goes on at once" in page
    html(admin_client.post(address))
    assert run.get("b") == "failed"
    assert admin_client.post(address, {"confirmed": "1", "reason": "by hand"}).status_code == 302
    assert run.statuses == {"a": "succeeded", "b": "forced", "c": "succeeded", "d": "ready"}
    assert LogEntry.objects.get().change_message == "force: by hand"
    assert (run.get("b", "actor"), run.get("b", "reason")) == ("admin", "by hand")


def test_a_verb_that_does_not_apply_any_more_is_refused_with_a_word(admin_client, run):
    run.set("b", "forced")
    response = admin_client.post(of_task("retry", run, "b"), {"confirmed": "1"}, follow=True)
    assert "There was nothing to do." in html(response)
    assert not LogEntry.objects.exists()


def test_what_is_sent_without_a_token_is_refused(run):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("root"))
    for address in (of_task("retry", run, "b"), of_job("see", run), of_job("cancel", run)):
        assert client.post(address, {"confirmed": "1"}).status_code == 403
    assert run.get("b") == "failed"


def test_a_job_runs_again_with_the_same_params(admin_client, run):
    Job.objects.update(params={"day": "2026-11-24", "api_token": "t0p"})
    page = html(admin_client.get(of_job("again", run)))
    assert "2026-11-24" in page
    assert "t0p" not in page
    admin_client.post(of_job("again", run), {"confirmed": "1"})
    again = Job.objects.first()
    assert again
    assert again.params == {"day": "2026-11-24", "api_token": "t0p"}
    assert again.actor == "admin"


def test_a_failure_is_unseen_until_somebody_looks_and_again_when_it_fails_again(admin_client, run):
    assert list(Job.objects.unseen()) == [Job.objects.get()]
    assert admin_client.get(of_job("see", run)).status_code == 302
    assert Job.objects.unseen().exists()
    admin_client.post(of_job("see", run))
    assert not Job.objects.unseen().exists()
    run.set("b", "ready", "running")
    run.set("b", "failed")
    Job.objects.update(seen_at="2020-01-01T00:00Z")
    assert Job.objects.unseen().exists()


def test_a_job_is_saved_as_a_drawing(admin_client, run):
    response = admin_client.get(reverse("admin:pgprocess_job_diagram", args=[run.id, "svg"]))
    assert response["Content-Disposition"] == f'attachment; filename="job-{run.id}.svg"'
    assert response.content.decode().startswith("<svg")


def test_a_script_that_only_ended_with_a_code_is_explained_by_what_it_said_last(admin_client):
    run = DrawnJob(on_django(), "extract -> load")
    run.set("extract", "running")
    on_django()(
        "INSERT INTO pgprocess_logchunk (jobtask_id, attempt, seq, stream, text) VALUES "
        "(%(id)s, 1, 1, 'stderr', E'Traceback\\nKeyError: price\\n'), (%(id)s, 1, 2, 'stdout', 'bye')",
        {"id": run.get("extract", "id")},
    )
    run.set("extract", "failed", exit_code=1, error="exit code 1")
    for page in (reverse("admin:app_list", args=["pgprocess"]), reverse("admin:pgprocess_job_change", args=[run.id])):
        assert "KeyError: price</" in admin_client.get(page).content.decode()
