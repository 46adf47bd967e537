"""What runs needs its rows: people who want to delete them read what to do first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from pgprocess.models import Job, JobTask, Process, Task, Worker
from tests.admin.conftest import address
from tests.builders.drawing import DrawnJob, Executes, on_django

MODELS: dict[str, type[Any]] = {"process": Process, "task": Task, "job": Job, "jobtask": JobTask, "worker": Worker}
SENTENCES = {
    "process": "runs: cancel it, then its process can be deleted.",
    "task": "which runs: cancel that, and switch the task off.",
    "job": "runs: cancel it, then it can be deleted.",
    "jobtask": "has not settled: cancel it, then it can be deleted.",
    "worker": "is alive: stop it, then it can be deleted.",
}


@pytest.fixture
def execute(db: None) -> Executes:
    return on_django()


@pytest.fixture
def run(execute: Executes) -> DrawnJob:
    """A job that runs on a live worker."""
    run = DrawnJob(execute, "a -> b")
    [(worker,)] = execute("INSERT INTO pgprocess_worker (host) VALUES ('h') RETURNING id")
    run.set("a", "running", worker_id=worker)
    return run


def confirmed(client: Client, name: str, pk: int, way: str) -> Any:
    if way == "page":
        return client.post(address(f"{name}_delete", pk), {"post": "yes"}, follow=True)
    data = {"action": "delete_selected", "_selected_action": [pk], "post": "yes"}
    return client.post(address(f"{name}_changelist"), data, follow=True)


@pytest.mark.parametrize("way", ["page", "list"])
@pytest.mark.parametrize("name", MODELS)
def test_what_a_run_needs_stays_and_a_sentence_says_why(
    admin_client: Client, run: DrawnJob, name: str, way: str
) -> None:
    before = MODELS[name].objects.count()
    answer = confirmed(admin_client, name, MODELS[name].objects.earliest("pk").pk, way)
    assert answer.redirect_chain[0][1] == 302
    assert SENTENCES[name] in answer.content.decode()
    assert MODELS[name].objects.count() == before


@pytest.mark.parametrize("way", ["page", "list"])
@pytest.mark.parametrize("name", ["process", "job", "jobtask", "worker"])
def test_afterwards_it_may_go(admin_client: Client, run: DrawnJob, execute: Executes, name: str, way: str) -> None:
    execute("UPDATE pgprocess_job SET status = 'cancelled'")
    execute("UPDATE pgprocess_worker SET state = 'stopped'")
    pk = MODELS[name].objects.earliest("pk").pk
    confirmed(admin_client, name, pk, way)
    assert not MODELS[name].objects.filter(pk=pk).exists()


def test_a_dead_worker_may_go_and_what_it_ran_is_given_back(
    admin_client: Client, run: DrawnJob, execute: Executes
) -> None:
    execute("UPDATE pgprocess_worker SET last_seen = now() - interval '1 h'")
    confirmed(admin_client, "worker", Worker.objects.get().pk, "page")
    assert Worker.objects.count() == 0
    assert run.statuses == {"a": "ready", "b": "awaiting"}


def test_who_may_not_delete_learns_nothing(somebody: Callable[..., Client], run: DrawnJob) -> None:
    client = somebody("view_job")
    answer = client.post(address("job_delete", run.id), {"post": "yes"})
    assert answer.status_code == 403
