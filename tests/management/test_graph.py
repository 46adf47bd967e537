"""``pgprocess_graph``: a process by its name or a job by its number, to stdout or into a file."""

from __future__ import annotations

from io import StringIO
from xml.etree import ElementTree

import pytest
from django.core.management import CommandError, call_command

from pgprocess.models import Job, Process
from tests.builders.drawing import draw, on_django

pytestmark = pytest.mark.django_db


@pytest.fixture
def process():
    return Process.objects.get(pk=draw(on_django(), "extract -> load", name="nightly"))


def graph(*args):
    out = StringIO()
    call_command("pgprocess_graph", *args, stdout=out)
    return out.getvalue()


def test_a_process_is_drawn_as_svg_unless_told(process):
    assert ElementTree.fromstring(graph("nightly")).get("aria-label") == "nightly"


def test_a_process_is_written_in_other_languages(process):
    assert graph("nightly", "--format", "mermaid").splitlines()[1:] == [
        '  n1["extract"]',
        '  n2["load"]',
        "  n1 --> n2",
    ]
    assert graph("nightly", "--format", "dot").startswith('digraph "nightly" {')


def test_a_job_is_drawn_by_its_number_with_its_statuses(process):
    job, _ = Job.create(process)
    assert "class n1 ready" in graph(str(job.pk), "--format", "mermaid")


def test_a_process_with_a_number_for_a_name_goes_first(process):
    job, _ = Job.create(process)
    Process.objects.create(name=str(job.pk))
    assert graph(str(job.pk), "--format", "mermaid") == "flowchart TD\n"


def test_it_is_written_into_a_file(process, tmp_path):
    assert graph("nightly", "-o", str(tmp_path / "n.svg")) == ""
    assert (tmp_path / "n.svg").read_text(encoding="utf-8") == graph("nightly")


def test_a_file_that_can_not_be_written_is_one_sentence(process, tmp_path):
    with pytest.raises(CommandError, match=r"none/n.svg can't be written: No such file or directory\.$"):
        graph("nightly", "-o", str(tmp_path / "none" / "n.svg"))


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("nighly", r"There is no process 'nighly': did you mean 'nightly'\?"),
        ("4711", r"There is no process '4711' and no such job: give the name of a process or the number of a job\."),
        ("9" * 30, "There is no process"),
        ("²", "There is no process '²': give"),
    ],
)
def test_what_is_not_there_is_one_sentence(process, what, sentence):
    with pytest.raises(CommandError, match=sentence):
        graph(what)
