"""The doctor notices whatever is not as this version of pgprocess installs it."""

from __future__ import annotations

import pgtrigger
import pytest

from pgprocess.doctor import CHECKS
from pgprocess.doctor.rules import FUNCTION, VIEW
from pgprocess.sql import FOLDER, rules

ADVANCE = "pgprocess.JobTask:advance"
CURE = f"run manage.py migrate pgprocess, and if all is applied psql -f {FOLDER}"


def pgid(uri):
    [(model, trigger)] = pgtrigger.registered(uri)
    return trigger.get_pgid(model)


def test_a_database_as_migrations_leave_it_is_well(said):
    assert said() == []
    assert said(everything=True) == []


def test_every_rule_is_one_that_the_doctor_compares():
    names = {name for text in rules().values() for name, *_ in [*FUNCTION.findall(text), *VIEW.findall(text)]}
    assert names == {f"pgprocess_{rule}" for rule in rules()}


def test_the_doctor_can_not_write(execute, a_live_worker, monkeypatch, said):
    def writes(patient):
        execute("UPDATE pgprocess_worker SET pid = 2")
        yield

    monkeypatch.setattr("pgprocess.doctor.CHECKS", (*CHECKS, writes))
    [sentence] = said()
    assert "cannot execute UPDATE in a read-only transaction" in sentence
    execute("UPDATE pgprocess_worker SET pid = 3")


# Migrations


def test_a_migration_that_is_not_applied_is_an_error(execute, said):
    execute("DELETE FROM django_migrations WHERE app = 'pgprocess' AND name = '0002_rules'")
    assert said() == [
        "error: Migrations of pgprocess are not applied (0002_rules): run manage.py migrate pgprocess. [migrations]"
    ]


def test_a_migration_of_a_version_to_come_is_a_warning(execute, said):
    execute("INSERT INTO django_migrations (app, name, applied) VALUES ('pgprocess', '9999_new', now())")
    assert said() == [
        "warning: The database knows migrations that this pgprocess does not (9999_new): update it here. [migrations]"
    ]


def test_without_tables_every_check_says_so_and_none_stops_the_others(execute, said):
    execute("DROP TABLE pgprocess_jobtask CASCADE")
    found = said()
    assert any("[drift]" in sentence and "does not exist" in sentence for sentence in found)
    assert any(f"The trigger {ADVANCE} is missing" in sentence for sentence in found)
    assert not any("[nobody_works]" in sentence for sentence in found)


# Triggers


def test_a_trigger_that_is_missing_is_an_error(execute, said):
    execute(f"DROP TRIGGER {pgid(ADVANCE)} ON pgprocess_jobtask")
    assert said() == [f"error: The trigger {ADVANCE} is missing: run manage.py pgtrigger install {ADVANCE}. [triggers]"]


def test_a_trigger_of_another_version_is_an_error(execute, said):
    execute(f"COMMENT ON TRIGGER {pgid(ADVANCE)} ON pgprocess_jobtask IS 'an older hash'")
    assert said() == [
        (
            f"error: The trigger {ADVANCE} is that of another version: "
            f"run manage.py pgtrigger install {ADVANCE}. [triggers]"
        )
    ]


def test_a_trigger_that_is_disabled_is_an_error(execute, said):
    execute(f"ALTER TABLE pgprocess_jobtask DISABLE TRIGGER {pgid(ADVANCE)}")
    assert said() == [f"error: The trigger {ADVANCE} is disabled: run manage.py pgtrigger enable {ADVANCE}. [triggers]"]


def test_a_trigger_that_an_older_version_left_is_a_warning(execute, said):
    execute(
        "CREATE TRIGGER pgtrigger_of_old AFTER INSERT ON pgprocess_job "
        "FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()"
    )
    assert said() == [
        (
            "warning: The trigger pgtrigger_of_old of pgprocess_job is not one of this pgprocess: "
            "run manage.py pgtrigger prune. [triggers]"
        )
    ]


# Functions and views


def test_a_function_that_is_missing_is_an_error(execute, said):
    execute("DROP FUNCTION pgprocess_keep_attempt")
    assert said() == [
        f"error: The function pgprocess_keep_attempt is missing: {CURE}/functions/keep_attempt.sql. [functions]"
    ]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("THEN 'ready'", "THEN 'skipped'"),
        lambda text: text.replace("IMMUTABLE", "STABLE"),
        lambda text: text.replace("IMMUTABLE", "IMMUTABLE SET jit = off"),
    ],
)
def test_a_function_with_another_text_volatility_or_setting_is_an_error(execute, said, change):
    execute(change(rules()["trigger_rule_decision"]))
    cure = f"{CURE}/functions/trigger_rule_decision.sql"
    assert said() == [
        f"error: The function pgprocess_trigger_rule_decision is not that of this version: {cure}. [functions]"
    ]
    execute(rules()["trigger_rule_decision"])
    assert said() == []


def test_a_view_that_is_missing_is_a_warning(execute, said):
    execute("DROP VIEW pgprocess_job_overview")
    assert said() == [f"warning: The view pgprocess_job_overview is missing: {CURE}/views/job_overview.sql. [views]"]


@pytest.mark.parametrize(
    ("view", "was", "is_now"),
    [
        ("queue_overview", "status = 'running'\n", "status = 'awaiting'\n"),
        ("schedule_overview", "job.status <> 'skipped'", "job.status <> 'cancelled'"),
        ("jobtask_overview", "       jobtask.actor,\n", "       jobtask.reason AS actor,\n"),
        ("job_overview", "job.process_id\n  FROM", "job.process_id,\n       job.id AS number\n  FROM"),
    ],
)
def test_a_view_that_shows_something_else_is_a_warning(execute, said, view, was, is_now):
    text = rules()[view]
    assert was in text
    execute(f"DROP VIEW pgprocess_{view}")
    execute(text.replace(was, is_now))
    assert said() == [
        f"warning: The view pgprocess_{view} is not that of this version: {CURE}/views/{view}.sql. [views]"
    ]
