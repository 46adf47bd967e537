"""An old copy of a process in memory undoes nothing that others have written to its row since."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import models

from pgprocess.cron.cron import Cron
from pgprocess.models import Process
from tests.builders.daily import Daily
from tests.builders.drawing import Executes

MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
OTHERS: dict[str, Any] = {
    "name": "renamed",
    "description": "what others wrote",
    "is_active": False,
    "minute": "7",
    "timezone": "Europe/Madrid",
    "end_at": MONDAY + timedelta(days=900),
    "jitter": 5.0,
    "overlap": "allow",
    "catch_up_limit": 7,
    "misfire_grace": 60.0,
    "failures": 3,
    "paused_reason": "three jobs in a row failed",
    "paused_by": "ana",
    "next_run_at": MONDAY,
    "scheduled_from": MONDAY,
    "looked_at": MONDAY,
}
WAYS: dict[str, Callable[[], Process]] = {
    "created": lambda: Process.objects.create(name="p", minute="0", hour="3"),
    "saved": lambda: _saved(Process(name="p", minute="0", hour="3")),
    "read": lambda: Process.objects.get(pk=Process.objects.create(name="p", minute="0", hour="3").pk),
    "bulk": lambda: Process.objects.bulk_create([Process(name="p", minute="0", hour="3")])[0],
    "deferred": lambda: Process.objects.only("name").get(pk=Process.objects.create(name="p", minute="0", hour="3").pk),
}


def _saved(process: Process) -> Process:
    process.save()
    return process


def written(process: Process) -> dict[str, Any]:
    row: dict[str, Any] = Process.objects.values(*OTHERS).get(pk=process.pk)
    return row


@pytest.mark.django_db
@pytest.mark.parametrize("column", OTHERS)
@pytest.mark.parametrize("way", WAYS)
def test_a_stale_save_writes_none_of_the_columns_that_were_not_touched(way: str, column: str) -> None:
    stale = WAYS[way]()
    Process.objects.filter(pk=stale.pk).update(**{column: OTHERS[column]})
    expected = written(stale)
    changed = "description" if column != "description" else "hour"
    setattr(stale, changed, "4")
    stale.save()
    ours = {changed: "4"} if changed in OTHERS else {}
    began_anew = {"next_run_at", "scheduled_from", "looked_at"} if changed == "hour" else set()
    found = written(stale)
    assert {name: found[name] for name in OTHERS if name not in began_anew} == {
        name: value for name, value in (expected | ours).items() if name not in began_anew
    }
    stale.save()
    assert written(stale) == found


@pytest.mark.django_db
def test_what_was_changed_is_written_once() -> None:
    process = Process.objects.create(name="p", failures=1)
    process.failures = models.F("failures") + 1
    process.save()
    process.description = "other"
    process.save()
    process.refresh_from_db()
    assert (process.failures, process.description) == (2, "other")
    process.is_active = False
    process.refresh_from_db()
    process.save()
    assert Process.objects.get().is_active
    process.is_active = False
    process.save(update_fields=["description"])
    process.save()
    assert not Process.objects.get().is_active


@pytest.mark.django_db
def test_of_two_moments_that_look_alike_the_one_that_was_set_is_written() -> None:
    zone = ZoneInfo("America/New_York")
    process = Process.objects.create(name="p", end_at=datetime(2026, 11, 1, 1, 30, tzinfo=zone))
    process.end_at = datetime(2026, 11, 1, 1, 30, tzinfo=zone, fold=1)
    process.save()
    assert Process.objects.get().end_at == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


@pytest.mark.django_db
def test_a_copy_by_hand_is_a_whole_row() -> None:
    process = Process.objects.create(name="p", minute="0", hour="3", description="whole")
    process.pk, process.name = None, "copy"
    process.save()
    copy = Process.objects.get(name="copy")
    assert (copy.minute, copy.hour, copy.description) == ("0", "3", "whole")
    assert Process.objects.count() == 2


def test_a_stale_save_runs_no_slot_again_whose_job_is_gone(cron: Cron, execute: Executes) -> None:
    daily = Daily(execute)
    stale = Process.objects.get(pk=daily.id)
    cron.tick()
    execute("TRUNCATE pgprocess_job CASCADE")
    stale.description = "better described"
    stale.save()
    cron.tick()
    assert (daily.jobs, daily.get("description")) == ([], "better described")
    assert daily.get("next_run_at") == daily.slot + timedelta(days=1)


def test_a_stale_save_resumes_nothing(cron: Cron, execute: Executes) -> None:
    daily = Daily(execute)
    stale = Process.objects.get(pk=daily.id)
    execute("UPDATE pgprocess_process SET is_active = false, paused_reason = 'job 7 failed', failures = 3")
    stale.name = "renamed"
    stale.save()
    cron.tick()
    assert (daily.get("is_active"), daily.get("paused_reason"), daily.get("failures"), daily.jobs) == (
        False,
        "job 7 failed",
        3,
        [],
    )
