"""Somebody who has read nothing finds their way from the admin's first page, by what is there to be clicked."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from pgprocess.models import Process
from tests.builders.drawing import DrawnJob, draw, on_django

expect = pytest.importorskip("playwright.sync_api").expect

TRACE = 'Traceback (most recent call last):\n  File "merge.py", line 3, in <module>\nFileNotFoundError: no prices.csv\n'


@pytest.fixture
def nights():
    """Draw two processes: a run of one goes on; last night's run of the other failed, with much output and a code."""
    execute = on_django()
    crawl = DrawnJob(execute, draw(execute, "crawl -> mail", name="slow-report"))
    crawl.set("crawl", "running")
    prices = draw(execute, "fetch -> merge -> publish", name="price-sync")
    process = Process.objects.get(pk=prices)
    process.minute, process.hour, process.timezone = "0", "2", "Europe/Madrid"
    process.save()
    [due] = process.next_runs(timezone.now(), 1)
    Process.objects.filter(pk=prices).update(next_run_at=due)
    failed = DrawnJob(execute, prices)
    failed.do("fetch")
    failed.set("merge", "running")
    chunks = [(1, "stdout", "".join(f"row {row} is read\n" for row in range(500))), (2, "stderr", TRACE)]
    for chunk in chunks:
        execute(
            "INSERT INTO pgprocess_logchunk (jobtask_id, attempt, seq, stream, text) VALUES (%s, 1, %s, %s, %s)",
            [failed.get("merge", "id"), *chunk],
        )
    failed.set("merge", "failed", exit_code=1, error="exit code 1")
    return failed


def section(page, title):
    """Return a panel by its heading."""
    return page.locator("section", has=page.get_by_role("heading", name=title))


def node(page, name):
    """Return a box of the diagram."""
    return page.locator("a.pgp-node", has_text=name)


@pytest.mark.parametrize("size", ["wide", "phone"])
def test_a_newcomer_finds_what_runs_why_it_waits_why_it_failed_and_runs_it_again(visit, nights, size):
    page = visit(reverse("admin:index"), size=size)
    page.locator("#content").get_by_role("link", name="Processes", exact=True).first.click()

    # what runs now, and when the other runs next
    running = section(page, "Running now")
    expect(running).to_contain_text("slow-report")
    expect(section(page, "Next runs")).to_contain_text("02:00 Europe/Madrid")

    # why a task waits
    running.get_by_role("link", name="slow-report").click()
    node(page, "mail").click()
    expect(page.locator(".pgp-why")).to_have_text("It waits for crawl (running).")
    expect(page.locator(".pgp-why")).to_be_in_viewport()
    page.get_by_role("link", name="Processes", exact=True).first.click()

    # why last night failed: it is said at once, and the line of the log is one click away
    failed = section(page, "Failed, and nobody has looked at it")
    expect(failed).to_contain_text("FileNotFoundError: no prices.csv")
    failed.get_by_role("link", name="merge").click()
    line = page.locator("[data-log] [data-stream=stderr]")
    expect(line).to_contain_text("FileNotFoundError: no prices.csv")
    expect(page.locator("[data-log] #end")).to_be_in_viewport()
    expect(page.locator("[data-strip]")).to_contain_text("FileNotFoundError: no prices.csv")
    expect(page.locator("[data-strip]")).to_contain_text("Next run")

    # how to run it again from there
    page.locator("[data-panel]").get_by_role("link", name="Retry").click()
    expect(page.locator(".pgp-effects")).to_contain_text("Runs again at once: merge")
    page.get_by_role("button", name="Retry").click()
    expect(node(page, "merge")).to_have_attribute("data-status", "ready")
    assert nights.statuses == {"fetch": "succeeded", "merge": "ready", "publish": "awaiting"}

    # when it runs next
    page.locator("[data-strip]").get_by_role("link", name="02:00").click()
    expect(section(page, "Schedule")).to_contain_text("Next runs")


def test_what_was_logged_is_not_told_to_those_who_may_not_see_logs(visit, nights):
    page = visit(reverse("admin:app_list", args=["pgprocess"]), "view_job", "view_jobtask")
    expect(section(page, "Failed, and nobody has looked at it")).to_contain_text("exit code 1")
    assert "FileNotFoundError" not in page.content()
    page.get_by_role("link", name="merge").click()
    expect(page.locator("[data-strip]")).to_contain_text("exit code 1")
    assert "FileNotFoundError" not in page.content()
