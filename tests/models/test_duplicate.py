"""A copy of a process is whole and paused, and costs no more statements for a large process."""

from __future__ import annotations

import pytest
from django.db import IntegrityError

from pgprocess.models import Job, Process, TaskVersion
from pgprocess.models.duplicate import duplicate
from tests.builders.drawing import draw, on_django

pytestmark = pytest.mark.django_db


def a_process(drawing, tasks=None):
    return Process.objects.get(pk=draw(on_django(), drawing, tasks, name="nightly"))


def edges(process):
    return set(process.tasks.filter(parents__isnull=False).values_list("parents__name", "name"))


def test_a_copy_has_the_tasks_the_edges_and_the_schedule():
    process = a_process("a -> b -> c, a -> c", {"b": {"code": "print(1)", "level": 1, "trigger_rule": "all_done"}})
    Process.objects.update(minute="30", hour="2", timezone="Europe/Berlin", overlap="allow")
    process.refresh_from_db()
    copy = duplicate(process, "nightly 2")
    copy.refresh_from_db()
    assert (copy.name, copy.minute, copy.hour, copy.day_of_week) == ("nightly 2", "30", "2", "")
    assert (copy.timezone, copy.overlap) == ("Europe/Berlin", "allow")
    assert edges(copy) == edges(process) == {("a", "b"), ("b", "c"), ("a", "c")}
    b = copy.tasks.get(name="b")
    assert (b.code, b.level, b.trigger_rule) == ("print(1)", 1, "all_done")
    assert b.version == TaskVersion.objects.get(task=b)
    assert b.version.number == 1


def test_a_copy_is_paused_and_says_why():
    copy = duplicate(a_process("a"), "again")
    copy.refresh_from_db()
    assert not copy.is_active
    assert copy.paused_reason == "This is a copy of nightly: look it over, then resume it."


def test_editing_the_copy_leaves_the_original_alone():
    process = a_process("a -> b")
    copy = duplicate(process, "again")
    copy.tasks.all().delete()
    assert edges(process) == {("a", "b")}
    Job.create(process)
    assert not copy.jobs.exists()


def test_a_name_that_is_taken_copies_nothing():
    process = a_process("a -> b")
    with pytest.raises(IntegrityError):
        duplicate(process, "nightly")


def test_a_large_process_takes_as_many_statements_as_a_small_one(django_assert_num_queries):
    process = a_process(", ".join(f"root -> t{number}" for number in range(300)))
    with django_assert_num_queries(7):
        copy = duplicate(process, "again")
    assert copy.tasks.count() == 301
    assert len(edges(copy)) == 300
