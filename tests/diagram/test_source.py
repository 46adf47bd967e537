"""Processes and jobs as graphs, and on pages, from rows that the database made."""

from __future__ import annotations

import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.template import Context, Template
from django.urls import include, path
from django.utils import timezone

from pgprocess.diagram import Graph, Node, graph_of
from pgprocess.display.durations import duration, exit_reason
from pgprocess.models import Job, JobTask, JobTaskDependency, Process, Task
from tests.builders.drawing import DrawnJob, draw, on_django

pytestmark = pytest.mark.django_db


def page(request, **which): ...


admin = [
    path("pgprocess/task/<int:pk>/change/", page, name="pgprocess_task_change"),
    path("pgprocess/jobtask/<int:pk>/change/", page, name="pgprocess_jobtask_change"),
    path("pgprocess/jobtask/", page, name="pgprocess_jobtask_changelist"),
]
urlpatterns = [path("admin/", include((admin, "admin")))]


@pytest.fixture(autouse=True)
def pages(settings):
    """Provide a site with the pages that nodes lead to."""
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def process():
    return Process.objects.get(pk=draw(on_django(), "extract -> load, extract -> check, check -> report"))


def a_run(drawing, tasks=None):
    return DrawnJob(on_django(), drawing, tasks)


def job_of(run):
    return Job.objects.get(pk=run.id)


def names(graph):
    return {node.id: node.name for node in graph.nodes}


def edges(graph):
    return {(names(graph)[parent], names(graph)[child]) for parent, child in graph.edges}


def node(graph: Graph, name: str) -> Node:
    [found] = [node for node in graph.nodes if node.name == name]
    return found


def test_a_process_is_drawn_with_its_tasks_and_edges(process, django_assert_num_queries):
    with django_assert_num_queries(2):
        graph = graph_of(process)
    assert graph.title == "p"
    assert list(names(graph).values()) == ["extract", "load", "check", "report"]
    assert edges(graph) == {("extract", "load"), ("extract", "check"), ("check", "report")}
    task = Task.objects.get(name="load")
    assert node(graph, "load") == Node(
        str(task.pk), "load", note="python", url=f"/admin/pgprocess/task/{task.pk}/change/"
    )


def test_level_and_offset_of_a_task_place_it_and_what_can_not_be_read_is_left_out(process):
    Task.objects.filter(name="extract").update(level=2, offset="-25%")
    Task.objects.filter(name="load").update(level=None, offset="left")
    graph = graph_of(process)
    assert (node(graph, "extract").level, node(graph, "extract").offset) == (2, -25)
    assert (node(graph, "load").level, node(graph, "load").offset) == (None, None)


def test_an_inactive_task_is_drawn_as_such(process):
    Task.objects.filter(name="check").update(is_active=False)
    assert {node.name: node.status for node in graph_of(process).nodes} == {
        "extract": "",
        "load": "",
        "check": "inactive",
        "report": "",
    }


def test_a_process_that_is_not_saved_has_no_tasks():
    assert graph_of(Process(name="new")).nodes == ()


def test_other_processes_stay_out(process):
    draw(on_django(), "x -> y", name="other")
    assert len(graph_of(process).nodes) == 4


def test_a_job_is_drawn_with_its_statuses(process, django_assert_num_queries):
    run = a_run(process.pk)
    run.do("extract")
    run.do("check", "failed", exit_code=2)
    job = Job.objects.select_related("process").get(pk=run.id)
    with django_assert_num_queries(2):
        graph = graph_of(job)
    assert graph.title == f"p #{job.pk}"
    assert {node.name: node.status for node in graph.nodes} == {
        "extract": "succeeded",
        "load": "ready",
        "check": "failed",
        "report": "upstream_failed",
    }
    assert node(graph, "check").note == "python · exit 2"
    assert re.fullmatch(r"python · \d\.\d s", node(graph, "extract").note)
    jobtask = JobTask.objects.get(job=job, task__name="check")
    assert node(graph, "check").url == f"/admin/pgprocess/jobtask/{jobtask.pk}/change/"


def test_a_job_keeps_the_edges_it_began_with(process):
    run = a_run(process.pk)
    Task.objects.get(name="load").dependencies.all().delete()
    assert ("extract", "load") in edges(graph_of(job_of(run)))
    assert ("extract", "load") not in edges(graph_of(process))


def test_a_job_leaves_out_inactive_tasks_and_joins_what_was_around_them(process):
    Task.objects.filter(name="check").update(is_active=False)
    graph = graph_of(job_of(a_run(process.pk)))
    assert set(names(graph).values()) == {"extract", "load", "report"}
    assert edges(graph) == {("extract", "load"), ("extract", "report")}


