"""Every page, as people see it: light and dark, wide and on a phone; no complaint, no serious barrier."""

from __future__ import annotations

import pytest
from django.urls import reverse

from pgprocess.models import Task
from tests.browser.chromium import LOOKS
from tests.browser.scenery import night


@pytest.fixture
def addresses():
    """Return the address of every page by its name."""
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
    pages["job-over"] = reverse("admin:pgprocess_job_change", args=[run.id - 1])
    pages["job-failed"] = reverse("admin:pgprocess_job_change", args=[run.id - 3])
    for name in ("retry", "cancel", "again", "history"):
        pages[f"job-{name}"] = reverse(f"admin:pgprocess_job_{name}", args=[run.id])
    pages["attempt"] = pages["jobtask"] + "?attempt=1"
    for name in ("force", "skip"):
        pages[f"jobtask-{name}"] = reverse(f"admin:pgprocess_jobtask_{name}", args=[rows["jobtask"]])
    pages["jobtask-reopen"] = reverse("admin:pgprocess_jobtask_reopen", args=[run.get("join_facts", "id")])
    pages["jobtask-cancel"] = reverse("admin:pgprocess_jobtask_cancel", args=[run.get("features", "id")])
    pages["process-delete"] = reverse("admin:pgprocess_process_delete", args=[rows["process"]])
    return pages


NAMES = [
    "home",
    "queues",
    "attempt",
    "process-delete",
    *(f"job-{kind}" for kind in ("waiting", "over", "failed", "retry", "cancel", "again", "history")),
    *(f"jobtask-{verb}" for verb in ("reopen", "force", "skip", "cancel")),
    *(f"{model}{kind}" for model in ("process", "task", "job", "jobtask", "worker") for kind in ("-list", "")),
]
SPANISH = ("home", "process", "task", "job", "job-waiting", "jobtask", "job-list", "jobtask-list", "jobtask-reopen")


def fits(page):
    """Return whether the page fits the width of the screen."""
    width, screen = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    return width <= screen


@pytest.mark.parametrize(("scheme", "size"), LOOKS)
@pytest.mark.parametrize("name", NAMES)
def test_a_page_answers_without_a_complaint_or_a_serious_barrier(visit, picture, axe, addresses, name, scheme, size):
    page = visit(addresses[name], scheme=scheme, size=size)
    picture(page, f"{name}-{scheme}-{size}")
    assert fits(page), "the page is wider than the screen"
    assert axe(page) == []


@pytest.mark.parametrize(("scheme", "size"), [("light", "wide"), ("dark", "phone")])
@pytest.mark.parametrize("name", SPANISH)
def test_a_page_speaks_spanish(visit, picture, addresses, name, scheme, size):
    page = visit(addresses[name], scheme=scheme, size=size, locale="es-ES")
    picture(page, f"{name}-es-{scheme}-{size}")
    assert page.locator("html").get_attribute("lang") == "es"
    assert fits(page), "the page is wider than the screen"


@pytest.mark.parametrize(("scheme", "size"), LOOKS)
def test_an_empty_site_says_how_to_begin(visit, picture, axe, scheme, size):
    page = visit(reverse("admin:app_list", args=["pgprocess"]), scheme=scheme, size=size)
    picture(page, f"home-empty-{scheme}-{size}")
    assert page.get_by_role("link", name="Add a process").is_visible()
    assert axe(page) == []


READER = ("view_process", "view_task", "view_job", "view_jobtask", "view_worker")


@pytest.mark.parametrize(("scheme", "size"), LOOKS)
@pytest.mark.parametrize("name", ["home", "process", "task", "job", "jobtask"])
def test_a_page_for_those_who_may_only_look(visit, picture, axe, addresses, name, scheme, size):
    page = visit(addresses[name], *READER, scheme=scheme, size=size)
    picture(page, f"reader-{name}-{scheme}-{size}")
    assert page.locator("#content .pgp-button.pgp-main, #content .pgp-danger").count() == 0
    assert fits(page), "the page is wider than the screen"
    assert axe(page) == []


@pytest.mark.parametrize(("scheme", "size"), LOOKS)
def test_whoever_lacks_the_permission_is_refused(visit, picture, axe, addresses, scheme, size):
    page = visit(addresses["home"], *READER, scheme=scheme, size=size).context.new_page()
    page.goto(addresses["job-cancel"])
    picture(page, f"refused-{scheme}-{size}")
    assert "You lack the permission for this." in page.locator("#content").inner_text()
    assert fits(page), "the page is wider than the screen"
    assert axe(page) == []


@pytest.mark.parametrize(("scheme", "size"), LOOKS)
@pytest.mark.parametrize(("model", "action"), [("process", "run_now"), ("job", "cancel"), ("jobtask", "reopen")])
def test_an_action_of_a_list_is_asked_first(visit, picture, axe, addresses, model, action, scheme, size):
    page = visit(addresses[f"{model}-list"], scheme=scheme, size=size)
    page.locator("#action-toggle").check()
    page.locator("select[name=action]").select_option(action)
    page.locator("button[name=index]").click()
    picture(page, f"action-{model}-{scheme}-{size}")
    assert page.get_by_role("link", name="No, take me back").is_visible()
    assert axe(page) == []
