"""Why a task waits is said in the reader's language, and names stay as they are."""

from __future__ import annotations

import pytest
from django.utils import translation

from pgprocess.admin.jobtask.waiting_because import waiting_because
from pgprocess.models import JobTask
from tests.builders.drawing import DrawnJob, on_django

pytestmark = pytest.mark.django_db


def because(run, name, language="en"):
    with translation.override(language):
        return waiting_because(JobTask.objects.get(job=run.id, task__name=name))


def test_it_names_the_parents_that_are_open():
    run = DrawnJob(on_django(), "cut and dry -> c, b -> c")
    run.set("b", "running")
    assert because(run, "c") == "It waits for cut and dry (ready) and b (running)."
    assert because(run, "c", "es") == "Espera a cut and dry (lista) y b (en marcha)."


def test_it_says_when_a_retry_is_due():
    run = DrawnJob(on_django(), "a -> b")
    run.do("a", "scheduled", run_at="2999-01-01T00:00Z")
    assert because(run, "a").startswith("It is tried again in ")
    assert because(run, "b", "es").startswith("Espera a a (reintento en ")


def test_it_says_that_nobody_serves_the_queue():
    run = DrawnJob(on_django(), "a", {"a": {"queue": "etl"}})
    assert because(run, "a", "es") == "Ningún worker vivo atiende la cola etl."
    on_django()("INSERT INTO pgprocess_worker (host, pid) VALUES ('h', 1)")
    assert because(run, "a") == "It waits for a free slot in queue etl."


def test_what_does_not_wait_says_nothing():
    run = DrawnJob(on_django(), "a, b")
    run.set("a b", "running")
    run.set("b", "succeeded")
    assert (because(run, "a"), because(run, "b")) == ("", "")
