"""A backfill makes jobs of past slots, each once, in a line of its own."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from pgprocess.exceptions import ScheduleError
from pgprocess.models import Backfill, Job, Process, Task

FIRST, LAST = datetime(2026, 3, 1, 2, 30, tzinfo=UTC), datetime(2026, 3, 5, 2, 30, tzinfo=UTC)


@pytest.fixture
def process(db: None) -> Process:
    """A process that runs at half past two."""
    process = Process.objects.create(name="nightly", minute="30", hour="2")
    Task.objects.create(process=process, name="a", code="pass")
    return process


def end(job: Job, status: str = "succeeded") -> None:
    for each in ("running", status):
        job.tasks.update(status=each)


def day_of(job: Job) -> int:
    assert job.logical_date
    return job.logical_date.day


def shown(process: Process) -> list[tuple[int, str, bool]]:
    return [(day_of(job), job.status, job.buffered) for job in process.jobs.order_by("logical_date")]


def test_every_slot_of_the_range_is_a_job_and_so_many_run_at_once(process: Process) -> None:
    jobs = process.backfill(FIRST, LAST, concurrency=2, actor="ana")
    assert [job.logical_date for job in jobs] == [FIRST + timedelta(days=days) for days in range(5)]
    assert {(job.origin, job.actor, job.backfill and job.backfill.actor) for job in jobs} == {
        ("backfill", "ana", "ana")
    }
    assert shown(process) == [(day, "running", day > 2) for day in range(1, 6)]
    end(jobs[0])
    assert shown(process)[2] == (3, "running", False)


def test_done_again_it_does_nothing(process: Process) -> None:
    assert len(process.backfill(FIRST, LAST)) == 5
    assert process.backfill(FIRST, LAST) == []
    assert len(process.backfill(FIRST, LAST + timedelta(days=1))) == 1
    assert Backfill.objects.count() == 2


def test_slots_that_were_skipped_run_after_all(process: Process) -> None:
    Job.objects.create(process=process, status="skipped", logical_date=FIRST, reason="missed")
    [job] = process.backfill(FIRST, FIRST)
    assert (job.status, job.tasks.get().status, job.reason) == ("running", "ready", "")


@pytest.mark.parametrize(("reprocess", "days"), [("none", []), ("failed", [2, 3]), ("all", [1, 2, 3])])
def test_slots_that_are_jobs_run_again_only_when_told(process: Process, reprocess: str, days: list[int]) -> None:
    jobs = process.backfill(FIRST, FIRST + timedelta(days=3), concurrency=4)
    for job, status in zip(jobs, ["succeeded", "failed", "cancelled"], strict=False):
        end(job, status)
    again = process.backfill(FIRST, FIRST + timedelta(days=3), reprocess=reprocess, concurrency=9)
    assert [day_of(job) for job in again] == days
    assert {job.tasks.get().status for job in again} <= {"ready"}
    assert [row[1] for row in shown(process)].count("running") == len(days) + 1


def test_what_runs_again_waits_for_its_turn(process: Process) -> None:
    jobs = process.backfill(FIRST, LAST, concurrency=5)
    for job in jobs:
        end(job)
    process.backfill(FIRST, LAST, reprocess="all")
    assert shown(process) == [(1, "running", False)] + [(day, "succeeded", True) for day in range(2, 6)]
    end(jobs[0])
    assert shown(process)[1] == (2, "running", False)


def test_a_backfill_can_be_cancelled(process: Process) -> None:
    [job, *_] = process.backfill(FIRST, FIRST + timedelta(days=1), concurrency=2)
    end(job)
    process.backfill(FIRST, LAST, reprocess="all", concurrency=1)
    newest, first = Backfill.objects.all()
    assert (job.backfill, first.jobs.count()) == (first, 1)
    newest.cancel(actor="ana")
    assert {(row[1], row[2]) for row in shown(process)} == {("running", False), ("cancelled", False)}
    assert newest.jobs.filter(status="running").count() == 0


def test_it_does_not_touch_what_the_schedule_does(process: Process) -> None:
    own = Job.objects.create(process=process)
    process.backfill(FIRST, LAST)
    assert process.jobs.filter(status="running", buffered=False).count() == 2
    own.refresh_from_db()
    assert own.status == "running"


def test_slots_that_have_not_come_are_left_to_the_schedule(process: Process) -> None:
    now = datetime.now(UTC)
    jobs = process.backfill(now - timedelta(days=2), now + timedelta(days=5))
    assert len(jobs) == 2


def test_a_range_before_the_schedule_began_is_no_matter(process: Process) -> None:
    process.start_at = LAST
    process.save()
    assert len(process.backfill(FIRST, LAST)) == 5


def test_what_can_not_be_is_refused(process: Process) -> None:
    with pytest.raises(ScheduleError, match="more than 10000 slots"):
        Process(name="p", minute="*").backfill(FIRST, LAST + timedelta(days=9))
    with pytest.raises(ScheduleError, match="has no schedule"):
        Process(name="p").backfill(FIRST, LAST)
    with pytest.raises(ScheduleError, match="time zone"):
        process.backfill(FIRST.replace(tzinfo=None), LAST)
    with pytest.raises(ValueError, match="at least 1"):
        process.backfill(FIRST, LAST, concurrency=0)
    with pytest.raises(ValueError, match="use none, failed, all"):
        process.backfill(FIRST, LAST, reprocess="some")


# The command


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("pgprocess_backfill", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_puts_the_slots_in_line(process: Process) -> None:
    assert run("nightly", "2026-03-01", "2026-03-05", "--concurrency", "2") == "5 of 5 slots are in line.\n"
    assert shown(process) == [(day, "running", day > 2) for day in range(1, 6)]
    assert run("nightly", "2026-03-01", "2026-03-05") == "0 of 5 slots are in line.\n"


def test_a_dry_run_says_what_it_would_do(process: Process) -> None:
    [job] = process.backfill(FIRST, FIRST)
    end(job, "failed")
    said = run("nightly", "2026-03-01T02:30", "2026-03-03", "--dry-run", "--reprocess", "failed")
    assert said == (
        "2026-03-01 02:30 UTC again\n2026-03-02 02:30 UTC new\n2026-03-03 02:30 UTC new\n"
        "2 new and 1 again of 3 slots.\n"
    )
    assert process.jobs.count() == 1


def test_days_are_those_of_the_process(process: Process) -> None:
    process.timezone, process.hour = "Pacific/Auckland", "23"
    process.save()
    assert run("nightly", "2026-03-01", "2026-03-01", "--dry-run").startswith("2026-03-01 23:30 NZDT new\n1 new")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["weekly", "2026-03-01", "2026-03-05"], 'There is no process "weekly"'),
        (["nightly", "yesterday", "2026-03-05"], '"yesterday" is no day and no time'),
        (["nightly", "2026-02-30", "2026-03-05"], '"2026-02-30" is no day'),
        (["nightly", "2026-03-01", "2026-03-05", "--concurrency", "0"], "at least 1"),
        (["nightly", "2026-03-01", "2026-03-05", "--reprocess", "some"], "invalid choice"),
    ],
)
def test_the_command_says_what_is_wrong_with_what_it_was_given(
    process: Process, arguments: list[str], said: str
) -> None:
    with pytest.raises(CommandError, match=said):
        run(*arguments)


# Days and times on which the clocks change


@pytest.mark.parametrize(
    ("line", "zone", "begin", "end", "wanted"),
    [
        ("0 3", "America/New_York", "2026-03-08T03:00", "2026-03-08T03:00", ["07:00"]),
        ("0 *", "America/New_York", "2026-03-08T03:00", "2026-03-08T05:00", ["07:00", "08:00", "09:00"]),
        ("30 2", "America/New_York", "2026-03-08T02:30", "2026-03-08T02:30", ["07:00"]),
        ("30 2", "America/New_York", "2026-03-08", "2026-03-08", ["07:00"]),
        ("30 1", "America/New_York", "2025-11-02T01:30", "2025-11-02T01:30", ["05:30"]),
        ("30 *", "America/New_York", "2025-11-02T01:30", "2025-11-02T01:30", ["05:30", "06:30"]),
        ("30 *", "America/New_York", "2025-11-02T01:30-05:00", "2025-11-02T01:30-05:00", ["06:30"]),
        ("0 9", "Pacific/Apia", "2011-12-30", "2011-12-30", ["10:00"]),
    ],
)
def test_a_slot_that_the_clocks_move_is_in_the_range_that_names_it(
    process: Process, line: str, zone: str, begin: str, end: str, wanted: list[str]
) -> None:
    process.minute, process.hour = line.split()
    process.timezone = zone
    process.save()
    assert run("nightly", begin, end) == f"{len(wanted)} of {len(wanted)} slots are in line.\n"
    jobs = process.jobs.order_by("logical_date")
    assert [f"{job.logical_date:%H:%M}" for job in jobs if job.logical_date] == wanted


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/Santiago", "2026-04-04", 25),
        ("Africa/Cairo", "2025-10-30", 25),
        ("Africa/Cairo", "2025-04-25", 23),
        ("America/Havana", "2025-11-02", 25),
        ("Australia/Lord_Howe", "2026-04-05", 24),
        ("Asia/Tokyo", "2026-04-05", 24),
    ],
)
def test_a_day_has_all_its_hours(process: Process, zone: str, day: str, hours: int) -> None:
    process.minute, process.hour, process.timezone = "0", "*", zone
    process.save()
    assert run("nightly", day, day) == f"{hours} of {hours} slots are in line.\n"


def test_moments_of_whatever_zone_are_instants(process: Process) -> None:
    new_york = ZoneInfo("America/New_York")
    process.minute, process.hour, process.timezone = "0", "*", new_york.key
    first, last = (datetime(2025, 11, 2, 1, 0, tzinfo=new_york, fold=fold) for fold in (0, 1))
    process.save()
    assert len(process.backfill(last, last)) == 1
    assert len(process.backfill(first, last)) == 1
    assert [job.logical_date for job in process.jobs.order_by("logical_date")] == [
        datetime(2025, 11, 2, hour, tzinfo=UTC) for hour in (5, 6)
    ]


@pytest.mark.parametrize("text", ["0001-01-01", "9999-12-31", "0001-01-01T00:00", "9999-12-31T23:59:59-08:00"])
def test_dates_outside_of_the_calendar_are_refused_with_a_sentence(process: Process, text: str) -> None:
    for begin, end in ((text, "2026-01-01"), ("2026-01-01", text)):
        with pytest.raises(CommandError, match=r"is outside of the calendar: say a year from 2 to 9998\."):
            run("nightly", begin, end)


@pytest.mark.parametrize("moment", [datetime.min, datetime.max, datetime(9999, 1, 2), datetime(1, 12, 30)])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "UTC", "Pacific/Pago_Pago"])
def test_moments_outside_of_the_calendar_are_refused_with_a_sentence(
    process: Process, moment: datetime, zone: str
) -> None:
    outside = moment.replace(tzinfo=ZoneInfo(zone))
    for begin, end in ((outside, LAST), (FIRST, outside)):
        with pytest.raises(ScheduleError, match="outside of the calendar"):
            process.backfill(begin, end)
    with pytest.raises(ScheduleError, match="time zone"):
        process.backfill(FIRST, LAST.replace(tzinfo=None))
