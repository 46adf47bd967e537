"""What people do with runs, by clicking: follow one, find out why it waits or failed, and mend it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from pgprocess.models import Job, JobTask
from tests.browser.scenery import night
from tests.builders.drawing import DrawnJob, draw, on_django

playwright = pytest.importorskip("playwright.sync_api")
expect = playwright.expect


def page_of(run):
    return reverse("admin:pgprocess_job_change", args=[run.id])


def write(run, name, seq, text, stream="stdout"):
    on_django()(
        "INSERT INTO pgprocess_logchunk (jobtask_id, attempt, seq, stream, text) VALUES (%s, %s, %s, %s, %s)",
        [run.get(name, "id"), run.get(name, "attempt"), seq, stream, text],
    )


def node(page, name):
    return page.locator(".pgp-node", has=page.locator(".pgp-name", has_text=name))


def test_a_run_is_started_from_the_list_and_watched_until_it_has_finished(visit):
    draw(on_django(), "extract -> load", name="nightly")
    page = visit(reverse("admin:pgprocess_process_changelist"))
    page.locator(".action-select").check()
    page.locator("select[name=action]").select_option("run_now")
    page.locator("button[name=index]").click()
    page.get_by_role("button", name="Run now").click()
    expect(page.locator(".messagelist")).to_contain_text("Started: nightly")
    job = Job.objects.get()
    page.goto(reverse("admin:pgprocess_job_change", args=[job.pk]))
    before = page.evaluate("document.querySelector('.pgp-diagram').getBoundingClientRect().toJSON()")
    run = DrawnJob.__new__(DrawnJob)
    run.execute, run.process, run.id = on_django(), job.process_id, job.pk
    run.set("extract", "running")
    expect(node(page, "extract")).to_have_attribute("data-status", "running")
    run.set("extract", "succeeded")
    expect(node(page, "load")).to_have_attribute("data-status", "ready")
    run.do("load")
    expect(page.locator("[data-strip] .pgp-status")).to_have_attribute("data-status", "succeeded")
    expect(page.locator(".pgp-job > .pgp-tools")).not_to_contain_text("Cancel")
    expect(page.locator('.pgp-timeline tr .pgp-try[data-status="succeeded"]')).to_have_count(2)
    after = page.evaluate("document.querySelector('.pgp-diagram').getBoundingClientRect().toJSON()")
    assert (before["width"], before["height"]) == (after["width"], after["height"])


def test_a_log_is_followed_while_it_is_written(visit):
    run = DrawnJob(on_django(), "extract -> load")
    run.set("extract", "running")
    write(run, "extract", 1, "page 1\n")
    page = visit(page_of(run))
    log = page.locator("[data-log]")
    expect(log).to_contain_text("page 1")
    for number in range(2, 60):
        write(run, "extract", number, f"page {number}\n")
    expect(log).to_contain_text("page 59\n")
    assert log.inner_text().count("page 7\n") == 1
    assert (
        page.evaluate(
            "(log => log.scrollHeight - log.scrollTop - log.clientHeight)(document.querySelector('[data-log]'))"
        )
        < 30
    )
    write(run, "extract", 60, "oh no\n", "stderr")
    expect(log.locator('[data-stream="stderr"]')).to_have_text("oh no\n")
    page.get_by_role("button", name="errors").click()
    expect(log.locator('[data-stream="stdout"]').first).to_be_hidden()
    run.set("extract", "failed", exit_code=3, error="ValueError: nothing there")
    expect(page.locator(".pgp-error")).to_contain_text("nothing there")


def test_what_a_task_wrote_at_its_very_end_is_shown_though_its_end_was_seen_first(visit):
    run = DrawnJob(on_django(), "extract")
    run.set("extract", "running")
    page = visit(page_of(run))
    page.route("**/log/?*", lambda route: route.fulfill(json={"pieces": [], "next": 1000, "status": "running"}))
    write(run, "extract", 1, "the last words\n")
    run.set("extract", "succeeded")
    expect(page.locator(".pgp-title .pgp-status")).to_have_attribute("data-status", "succeeded")
    page.unroute("**/log/?*")
    expect(page.locator("[data-log]")).to_contain_text("the last words")


def test_somebody_who_scrolls_up_is_not_pulled_down_again(visit):
    run = DrawnJob(on_django(), "extract")
    run.set("extract", "running")
    write(run, "extract", 1, "".join(f"line {number}\n" for number in range(200)))
    page = visit(page_of(run))
    expect(page.locator("[data-follow]")).to_have_attribute("aria-pressed", "true")
    page.evaluate("document.querySelector('[data-log]').scrollTop = 0")
    expect(page.locator("[data-follow]")).to_have_attribute("aria-pressed", "false")
    write(run, "extract", 2, "the last line\n")
    expect(page.locator("[data-log]")).to_contain_text("the last line")
    assert page.evaluate("document.querySelector('[data-log]').scrollTop") == 0


def test_a_failed_task_is_retried_from_its_job_after_a_look_at_what_that_does(visit):
    run = DrawnJob(on_django(), "extract -> load -> report, extract -> clean")
    run.do("extract")
    run.do("load", "failed", exit_code=2, error="Traceback\nKeyError: 'price'")
    run.do("clean")
    page = visit(page_of(run))
    expect(page.locator(".pgp-blocked")).to_contain_text("load: KeyError: 'price'")
    page.get_by_role("link", name="Retry", exact=True).click()
    expect(page.locator(".pgp-effects")).to_contain_text("Runs again at once: load")
    expect(page.locator(".pgp-effects")).to_contain_text("Waits for that, then runs: report")
    assert run.statuses["load"] == "failed"
    page.get_by_label("Reason").fill("the price list is there now")
    page.get_by_role("button", name="Retry").click()
    expect(node(page, "load")).to_have_attribute("data-status", "ready")
    assert run.statuses == {"extract": "succeeded", "load": "ready", "report": "awaiting", "clean": "succeeded"}
    assert LogEntry.objects.get().change_message == "retry: the price list is there now"
    assert JobTask.objects.get(task__name="load").attempts.get().reason == "the price list is there now"


def test_a_reopen_says_that_it_stops_what_runs_below(visit):
    run = DrawnJob(on_django(), "extract -> load -> report")
    run.do("extract")
    run.set("load", "running")
    page = visit(reverse("admin:pgprocess_jobtask_change", args=[run.get("extract", "id")]))
    page.get_by_role("link", name="Reopen").click()
    expect(page.locator(".pgp-effects")).to_contain_text("Stopped while it runs: load")
    page.get_by_role("link", name="No, take me back").click()
    assert run.statuses["load"] == "running"


def test_a_waiting_task_says_what_it_waits_for(visit):
    run = DrawnJob(on_django(), "extract -> load", {"extract": {"queue": "etl"}})
    page = visit(page_of(run))
    expect(page.locator(".pgp-why")).to_have_text("No live worker serves queue etl.")
    node(page, "load").click()
    expect(page.locator(".pgp-why")).to_have_text("It waits for extract (ready).")
    assert f"task={run.get('load', 'id')}" in page.url


def test_a_task_is_chosen_with_the_keyboard_alone(visit):
    run = DrawnJob(on_django(), "extract -> load")
    page = visit(page_of(run))
    node(page, "load").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".pgp-title")).to_contain_text("load")
    assert page.evaluate("document.activeElement.id") == "task"


def test_an_earlier_try_shows_what_it_wrote(visit):
    shown = night(runs=1)
    page = visit(page_of(shown["run"]))
    page.locator(".pgp-tries a", has_text="try 1").click()
    expect(page.locator(".pgp-title")).to_contain_text("try 1")
    expect(page.locator("[data-log]")).to_contain_text("ConnectionError")


def test_without_javascript_the_page_says_the_same(visit):
    shown = night(runs=1)
    page = visit(page_of(shown["run"]), java_script_enabled=False)
    node(page, "features").click()
    expect(page.locator(".pgp-title")).to_contain_text("features")
    expect(page.locator("[data-log]")).to_contain_text("fetch page 43/60")


def test_a_silent_server_is_said_to_be_silent(visit):
    run = DrawnJob(on_django(), "extract")
    page = visit(page_of(run))
    page.context.set_offline(True)
    expect(page.locator("[data-badge]")).to_contain_text("Stale since", timeout=15000)
    page.context.set_offline(False)
    expect(page.locator("[data-badge]")).to_contain_text("Live", timeout=30000)


def test_looking_can_be_paused(visit):
    run = DrawnJob(on_django(), "extract")
    page = visit(page_of(run))
    page.locator("[data-toggle]").click()
    expect(page.locator("[data-badge]")).to_contain_text("Paused")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    run.set("extract", "running")
    page.locator("[data-toggle]").click()
    expect(node(page, "extract")).to_have_attribute("data-status", "running")
    assert any("/live/" in address for address in asked)


def test_whoever_may_only_look_is_offered_nothing_else(visit):
    run = DrawnJob(on_django(), "extract")
    run.do("extract", "failed", error="boom")
    page = visit(page_of(run), "view_job", "view_jobtask")
    expect(page.locator(".pgp-error")).to_have_text("boom")
    assert page.locator(".pgp-tools a.pgp-button:not([rel])").count() == 0
    expect(page.locator("body")).to_contain_text("You lack the permission to see what tasks write.")
    for address in (
        reverse("admin:pgprocess_job_cancel", args=[run.id]),
        reverse("admin:pgprocess_jobtask_retry", args=[run.get("extract", "id")]),
        reverse("admin:pgprocess_jobtask_log", args=[run.get("extract", "id")]),
    ):
        assert page.context.request.get(address).status == 403
    assert run.statuses == {"extract": "failed"}


def test_a_failure_that_was_looked_at_leaves_the_home_page(visit):
    run = DrawnJob(on_django(), "extract")
    run.do("extract", "failed", error="boom")
    page = visit(reverse("admin:app_list", args=["pgprocess"]))
    failed = page.locator("section", has_text="Failed, and nobody has looked at it")
    expect(failed).to_contain_text("boom")
    failed.get_by_role("button", name="Looked at").click()
    page.goto(reverse("admin:app_list", args=["pgprocess"]))
    expect(page.locator("section", has_text="Failed, and nobody has looked at it")).to_contain_text("Nothing.")
    assert LogEntry.objects.get().get_change_message() == "Looked at."


def test_params_that_are_secret_are_shown_nowhere(visit):
    shown = night(runs=1)
    page = visit(page_of(shown["run"]))
    assert "hunter2" not in page.content()
    assert "2026-11-24" in page.content()
    page.goto(reverse("admin:pgprocess_job_again", args=[shown["run"].id]))
    assert "hunter2" not in page.content()
    expect(page.locator(".pgp-effects")).to_contain_text("2026-11-24")


def test_a_worker_runs_it_while_somebody_watches(visit, live_server):
    code = "import sys\nfor n in range(3):\n    print('page', n, flush=True)\nprint('done', file=sys.stderr)\n"
    process = draw(on_django(), "extract -> load", {"extract": {"code": code}, "load": {"code": "raise SystemExit(3)"}})
    run = DrawnJob(on_django(), process)
    page = visit(page_of(run))
    worker = subprocess.Popen(
        [sys.executable, "-m", "django", "pgprocess_worker", "--once", "--verbosity", "0"],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
    )
    try:
        expect(page.locator("[data-strip] .pgp-status")).to_have_attribute("data-status", "failed", timeout=60_000)
        assert worker.wait(60) == 0
    finally:
        worker.kill()
    expect(node(page, "extract")).to_have_attribute("data-status", "succeeded")
    expect(page.get_by_role("link", name="Retry what failed")).to_be_visible()
    node(page, "extract").click()
    expect(page.locator("[data-log]")).to_contain_text("page 0\npage 1\npage 2\n")
    expect(page.locator('[data-log] [data-stream="stderr"]')).to_contain_text("done")


def test_the_page_of_a_task_follows_it_too(visit):
    run = DrawnJob(on_django(), "extract")
    run.set("extract", "running")
    page = visit(reverse("admin:pgprocess_jobtask_change", args=[run.get("extract", "id")]))
    write(run, "extract", 1, "one\n")
    expect(page.locator("[data-log]")).to_contain_text("one")
    run.set("extract", "failed", exit_code=4, error="boom")
    expect(page.locator(".pgp-error")).to_have_text("boom")
    expect(page.locator(".pgp-strip .pgp-status")).to_have_attribute("data-status", "failed")


def test_of_a_mapped_task_the_item_that_failed_is_at_hand(visit):
    run = DrawnJob(on_django(), "list -> send", {"send": {"map_over": "list"}})
    run.do("list", result='["a", "b", "c"]')
    items = JobTask.objects.filter(task__name="send").order_by("map_index")
    ids = list(items.values_list("pk", flat=True))
    on_django()("UPDATE pgprocess_jobtask SET status = 'running' WHERE id = ANY (%s)", [ids])
    on_django()("UPDATE pgprocess_jobtask SET status = 'failed', error = 'no b' WHERE id = %s", [ids[1]])
    page = visit(page_of(run))
    expect(page.locator(".pgp-error")).to_have_text("no b")
    expect(page.locator(".pgp-title")).to_contain_text("send[1]")
    on_django()("UPDATE pgprocess_jobtask SET status = 'succeeded' WHERE id = %s", [ids[0]])
    expect(node(page, "send").locator(".pgp-note")).to_have_text("1 failed · 1 running · 1 succeeded")
    page.goto(page_of(run) + f"?task={ids[2]}")
    expect(page.locator(".pgp-title")).to_contain_text("send[2]")
