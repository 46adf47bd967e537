"""With the keyboard alone: wherever one is can be seen, the order is that of reading, Escape folds up."""

from __future__ import annotations

import pytest
from django.urls import reverse

from pgprocess.models import Task
from tests.browser.scenery import night

# What has the focus: what it says, whether that can be seen, where it is; null beyond the page.
AT = """() => {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const framed = one.closest(".pgp-editor") ?? one;
    const { outlineStyle, outlineWidth } = getComputedStyle(framed);
    const inParts = one.type === "datetime-local"; // the browser marks the part itself
    const box = one.getBoundingClientRect();
    return {
        html: one.outerHTML.slice(0, 160),
        seen: (inParts || (outlineStyle !== "none" && parseFloat(outlineWidth) > 0)) && box.width > 0 && box.height > 0,
        node: one.matches(".pgp-node") ? [Number(one.dataset.row), box.x] : null,
        code: one.matches(".pgp-source"),
    };
}"""


def walk(page, most=250):
    """Return where Tab leads, from the beginning of the page's content to its end; Escape leaves a field for code."""
    page.locator("#content").evaluate("content => { content.tabIndex = -1; content.focus(); }")
    found = []
    for _ in range(most):
        page.keyboard.press("Tab")
        at = page.evaluate(AT)
        if at is None:
            break
        found.append(at)
        if at["code"]:
            page.keyboard.press("Escape")
    return found


@pytest.mark.parametrize("name", ["home", "process", "task", "job", "jobtask", "job-list", "jobtask-reopen"])
def test_wherever_one_is_can_be_seen_and_boxes_come_in_the_order_of_reading(visit, name):
    shown = night(runs=1)
    run = shown["run"]
    task = run.get("export_csv", "id")
    page = visit(
        {
            "home": reverse("admin:app_list", args=["pgprocess"]),
            "process": reverse("admin:pgprocess_process_change", args=[shown["process"]]),
            "task": reverse("admin:pgprocess_task_change", args=[Task.objects.get(name="validate").pk]),
            "job": reverse("admin:pgprocess_job_change", args=[run.id]),
            "jobtask": reverse("admin:pgprocess_jobtask_change", args=[task]),
            "job-list": reverse("admin:pgprocess_job_changelist"),
            "jobtask-reopen": reverse("admin:pgprocess_jobtask_reopen", args=[run.get("validate", "id")]),
        }[name]
    )
    found = walk(page)
    assert len(found) > 2
    assert [at["html"] for at in found if not at["seen"]] == []
    nodes = [at["node"] for at in found if at["node"]]
    assert len(nodes) == (12 if name in ("job", "process") else 0)
    assert nodes == sorted(nodes)


def test_escape_folds_up_what_was_unfolded(visit):
    page = visit(reverse("admin:pgprocess_job_change", args=[night(runs=1)["run"].id]))
    table = page.locator("details.pgp-table")
    table.locator("summary").click()
    table.get_by_role("link", name="validate").focus()
    page.keyboard.press("Escape")
    assert table.get_attribute("open") is None
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_a_diagram_that_was_shrunk_can_be_seen_in_its_own_size(visit):
    page = visit(reverse("admin:pgprocess_job_change", args=[night(runs=1)["run"].id]), size="phone")
    drawing = page.locator(".pgp-frame > svg")
    shrunk = drawing.bounding_box()["width"]
    page.get_by_label("Actual size").check()
    assert drawing.bounding_box()["width"] == float(drawing.get_attribute("width")) > shrunk
    page.get_by_label("Actual size").uncheck()
    assert drawing.bounding_box()["width"] == shrunk
