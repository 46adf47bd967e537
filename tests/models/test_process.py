"""A Process describes itself, saved or not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from pgprocess.models import Process

MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def test_an_unsaved_process_knows_its_next_runs():
    process = Process(name="nightly", minute="30", hour="16", day_of_week="1-5", timezone="Europe/Berlin")
    first, second = process.next_runs(MONDAY, 2)
    assert first == datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
    assert second == datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
    assert str(first.tzinfo) == "Europe/Berlin"


def test_a_process_without_a_schedule_runs_on_demand_only():
    assert Process(name="manual").next_runs(MONDAY, 5) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"minute": "61"},
        {"minute": "0", "hour": "0", "day_of_month": "31", "month": "2"},
        {"minute": "0", "timezone": "Europe/Berln"},
        {"minute": "@daily", "hour": "3"},
        {"minute": "@never"},
    ],
)
def test_a_schedule_that_makes_no_sense_is_refused(fields):
    with pytest.raises(ValidationError):
        Process(name="p", **fields).full_clean(validate_unique=False, validate_constraints=False)


@pytest.mark.django_db
def test_editing_a_schedule_begins_it_anew():
    process = Process.objects.create(name="p", minute="0", hour="3")
    Process.objects.update(next_run_at=MONDAY, scheduled_from=MONDAY)
    Process.objects.update(description="other")
    process.refresh_from_db()
    assert process.next_run_at == MONDAY
    Process.objects.update(hour="4")
    process.refresh_from_db()
    assert process.next_run_at is None
    assert process.scheduled_from > MONDAY


@pytest.mark.django_db
def test_switching_a_process_on_forgets_why_it_was_paused():
    process = Process.objects.create(name="p", is_active=False, paused_reason="a bad schedule")
    Process.objects.update(is_active=True)
    process.refresh_from_db()
    assert process.paused_reason == ""


def test_its_runs_lie_between_its_start_and_its_end():
    start, end = datetime(2026, 11, 25, 3, tzinfo=UTC), datetime(2026, 11, 27, 3, tzinfo=UTC)
    process = Process(name="p", minute="0", hour="3", start_at=start, end_at=end)
    assert [run.day for run in process.next_runs(MONDAY, 9)] == [25, 26, 27]
    assert process.next_runs(end, 9) == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"start_at": datetime(2026, 2, 1, tzinfo=UTC), "end_at": datetime(2026, 1, 1, tzinfo=UTC)}, "ends before"),
        ({"start_at": datetime(2026, 1, 1, 4, tzinfo=UTC), "end_at": datetime(2026, 1, 2, tzinfo=UTC)}, "no slot lies"),
        ({"jitter": -1.0}, "greater than or equal to 0"),
        ({"misfire_grace": -1.0}, "greater than or equal to 0"),
        ({"catch_up_limit": 0}, "greater than or equal to 1"),
        ({"ping_url": "file:///etc/passwd"}, "valid URL"),
        ({"overlap": "sometimes"}, "not a valid choice"),
    ],
)
def test_policies_that_make_no_sense_are_refused(fields, said):
    with pytest.raises(ValidationError, match=said):
        Process(name="p", minute="0", hour="3", **fields).full_clean(validate_unique=False, validate_constraints=False)


@pytest.mark.django_db
def test_a_person_pauses_and_resumes_with_a_reason():
    process = Process.objects.create(name="p", minute="0", hour="3")
    process.pause("the supplier is moving", actor="ana")
    assert (process.is_active, process.paused_reason, process.paused_by) == (False, "the supplier is moving", "ana")
    process.pause("again", actor="luis")
    assert (process.paused_reason, process.paused_by) == ("the supplier is moving", "ana")
    process.resume(actor="luis")
    assert (process.is_active, process.paused_reason, process.paused_by) == (True, "", "")
    assert process.next_run_at is None


@pytest.mark.django_db
def test_the_database_knows_whether_a_process_has_a_schedule_whoever_writes():
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO pgprocess_process (name) VALUES ('least')")
        cursor.execute("INSERT INTO pgprocess_process (name, day_of_week) VALUES ('weekly', 'mon')")
    Process.objects.bulk_create([Process(name="bulk"), Process(name="hourly", minute="@hourly")])
    assert Process.objects.create(name="saved", hour="2").has_schedule is True
    scheduled = Process.objects.filter(has_schedule=True)
    assert sorted(scheduled.values_list("name", flat=True)) == ["hourly", "saved", "weekly"]
    scheduled.update(minute="", hour="", day_of_week="")
    assert not scheduled.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("blank", ["", " ", "  ", "\t", "\n", " \r\n\f\v"])
@pytest.mark.parametrize("field", ["minute", "hour", "day_of_month", "month", "day_of_week"])
def test_blanks_are_no_schedule_to_the_database_as_to_python(field: str, blank: str) -> None:
    process = Process.objects.create(name="p", **{field: blank})
    process.refresh_from_db()
    assert (process.has_schedule, process.schedule.is_empty) == (False, True)
    for other in ("\xa0", "\u2003", "x"):
        Process.objects.update(**{field: other})
        process.refresh_from_db()
        assert (process.has_schedule, process.schedule.is_empty) == (True, False)
        with pytest.raises(ValidationError):
            process.clean()
