"""Boxes are moved by those who may, and a diagram is a file for those who may look."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from django.contrib.admin.models import LogEntry

from pgprocess.models import Process
from tests.admin.conftest import address
from tests.builders.drawing import draw, on_django

pytestmark = pytest.mark.django_db

MAY = ("view_process", "change_process", "change_task")


@pytest.fixture
def process():
    return Process.objects.get(pk=draw(on_django(), "extract -> load", name="nightly"))


@pytest.fixture
def load(process):
    return process.tasks.get(name="load")


def move(client, process, task, level="3", offset="-25%"):
    return client.post(address("process_place", process.pk), {"task": task, "level": level, "offset": offset})


def test_a_box_is_moved_and_the_new_drawing_comes_back(somebody, process, load):
    answer = move(somebody(*MAY), process, load.pk).json()
    load.refresh_from_db()
    assert (load.level, load.offset) == (3, "-25%")
    assert answer["said"] == "load has the level 3 and the offset -25%."
    assert (answer["before"], answer["after"]) == ({"level": None, "offset": ""}, {"level": 3, "offset": "-25%"})
    assert ElementTree.fromstring(answer["svg"]).get("data-levels") == "2 3"
    assert LogEntry.objects.get().change_message == answer["said"]
    assert load.versions.count() == 1


def test_a_box_is_let_go(somebody, process, load):
    client = somebody(*MAY)
    move(client, process, load.pk)
    assert move(client, process, load.pk, "", "").json()["said"] == "load is placed automatically."
    load.refresh_from_db()
    assert (load.level, load.offset) == (None, "")


@pytest.mark.parametrize(("level", "offset"), [("x", "0%"), ("1", "left"), ("9" * 30, "0%"), ("1", "1234567")])
def test_a_place_that_is_none_is_refused_in_a_sentence(somebody, process, load, level, offset):
    answer = move(somebody(*MAY), process, load.pk, level, offset)
    assert answer.status_code == 400
    assert answer.json()["error"].endswith(".") or "%" in answer.json()["error"]
    load.refresh_from_db()
    assert (load.level, load.offset) == (None, "")


@pytest.mark.parametrize("missing", ["change_process", "change_task"])
def test_nobody_moves_a_box_without_permission(somebody, process, load, missing):
    assert move(somebody(*(set(MAY) - {missing})), process, load.pk).status_code == 403
    load.refresh_from_db()
    assert load.level is None


def test_only_tasks_of_the_process_are_moved(somebody, process):
    draw(on_django(), "stranger", name="q")
    stranger = Process.objects.get(name="q").tasks.get()
    client = somebody(*MAY)
    assert move(client, process, stranger.pk).status_code == 404
    assert move(client, process, "x").status_code == 400
    assert move(client, process, "").status_code == 400
    assert client.get(address("process_place", process.pk)).status_code == 405


@pytest.mark.parametrize(
    ("suffix", "content_type", "begins"),
    [
        ("svg", "image/svg+xml", "<svg"),
        ("mmd", "text/plain; charset=utf-8", "flowchart"),
        ("dot", "text/vnd", "digraph"),
    ],
)
def test_a_diagram_is_a_file(somebody, process, suffix, content_type, begins):
    answer = somebody("view_process").get(address("process_diagram", process.pk, suffix))
    assert answer.headers["Content-Type"].startswith(content_type)
    assert answer.headers["Content-Disposition"] == f'attachment; filename="process-{process.pk}.{suffix}"'
    assert answer.content.decode().startswith(begins)


def test_a_diagram_is_not_written_in_a_format_that_there_is_not(somebody, process):
    assert somebody("view_process").get(address("process_diagram", process.pk, "png")).status_code == 404
    assert somebody("view_job").get(address("process_diagram", process.pk, "svg")).status_code == 403
