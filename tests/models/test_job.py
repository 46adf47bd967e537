"""Jobs, as Django code starts and cancels them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError

from pgprocess.exceptions import ParamsError, TransitionError
from pgprocess.models import Job, Process
from tests.builders.drawing import draw, on_django

pytestmark = pytest.mark.django_db


@pytest.fixture
def process():
    return Process.objects.get(pk=draw(on_django(), "a -> b"))


def test_create_gives_the_job_and_its_tasks(process):
    job, tasks = Job.create(process)
    assert [(str(task), task.status) for task in tasks] == [("a", "ready"), ("b", "awaiting")]
    assert (job.status, job.tasks_total, job.tasks_left, job.is_over) == ("running", 2, 2, False)
    assert list(job.tasks.all()) == tasks


def test_params_are_kept_with_the_job(process):
    job, _ = Job.create(process, params={"day": "2026-11-24", "full": True})
    job.refresh_from_db()
    assert job.params == {"day": "2026-11-24", "full": True}


@pytest.mark.parametrize("params", [["a"], "day=1", 7])
def test_params_are_an_object(process, params):
    with pytest.raises(ParamsError, match="are a dict, not"):
        Job.create(process, params=params)


def test_a_slot_is_taken_once(process):
    slot = datetime(2026, 11, 24, 3, tzinfo=UTC)
    Job.create(process, logical_date=slot)
    with pytest.raises(IntegrityError):
        Job.create(process, logical_date=slot)


def test_an_inactive_process_can_be_run_by_people(process):
    Process.objects.update(is_active=False)
    _, tasks = Job.create(process)
    assert len(tasks) == 2


def test_cancel_stops_everything(process):
    job, _ = Job.create(process)
    job.cancel(reason="wrong day", actor="ana")
    assert (job.status, job.reason, job.actor, job.tasks_left) == ("cancelled", "wrong day", "ana", 0)
    assert set(job.tasks.values_list("status", flat=True)) == {"cancelled"}


def test_a_job_that_is_over_can_not_be_cancelled(process):
    job, _ = Job.create(process)
    job.cancel()
    with pytest.raises(TransitionError, match="is cancelled already"):
        job.cancel()


def test_starting_a_job_takes_few_queries(process, django_assert_max_num_queries):
    with django_assert_max_num_queries(5):
        Job.create(process)
