"""A schedule in words, English and Spanish."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils import translation

from pgprocess.exceptions import ScheduleError
from pgprocess.models import Process
from pgprocess.schedule.describe import describe
from pgprocess.schedule.schedule import Schedule
from tests.builders.schedules import a_schedule
from tests.schedule.test_oracle import DAYS, EXPRESSIONS

WORDS = [
    ("", "On demand only", "Solo a petición"),
    ("30 2 * * *", "At 02:30, every day (UTC)", "A las 02:30, todos los días (UTC)"),
    ("@daily", "At 00:00, every day (UTC)", "A las 00:00, todos los días (UTC)"),
    ("@hourly", "Every hour (UTC)", "Cada hora (UTC)"),
    ("* * * * *", "Every minute (UTC)", "Cada minuto (UTC)"),
    ("*/15 * * * *", "Every 15 minutes (UTC)", "Cada 15 minutos (UTC)"),
    ("*/29 * * * *", "Every hour at minutes 0, 29 and 58 (UTC)", "Cada hora en los minutos 0, 29 y 58 (UTC)"),
    ("30 */2 * * *", "Every 2 hours at minute 30 (UTC)", "Cada 2 horas en el minuto 30 (UTC)"),
    ("0 2,14 * * *", "At 02:00 and 14:00, every day (UTC)", "A las 02:00 y 14:00, todos los días (UTC)"),
    (
        "0 9-17 * * mon-fri",
        "Every hour from 09:00 to 17:00, from Monday to Friday (UTC)",
        "Cada hora de 09:00 a 17:00, de lunes a viernes (UTC)",
    ),
    (
        "*/10 9-17 * * 1-5",
        "Every 10 minutes from 09:00 to 17:59, from Monday to Friday (UTC)",
        "Cada 10 minutos de 09:00 a 17:59, de lunes a viernes (UTC)",
    ),
    ("0 8 * * 6,7", "At 08:00, on Saturday and Sunday (UTC)", "A las 08:00, cada sábado y domingo (UTC)"),
    (
        "0 0 1,15 * *",
        "At 00:00, on days 1 and 15 of the month (UTC)",
        "A las 00:00, los días 1 y 15 del mes (UTC)",
    ),
    ("0 0 L * *", "At 00:00, on the last day of the month (UTC)", "A las 00:00, el último día del mes (UTC)"),
    (
        "0 0 15W * *",
        "At 00:00, on the working day nearest to day 15 (UTC)",
        "A las 00:00, el día laborable más cercano al día 15 (UTC)",
    ),
    (
        "0 0 * * 5#2",
        "At 00:00, on the second Friday of the month (UTC)",
        "A las 00:00, el segundo viernes del mes (UTC)",
    ),
    (
        "0 0 * * L5",
        "At 00:00, on the last Friday of the month (UTC)",
        "A las 00:00, el último viernes del mes (UTC)",
    ),
    (
        "0 0 13 * fri",
        "At 00:00, on day 13 of the month or on Friday (UTC)",
        "A las 00:00, el día 13 del mes o cada viernes (UTC)",
    ),
    (
        "0 0 */15 * mon",
        "At 00:00, on Monday, but only on days 1, 16 and 31 of the month (UTC)",
        "A las 00:00, cada lunes, pero solo los días 1, 16 y 31 del mes (UTC)",
    ),
    ("0 0 1-31 * mon", "At 00:00, every day (UTC)", "A las 00:00, todos los días (UTC)"),
    (
        "0 12 1 jan,jul *",
        "At 12:00, on day 1 of the month, in January and July (UTC)",
        "A las 12:00, el día 1 del mes, en enero y julio (UTC)",
    ),
    ("0 12 5-5 6-8 *", "At 12:00, on day 5 of the month, from June to August (UTC)", None),
]


@pytest.mark.parametrize(("line", "english", "spanish"), WORDS, ids=[each[0] for each in WORDS])
def test_a_schedule_is_told_in_words(line: str, english: str, spanish: str | None) -> None:
    schedule = a_schedule(line.split())
    assert describe(schedule) == english
    with translation.override("es"):
        assert describe(schedule) == spanish or spanish is None


def test_its_zone_and_its_bounds_are_told() -> None:
    bounds = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
    schedule = Schedule("30", "2", "", "", "", "Europe/Madrid", *bounds)
    assert describe(schedule) == (
        "At 02:30, every day, from 2026-01-01 01:00 on, until 2026-07-01 02:00 (Europe/Madrid)"
    )


def test_a_process_describes_itself_saved_or_not() -> None:
    assert Process(name="p", minute="0", hour="4", timezone="Asia/Tokyo").describe() == (
        "At 04:00, every day (Asia/Tokyo)"
    )


@pytest.mark.parametrize("language", ["en", "es"])
def test_whatever_can_be_read_can_be_told_and_different_schedules_differ(language: str) -> None:
    lines = [*EXPRESSIONS, *("5 4 " + " ".join(days) for days in DAYS)]
    with translation.override(language):
        told = [describe(a_schedule(line.split())) for line in lines]
    assert all(told)
    runs = {line: tuple(a_schedule(line.split()).next_runs(datetime(2026, 1, 1, tzinfo=UTC), 400)) for line in lines}
    assert len(set(told)) == len(set(runs.values()))


def test_what_can_not_be_read_can_not_be_told() -> None:
    with pytest.raises(ScheduleError, match="hour"):
        describe(Schedule("0", "25"))
