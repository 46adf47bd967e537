"""Every run in docs/schedule.md is one that the schedule gives."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from pgprocess.choices import CatchUp, Overlap
from pgprocess.schedule.fields import ALIASES
from pgprocess.schedule.schedule import Schedule
from tests.builders.schedules import a_schedule
from tests.docs.pages import page, rows

TEXT = page("schedule.md")
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
NEW_YORK = ZoneInfo("America/New_York")
CHANGES = {"on 8 March": datetime(2026, 3, 8), "on 1 November": datetime(2026, 11, 1)}

EXAMPLES = list(rows(TEXT, "fields"))
CHANGING = list(rows(TEXT.partition("## When the clocks change")[2], "fields"))


def schedule(cell: str, zone: str = "UTC") -> Schedule:
    return a_schedule(cell.strip("`").split(), zone)


@pytest.mark.parametrize(("fields", "runs"), EXAMPLES, ids=[fields for fields, _ in EXAMPLES])
def test_the_next_runs_are_those_on_the_page(fields: str, runs: str) -> None:
    shown = runs.split(", ")
    assert [f"{run:%a %d %b %H:%M}" for run in schedule(fields).next_runs(NOON, len(shown))] == shown


@pytest.mark.parametrize("fields", [row[0] for row in CHANGING])
def test_the_runs_of_days_when_clocks_change_are_those_on_the_page(fields: str) -> None:
    [shown] = [row[1:] for row in CHANGING if row[0] == fields]
    for day, runs in zip(CHANGES.values(), shown, strict=True):
        begin, end = (day.replace(hour=hour, tzinfo=NEW_YORK).timestamp() for hour in (1, 4))
        after = datetime.fromtimestamp(begin - 60, UTC)
        found = schedule(fields, NEW_YORK.key).next_runs(after, 20)
        assert ", ".join(f"{run:%H:%M %Z}" for run in found if run.timestamp() <= end) == runs


def test_the_words_are_those_that_there_are() -> None:
    assert {word.strip("`"): line.strip("`") for word, line in rows(TEXT, "word")} == {
        word: " ".join(line) for word, line in ALIASES.items()
    }


def test_every_policy_is_explained() -> None:
    assert {row[0].strip("`") for row in rows(TEXT, "catch_up")} == set(CatchUp.values)
    assert {row[0].strip("`") for row in rows(TEXT, "overlap")} == set(Overlap.values)
