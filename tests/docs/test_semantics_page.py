"""docs/semantics.md lists what exists: transitions, classes of statuses, endings, rules."""

from __future__ import annotations

import re

import pytest

from pgprocess.choices import TriggerRule
from pgprocess.statuses import TRANSITIONS, JobStatus
from tests.builders.drawing import Executes, on_django
from tests.docs.pages import page, rows

TEXT = page("semantics.md")


@pytest.fixture
def execute(db: None) -> Executes:
    """Execute a statement within the test's transaction."""
    return on_django()


def words(cell: str) -> set[str]:
    """Return the words between backquotes."""
    return set(re.findall(r"`([^`]+)`", cell))


def test_the_table_of_transitions_is_the_one_of_the_code() -> None:
    table = {words(now).pop(): words(following) for now, following in rows(TEXT, "now")}
    assert table == {str(now): {str(status) for status in following} for now, following in TRANSITIONS.items()}


def test_what_a_status_counts_as_is_what_the_database_says(execute: Executes) -> None:
    table = {words(status).pop(): counts.partition(":")[0] for status, _, counts in rows(TEXT, "status")}
    assert table == {
        str(status): execute("SELECT pgprocess_status_class(%s)", [status])[0][0] for status in TRANSITIONS
    }


def test_every_ending_of_a_job_is_explained() -> None:
    section = TEXT.partition("## How a job ends")[2]
    assert {words(status).pop() for status, _ in rows(section, "status")} == set(JobStatus.values)


@pytest.mark.parametrize("rule", TriggerRule.values)
def test_every_trigger_rule_has_its_section_and_its_picture(rule: str) -> None:
    section = TEXT.partition(f"\n### {rule}\n")[2].partition("\n### ")[0]
    assert f"(images/rule-{rule}.svg)" in section
