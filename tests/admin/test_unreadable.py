"""Rows whose JSON Python can't read have pages as all others, and are written back as they were."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from pgprocess.models import Job, JobTask
from tests.builders.drawing import DrawnJob, Executes, draw

DEPTH = 2000 if sys.version_info < (3, 13) else 12_000
NESTED = "[" * DEPTH + "]" * DEPTH
UNREADABLE = ['{"n": 1e5000}', f'{{"n": {"9" * 4301}}}', f'{{"n": {NESTED}}}']

pytestmark = pytest.mark.django_db


@pytest.fixture(params=UNREADABLE, ids=["a huge power", "too many digits", "too deep"])
def poison(request: pytest.FixtureRequest, execute: Executes) -> DrawnJob:
    """A job whose params, result and item can't be read."""
    run = DrawnJob(execute, draw(execute, "a -> b", name="poison"), params=request.param)
    run.do("a", "succeeded", result=request.param)
    execute("UPDATE pgprocess_jobtask SET item = %s WHERE id = %s", [request.param, run.get("b", "id")])
    return run


def pages(run: DrawnJob) -> list[str]:
    job, task = (run.id,), (run.get("a", "id"),)
    return [
        reverse("admin:app_list", args=["pgprocess"]),
        reverse("admin:pgprocess_job_changelist"),
        reverse("admin:pgprocess_jobtask_changelist"),
        reverse("admin:pgprocess_process_changelist"),
        reverse("admin:pgprocess_process_change", args=[run.process]),
        *(reverse(f"admin:pgprocess_job_{page}", args=job) for page in ("change", "history", "again", "cancel")),
        *(reverse(f"admin:pgprocess_jobtask_{page}", args=task) for page in ("change", "reopen")),
        reverse("admin:pgprocess_jobtask_change", args=[run.get("b", "id")]),
    ]


def test_every_page_is_there(admin_client: Client, poison: DrawnJob) -> None:
    for page in pages(poison):
        assert admin_client.get(page).status_code == 200, page


def test_it_is_stored_as_it_was(poison: DrawnJob, execute: Executes) -> None:
    def stored() -> list[tuple[Any, ...]]:
        return execute(
            "SELECT job.params::text, task.result::text, task.item::text FROM pgprocess_jobtask AS task "
            "JOIN pgprocess_job AS job ON job.id = task.job_id ORDER BY task.id"
        )

    before = stored()
    job = Job.objects.get()
    job.save(update_fields=["params"])
    for task in JobTask.objects.order_by("id"):
        task.save(update_fields=["result", "item"])
    assert stored() == before


def test_such_a_job_is_not_run_again(admin_client: Client, poison: DrawnJob) -> None:
    page = reverse("admin:pgprocess_job_again", args=[poison.id])
    response = admin_client.post(page, {"confirmed": "1"}, follow=True)
    assert response.status_code == 200
    assert Job.objects.count() == 1
