"""What people do with a definition in a browser: write a schedule, move a box, restore a version, choose parents."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from pgprocess.models import Job, Process, Task
from tests.browser.chromium import LOOKS
from tests.builders.drawing import Tasks, draw, on_django

CODE = '''"""Loads what was extracted."""

import pgprocess.env

from shop.models import Order


def main():
    for line in open("orders.csv"):
        Order.objects.create(line=line.strip())


main()
'''
TASKS: Tasks = {
    "extract": {"kind": "sql", "code": "SELECT 1"},
    "load": {"code": CODE, "max_attempts": 3},
    "report": {"kind": "callable", "code": "", "target": "shop.tasks.report", "trigger_rule": "all_done"},
}


@pytest.fixture
def process():
    drawn = "extract -> load -> report, extract -> clean -> report, load -> notify"
    pk = draw(on_django(), drawn, TASKS, name="nightly")
    Process.objects.filter(pk=pk).update(minute="30", hour="2", timezone="Europe/Berlin")
    return Process.objects.get(pk=pk)


def change(row):
    return reverse(f"admin:pgprocess_{row._meta.model_name}_change", args=[row.pk])


@pytest.fixture
def pages(process):
    """Return the address of every page of a definition, by its name."""
    task = Task.objects.get(name="load")
    Task.objects.filter(pk=task.pk).update(code=CODE.replace("line.strip()", "line"), max_attempts=5)
    Job.create(process)

    def own(name, *args):
        return reverse(f"admin:pgprocess_{name}", args=args)

    return {
        "process": change(process),
        "process-add": own("process_add"),
        "task": change(task),
        "task-add": own("task_add") + f"?process={process.pk}",
        "version": own("task_version", task.pk, 2),
        "restore": own("task_restore", task.pk, 1),
        "run": own("process_run", process.pk),
        "pause": own("process_pause", process.pk),
        "duplicate": own("process_duplicate", process.pk),
        "unplace": own("process_unplace", process.pk),
        "history": own("process_history", process.pk),
    }


NAMES: tuple[str, ...] = ("process", "process-add", "task", "task-add", "version", "restore")
NAMES += ("run", "pause", "duplicate", "unplace", "history")


@pytest.mark.parametrize(("scheme", "size"), LOOKS)
@pytest.mark.parametrize("name", NAMES)
def test_a_page_answers_without_a_complaint_or_a_serious_barrier(visit, picture, axe, pages, name, scheme, size):
    page = visit(pages[name], scheme=scheme, size=size)
    picture(page, f"definition-{name}-{scheme}-{size}")
    width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1], "the page is wider than the screen"
    assert axe(page) == []


@pytest.mark.parametrize(("scheme", "size"), LOOKS)
def test_a_paused_process_says_by_whom_and_why(visit, picture, axe, process, scheme, size):
    process.pause("the supplier's server is being moved", actor="ana")
    page = visit(change(process), scheme=scheme, size=size)
    picture(page, f"definition-paused-{scheme}-{size}")
    assert "ana" in page.locator(".pgp-paused").inner_text()
    page.get_by_role("link", name="Resume").click()
    picture(page, f"definition-resume-{scheme}-{size}")
    assert axe(page) == []


MAY = ("view_process", "change_process", "view_task", "change_task")


def row_of(page, task):
    """Return the row of a task on the page of its process."""
    return page.locator(f'#tasks-group tr:has(input[value="{task.pk}"][name$="-id"])')


def drag(page, name, right, down):
    """Take a box by its middle and let go of it elsewhere, in pixels."""
    box = page.locator(f'.pgp-node[aria-label^="{name}"] .pgp-box').bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right / 2, y + down / 2)
    page.mouse.move(x + right, y + down)
    page.mouse.up()


def test_a_schedule_is_written_and_its_next_runs_are_told_meanwhile(visit, process):
    page = visit(change(process), *MAY)
    preview = page.locator(".pgp-preview")
    page.fill("#id_hour", "25")
    preview.get_by_text("hour").wait_for()
    assert "0 to 23" in preview.inner_text()
    page.fill("#id_hour", "7")
    page.fill("#id_minute", "45")
    page.fill("#id_day_of_week", "mon-fri")
    preview.get_by_text("07:45").first.wait_for()
    assert preview.locator("li").count() == 5
    page.get_by_role("button", name="Save and continue editing").click()
    process.refresh_from_db()
    assert (process.minute, process.hour, process.day_of_week) == ("45", "7", "mon-fri")
    assert page.locator(".pgp-runs").first.inner_text().count("07:45") == 5
    assert LogEntry.objects.get().get_change_message() == "Changed Minute, Hour and Day of week."


def test_a_box_is_dragged_and_stands_there_from_then_on(visit, picture, process):
    page = visit(change(process), *MAY)
    task = Task.objects.get(name="clean")
    page.get_by_role("button", name="Move boxes").click()
    with page.expect_response("**/place/") as answer:
        drag(page, "clean", 120, 95)
    assert answer.value.ok
    page.get_by_text("clean has the level 2 and the offset").wait_for()
    picture(page, "definition-process-moving")
    task.refresh_from_db()
    assert task.level == 2
    assert int(task.offset.rstrip("%")) > 10
    row = row_of(page, task)
    assert row.locator('[name$="-level"]').input_value() == "2"
    assert row.locator('[name$="-offset"]').input_value() == task.offset
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("clean is placed automatically.").wait_for()
    assert Task.objects.filter(pk=task.pk).values_list("level", "offset").get() == (None, "")
    assert page.url.endswith(change(process))


def test_a_box_is_moved_with_the_keyboard_alone(visit, process):
    page = visit(change(process), *MAY)
    task = Task.objects.get(name="report")
    page.get_by_role("button", name="Move boxes").focus()
    page.keyboard.press("Enter")
    page.locator('.pgp-node[aria-label^="report"]').focus()
    with page.expect_response("**/place/"):
        for key in ("ArrowDown", "ArrowRight", "ArrowRight"):
            page.keyboard.press(key)
    page.get_by_text("report has the level 3 and the offset").wait_for()
    assert page.evaluate("document.activeElement.dataset.id") == str(task.pk)
    with page.expect_response("**/place/"):
        page.keyboard.press("Delete")
    page.get_by_text("report is placed automatically.").wait_for()
    page.keyboard.press("Escape")
    moving = page.get_by_role("button", name="Move boxes")
    assert moving.get_attribute("aria-pressed") == "false"
    page.keyboard.press("Enter")
    assert moving.get_attribute("aria-pressed") == "true"
    page.keyboard.press("Escape")
    assert moving.get_attribute("aria-pressed") == "false"
    assert Task.objects.filter(pk=task.pk).values_list("level", "offset").get() == (None, "")


def test_a_box_that_can_not_be_moved_is_back_where_it_was(visit, process):
    page = visit(change(process), *MAY)
    page.get_by_role("button", name="Move boxes").click()
    page.route("**/place/", lambda route: route.fulfill(body="signed out", content_type="text/html"))
    drag(page, "notify", 100, 0)
    page.get_by_text("That could not be saved").wait_for()
    assert page.locator(".pgp-node[transform]").count() == 0


def test_parents_are_chosen_in_the_rows(visit, process):
    page = visit(change(process), *MAY)
    row = row_of(page, Task.objects.get(name="notify"))
    row.locator("summary").click()
    row.get_by_label("clean").check()
    row.get_by_label("load").uncheck()
    page.get_by_role("button", name="Save and continue editing").click()
    assert row.locator("summary").inner_text() == "clean"
    row = row_of(page, Task.objects.get(name="extract"))
    row.locator("summary").click()
    row.get_by_label("notify").check()
    page.get_by_role("button", name="Save and continue editing").click()
    assert "These dependencies close a circle: " in page.locator(".errorlist").first.inner_text()


def test_a_version_is_restored(visit, process):
    task = Task.objects.get(name="load")
    Task.objects.filter(pk=task.pk).update(code="pass")
    page = visit(change(task), "view_task", "change_task", "edit_code")
    page.get_by_role("link", name="v1").click()
    assert "+" in page.locator('[data-line="new"]').first.inner_text()
    page.get_by_role("link", name="Restore this version").click()
    page.get_by_role("button", name="Restore it").click()
    page.get_by_text("load is as it was in version 1.").wait_for()
    task.refresh_from_db()
    assert task.version
    assert (task.code, task.version.number) == (CODE, 3)


def test_code_is_written_with_indents_and_its_mistakes_are_told_with_their_line(visit, picture, process):
    page = visit(change(Task.objects.get(name="load")), "view_task", "change_task", "edit_code")
    code = page.locator("#id_code")
    code.fill("def main():\n")
    code.press("Tab")
    code.press_sequentially("retrun 1")
    assert code.input_value() == "def main():\n    retrun 1"
    code.press("Escape")
    code.press("Tab")
    assert page.evaluate("document.activeElement.id") == "id_target"
    page.get_by_role("button", name="Save and continue editing").click()
    page.get_by_text("Line 2: invalid syntax: retrun 1").wait_for()
    picture(page, "definition-task-mistake")


def test_whoever_may_only_look_is_offered_nothing_and_refused(visit, process):
    page = visit(change(process), "view_process")
    assert page.get_by_role("button", name="Move boxes").count() == 0
    assert page.locator("input[name=minute]").count() == 0
    assert page.get_by_role("link", name="Run now").count() == 0
    assert page.request.get(reverse("admin:pgprocess_process_run", args=[process.pk])).status == 403
    assert not Job.objects.exists()


def test_a_process_is_run_with_params_from_its_page(visit, process):
    page = visit(change(process), *MAY, "run_process", "view_job")
    page.get_by_role("link", name="Run now").click()
    page.get_by_label("Params").fill('{"day": "2026-11-24"}')
    page.get_by_role("button", name="Run now").click()
    page.get_by_text("is running.").wait_for()
    job = Job.objects.get()
    assert job.params == {"day": "2026-11-24"}
    assert change(job) in page.url


def test_without_javascript_everything_is_there_to_read_and_to_write(visit, process):
    page = visit(change(process), *MAY, "edit_code", java_script_enabled=False)
    assert page.locator(".pgp-diagram .pgp-node").count() == 5
    assert page.locator(".pgp-arrange").is_hidden()
    row = row_of(page, Task.objects.get(name="clean"))
    row.locator('[name$="-level"]').fill("2")
    row.locator('[name$="-offset"]').fill("25%")
    page.get_by_role("button", name="Save and continue editing").click()
    assert page.locator('.pgp-node[aria-label^="clean"]').get_attribute("data-row") == "2"
    page.goto(change(Task.objects.get(name="load")))
    numbers = page.locator(".pgp-gutter").bounding_box()
    code = page.locator("#id_code").bounding_box()
    assert (numbers["y"], numbers["height"]) == (code["y"], code["height"])
    code_rows = page.locator("#id_code").evaluate("field => [field.scrollHeight, field.clientHeight]")
    assert code_rows[0] == code_rows[1]
