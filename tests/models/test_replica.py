"""A project that reads from a replica: what is ours is read where it is written, for every read decides something."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connections, models
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from pgprocess.diagram.source import graph_of
from pgprocess.models import Backfill, Job, JobTask, LogChunk, Process, Task, Worker
from pgprocess.models.duplicate import duplicate

pytestmark = pytest.mark.django_db
MODELS = list(apps.get_app_config("pgprocess").get_models())


class Replica:
    """A router as in Django's documentation: reads of everything go to a replica, which has seen nothing yet."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str | None:
        return "replica" if model._meta.app_label == "pgprocess" else None

    def db_for_write(self, model: type[models.Model], **hints: Any) -> str:
        return "default"


@pytest.fixture(autouse=True)
def replica(settings: Any) -> Iterator[None]:
    """An alias at which nobody answers: whoever reads there fails."""
    nowhere = {"ENGINE": "django.db.backends.postgresql", "NAME": "none", "HOST": "/nonexistent"}
    connections.settings["replica"] = connections.configure_settings({"default": {}, "replica": nowhere})["replica"]
    settings.DATABASE_ROUTERS = [Replica()]
    yield
    del connections.settings["replica"]


@pytest.fixture
def process() -> Process:
    process = Process.objects.create(name="p", minute="0", hour="3")
    first = Task.objects.create(process=process, name="a", code="pass")
    second = Task.objects.create(process=process, name="b", code="pass")
    second.dependencies.create(parent=first)
    return process


def test_no_model_of_ours_is_read_elsewhere() -> None:
    for model in MODELS:
        assert model._default_manager.all().db == "default"
        assert model._base_manager.all().db == "default"
        assert model._default_manager.using("replica").db == "replica"


def test_jobs_and_their_verbs(process: Process) -> None:
    job, tasks = Job.create(process, {"day": 1})
    assert [str(task) for task in tasks] == ["a", "b"]
    tasks[0].force()
    assert {str(task) for task in tasks[0].affected_by("reopen")} == {"b"}
    tasks[0].reopen(latest=True)
    tasks[0].skip()
    tasks[0].reopen()
    assert job.tasks.get(task__name="b").task.process == process
    job.cancel()
    tasks[1].refresh_from_db()
    assert (job.status, tasks[1].status) == ("cancelled", "cancelled")
    assert Job.objects.running().cancel() == 0
    assert JobTask.objects.filter(job=job).retry() == 0
    job.delete()
    process.delete()


def test_processes(process: Process) -> None:
    process.pause("why")
    process.refresh_from_db()
    assert process.paused_reason == "why"
    process.resume()
    copy = duplicate(process, "copy")
    assert copy.tasks.count() == 2
    assert Task.objects.get(process=copy, name="b").parents.get().name == "a"
    now = timezone.now()
    Process.objects.update(scheduled_from=now - timedelta(days=9))
    jobs = process.backfill(now - timedelta(days=3), now - timedelta(hours=1))
    assert len(jobs) == 3
    assert Backfill.objects.get().cancel() >= 1
    assert Process.objects.overdue().count() >= 0
    process.full_clean()
    Task.objects.get(process=process, name="a").full_clean()
    assert graph_of(process).nodes


def test_a_process_that_was_read_from_a_replica_can_be_run(process: Process) -> None:
    process._state.db = "replica"  # noqa: SLF001
    job, tasks = Job.create(process)
    assert (job.process, len(tasks)) == (process, 2)
    process.pause()


def test_what_tasks_wrote(process: Process) -> None:
    _job, [first, _] = Job.create(process)
    LogChunk.objects.create(jobtask=first, attempt=1, seq=1, stream="stdout", text="hello")
    assert "".join(LogChunk.objects.whole(first, 1)) == "hello"
    assert LogChunk.objects.end_of(first, 1, size=9, most=9)[0][0].text == "hello"
    assert LogChunk.objects.after({first.pk: (0, 0)})[0].text == "hello"


def test_every_page_of_the_admin(admin_client: Client, process: Process) -> None:
    job, [task, _] = Job.create(process)
    Worker.objects.create(host="h")
    rows: dict[str, Any] = {"process": process, "job": job, "jobtask": task, "task": task.task}
    rows["worker"] = Worker.objects.get()
    for name, row in rows.items():
        for page in ("changelist", "change", "delete", "history"):
            args = [] if page == "changelist" else [row.pk]
            assert admin_client.get(reverse(f"admin:pgprocess_{name}_{page}", args=args)).status_code == 200, name
    assert admin_client.get(reverse("admin:index")).status_code == 200
    assert admin_client.get(reverse("admin:pgprocess_worker_queues")).status_code == 200
    assert admin_client.get(reverse("admin:pgprocess_job_live", args=[job.pk])).status_code == 200


@pytest.mark.parametrize("verb", ["force", "skip", "cancel"])
def test_verbs_in_the_admin(admin_client: Client, process: Process, verb: str) -> None:
    _job, [task, _] = Job.create(process)
    url = reverse(f"admin:pgprocess_jobtask_{verb}", args=[task.pk])
    assert admin_client.get(url).status_code == 200
    from pgprocess.admin.confirm import CONFIRMED

    admin_client.post(url, {CONFIRMED: "1", "reason": "why"})
    task.refresh_from_db()
    assert task.status == {"force": "forced", "skip": "skipped", "cancel": "cancelled"}[verb]


def test_commands(process: Process, capsys: pytest.CaptureFixture[str]) -> None:
    job, _ = Job.create(process)
    call_command("pgprocess_backfill", "p", "2026-01-01", "2026-01-03", "--dry-run")
    call_command("pgprocess_graph", "p")
    call_command("pgprocess_graph", str(job.pk))
    call_command("pgprocess_logs", str(job.pk))
    call_command("pgprocess_prune", "--older-than", "30d", "--dry-run")


def test_a_page_of_the_diagram(process: Process) -> None:
    from django.template import engines

    text = "{% load process_diagram %}{{ process|diagram }}"
    page: Callable[..., str] = engines["django"].from_string(text).render
    assert "<svg" in page({"process": process})
