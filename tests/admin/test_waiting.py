"""Why a task waits is said in the reader's language, and names stay as they are."""

from __future__ import annotations

import re

import pytest
from django.utils import translation

from pgprocess.admin.jobtask.waiting_because import SENTENCES, waiting_because
from pgprocess.models import JobTask
from pgprocess.sql import rules
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


def test_a_task_of_a_job_whose_turn_has_not_come_says_what_its_job_waits_for():
    execute = on_django()
    execute("INSERT INTO pgprocess_process (name, overlap) VALUES ('p', 'buffer_all')")
    execute(
        "INSERT INTO pgprocess_task (process_id, name, kind, code) SELECT id, 'a', 'shell', '' FROM pgprocess_process"
    )
    rows = (
        "INSERT INTO pgprocess_job (process_id, logical_date, buffered) "
        "SELECT id, make_date(2026, 1, %s), true FROM pgprocess_process RETURNING id"
    )
    ids = [execute(rows, [day])[0][0] for day in range(1, 6)]
    last = JobTask.objects.get(job=ids[-1])
    with translation.override("en"):
        assert waiting_because(last) == f"It waits for job {ids[0]}, job {ids[1]} and 2 more."
    execute("UPDATE pgprocess_process SET is_active = false")
    with translation.override("es"):
        assert waiting_because(last) == "Espera a que se reanude su proceso."


def test_every_reason_of_the_database_has_a_sentence_in_english_and_for_the_pages():
    written = rules()["waiting_for"] + rules()["why_buffered"]
    keys = set(re.findall(r"'key', '(\w+)'", written))
    for choice in re.findall(r"'key', CASE .* THEN '(\w+)' ELSE '(\w+)' END", written):
        keys |= set(choice)
    assert keys == set(SENTENCES)
    assert keys == set(re.findall(r"^           WHEN '(\w+)'", rules()["waiting_because"], re.MULTILINE))
