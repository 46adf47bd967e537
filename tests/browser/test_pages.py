"""Every page, as people see it: light and dark, wide and on a phone; no complaint, no serious barrier."""

from __future__ import annotations

import pytest
from django.urls import reverse

from pgprocess.models import Job, JobTask, Process, Task, Worker
from tests.drawing import Run, draw, on_django


@pytest.fixture
def addresses():
    """The address of every page by its name."""
    process = Process.objects.get(pk=draw(on_django(), "extract -> load -> report, extract -> clean", name="nightly"))
    run = Run(on_django(), process.pk)
    run.do("extract")
    run.do("load", "failed", exit_code=2, error="no such file")
    run.set("clean", "running")
    worker = Worker.objects.create(host="web-1", pid=4711, slots=4)
    rows = {
        "process": process,
        "task": Task.objects.get(name="load"),
        "job": Job.objects.get(),
        "jobtask": JobTask.objects.get(task__name="load"),
        "worker": worker,
    }
    pages = {"home": reverse("admin:app_list", args=["pgprocess"])}
    for model, row in rows.items():
        pages[f"{model}-list"] = reverse(f"admin:pgprocess_{model}_changelist")
        pages[model] = reverse(f"admin:pgprocess_{model}_change", args=[row.pk])
    return pages


NAMES = [
    "home",
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
