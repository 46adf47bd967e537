"""Every page, as people see it: light and dark, wide and on a phone; no complaint, no serious barrier."""

from __future__ import annotations

import pytest
from django.urls import reverse

from pgprocess.models import Task
from tests.browser.scenery import night


@pytest.fixture
def addresses():
    """The address of every page by its name."""
    shown = night(runs=6)
    run = shown["run"]
    rows = {
        "process": shown["process"],
        "task": Task.objects.get(name="export_csv").pk,
        "job": run.id,
        "jobtask": run.get("export_csv", "id"),
        "worker": shown["worker"].pk,
    }
    pages = {"home": reverse("admin:app_list", args=["pgprocess"]), "queues": reverse("admin:pgprocess_worker_queues")}
    for model, pk in rows.items():
        pages[f"{model}-list"] = reverse(f"admin:pgprocess_{model}_changelist")
        pages[model] = reverse(f"admin:pgprocess_{model}_change", args=[pk])
    pages["job-waiting"] = reverse("admin:pgprocess_job_change", args=[shown["waiting"].id])
    pages["job-retry"] = reverse("admin:pgprocess_job_retry", args=[run.id])
    pages["job-cancel"] = reverse("admin:pgprocess_job_cancel", args=[run.id])
    return pages


NAMES = [
    "home",
    "queues",
    "job-waiting",
    "job-retry",
    "job-cancel",
    *(f"{model}{kind}" for model in ("process", "task", "job", "jobtask", "worker") for kind in ("-list", "")),
]


@pytest.mark.parametrize("size", ["wide", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_a_page_answers_without_a_complaint(visit, picture, addresses, name, scheme, size):
    page = visit(addresses[name], scheme=scheme, size=size)
    picture(page, f"{name}-{scheme}-{size}")
    assert page.locator("main, #content").first.is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_a_page_has_no_serious_barrier(visit, axe, addresses, name, scheme):
    assert axe(visit(addresses[name], scheme=scheme)) == []