def test_a_job_and_its_process_look_alike(process):
    drawn, run = graph_of(process), graph_of(job_of(a_run(process.pk)))
    assert names(drawn) == names(run)
    assert [node.id for node in drawn.nodes] == [node.id for node in run.nodes]
    assert drawn.edges == run.edges


def mapped(run, name, statuses):
    """Give a ready task of a run further items, one in each of ``statuses``, with the same edges."""
    first = JobTask.objects.get(job_id=run.id, task__name=name)
    JobTask.objects.filter(pk=first.pk).update(map_index=0)
    same = {"job": first.job, "task": first.task, "version": first.version}
    for index, status in enumerate(statuses, start=1):
        item = JobTask.objects.create(**same, map_index=index, status=status)
        for edge in first.edges_down.all():
            JobTaskDependency.objects.create(parent=item, child_id=edge.child_id)
        for edge in first.edges_up.all():
            JobTaskDependency.objects.create(parent_id=edge.parent_id, child=item)


def test_the_mapped_runs_of_a_task_are_one_node_with_the_worst_status(django_assert_num_queries):
    run = a_run("list -> fetch -> join")
    run.do("list")
    mapped(run, "fetch", ["succeeded", "failed", "running", "succeeded"])
    job = Job.objects.select_related("process").get(pk=run.id)
    with django_assert_num_queries(2):
        graph = graph_of(job)
    times = "\N{MULTIPLICATION SIGN}"
    assert edges(graph) == {("list", f"fetch {times}5"), (f"fetch {times}5", "join")}
    fetch = node(graph, f"fetch {times}5")
    assert fetch.status == "failed"
    assert fetch.note == "1 failed · 1 running · 1 ready · 2 succeeded"
    assert fetch.url.endswith(f"/jobtask/?job__id__exact={run.id}&task__id__exact={fetch.id}")


def test_a_running_task_says_how_long_it_has_run_and_which_try_it_is():
    run = a_run("a")
    run.set("a", "running")
    run.execute("UPDATE pgprocess_jobtask SET started_at = %s, attempt = 3", [timezone.now() - timedelta(seconds=200)])
    assert re.fullmatch(r"try 3 · 3 m 2\d s…", node(graph_of(job_of(run)), "a").note)


def test_a_task_that_waits_for_its_next_try_says_how_long():
    run = a_run("a")
    run.set("a", "running", "scheduled", run_at=timezone.now() + timedelta(minutes=10))
    assert re.fullmatch(r"python · in 9 m 5\d s", node(graph_of(job_of(run)), "a").note)


def test_a_task_keeps_the_kind_that_its_run_began_with(process):
    run = a_run(process.pk)
    Task.objects.filter(name="load").update(kind="sql")
    assert node(graph_of(job_of(run)), "load").note == "python"
    assert node(graph_of(process), "load").note == "sql"


def test_without_the_admin_nodes_lead_nowhere(process, settings):
    settings.ROOT_URLCONF = "django.contrib.auth.urls"
    assert {node.url for node in graph_of(process).nodes} == {""}
    assert {node.url for node in graph_of(job_of(a_run(process.pk))).nodes} == {""}


@pytest.mark.parametrize(
    "source",
    [
        '{% load process_diagram %}{% include "process/dj-process.html" %}{{ object|diagram }}',
        '{% load pgprocess %}{% include "process/dj-process.html" %}{% diagram object width="100%" %}',
    ],
    ids=["filter", "tag"],
)
def test_a_page_shows_a_process_and_a_job(process, source):
    for thing in (process, job_of(a_run(process.pk))):
        drawn = Template(source).render(Context({"object": thing}))
        figure = ElementTree.fromstring(drawn[drawn.index("<figure") :])
        assert {a.attrib["aria-label"].split(":")[0] for a in figure.iter("{http://www.w3.org/2000/svg}a")} == {
            "extract",
            "load",
            "check",
            "report",
        }


def test_the_tag_leaves_out_links_and_table_if_told(process):
    source = "{% load pgprocess %}{% diagram object links=False table=False %}"
    drawn = Template(source).render(Context({"object": process}))
    assert "<svg" in drawn
    assert "href" not in drawn
    assert "<table" not in drawn


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0.0 s"),
        (0.44, "0.4 s"),
        (48.9, "48 s"),
        (59.99, "59 s"),
        (123, "2 m 03 s"),
        (3720, "1 h 02 m"),
        (273_600, "3 d 04 h"),
    ],
)
def test_a_duration_is_told_in_two_units(seconds, text):
    assert duration(timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(("code", "text"), [(2, "exit 2"), (-9, "SIGKILL"), (-15, "SIGTERM"), (-200, "signal 200")])
def test_an_exit_code_is_told_by_name_if_it_is_a_signal(code, text):
    assert exit_reason(code) == text
