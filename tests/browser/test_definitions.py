"""What people do with a definition in a browser: write a schedule, move a box, restore a version, choose parents."""

from __future__ import annotations

import pytest
from django.urls import reverse

from pgprocess.models import Job, Process, Task
from tests.drawing import draw, on_django

CODE = '''"""Loads what was extracted."""

import pgprocess.env

from shop.models import Order


def main():
    for line in open("orders.csv"):
        Order.objects.create(line=line.strip())


main()
'''
TASKS = {
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
    """The address of every page of a definition, by its name."""
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
    }


NAMES = ("process", "process-add", "task", "task-add", "version", "restore", "run", "pause", "duplicate", "unplace")


@pytest.mark.parametrize("size", ["wide", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_a_page_answers_without_a_complaint_or_a_serious_barrier(visit, picture, axe, pages, name, scheme, size):
    page = visit(pages[name], scheme=scheme, size=size)
    picture(page, f"definition-{name}-{scheme}-{size}")
    width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1], "the page is wider than the screen"
    assert axe(page) == []
