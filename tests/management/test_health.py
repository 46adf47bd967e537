"""``pgprocess_health`` and ``pgprocess_doctor`` as probes and people call them."""

from __future__ import annotations

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pgprocess.devtools.url import database_settings, database_url
from pgprocess.doctor import CHECKS
from tests.builders.commands import ended
from tests.builders.drawing import DrawnJob, draw

NOBODY = "No worker is alive: start manage.py pgprocess_worker."


@pytest.fixture
def a_worker(execute):
    execute("INSERT INTO pgprocess_worker (host, pid, queues) VALUES ('h', 1, 'default,mail')")


@pytest.fixture
def nowhere(dsn, monkeypatch):
    """Let processes that start from now on find no database."""
    url = database_url(database_settings(dsn) | {"NAME": "pgprocess_test_nowhere"})
    monkeypatch.setenv("PGPROCESS_DATABASE_URL", url)


# pgprocess_health


def test_a_queue_that_is_named_must_be_served(execute, a_worker, capsys):
    call_command("pgprocess_health", "--queue", "mail", "--queue", "default")
    assert capsys.readouterr().out == "pgprocess is well.\n"
    with pytest.raises(CommandError, match=r"^No live worker serves queue etl: start one with --queues etl\.$"):
        call_command("pgprocess_health", "--queue", "mail", "--queue", "etl")


def test_a_task_may_wait_so_long_and_no_longer(execute, a_worker):
    run = DrawnJob(execute, "a, b", {"b": {"queue": "etl", "priority": 3}})
    execute("UPDATE pgprocess_job SET started_at = now() - interval '90 s'")
    call_command("pgprocess_health", "--max-wait", "120")
    with pytest.raises(CommandError) as wrong:
        call_command("pgprocess_health", "--max-wait", "60")
    sentence = "In queue {}, priority {}, {} (job task {}) has waited for 90 s: "
    assert sentence.format("default", 0, "a", run.get("a", "id")) in str(wrong.value)
    assert sentence.format("etl", 3, "b", run.get("b", "id")) in str(wrong.value)
    call_command("pgprocess_health", "--max-wait", "60", "--queue", "mail")


def test_health_as_json_is_one_object(execute, capsys):
    with pytest.raises(SystemExit) as left:
        call_command("pgprocess_health", "--json")
    assert left.value.code == 1
    assert json.loads(capsys.readouterr().out) == {
        "well": False,
        "findings": [{"check": "nobody_works", "severity": "error", "sentence": NOBODY}],
    }
    execute("INSERT INTO pgprocess_worker (host, pid) VALUES ('h', 1)")
    assert ended("pgprocess_health", "--json") == (0, '{"well": true, "findings": []}\n')


def test_health_asks_the_same_however_much_there_is(execute, a_worker, transactional_db):
    def asked():
        with CaptureQueriesContext(connection) as captured:
            call_command("pgprocess_health", "--queue", "mail", "--max-wait", "900")
        return len(captured)

    before = asked()
    for number in range(20):
        DrawnJob(execute, draw(execute, "a", {"a": {"queue": f"q{number}"}}, name=f"p{number}"))
    assert asked() == before


def test_without_a_database_health_exits_1_and_doctor_2_with_a_sentence(nowhere):
    code, said = ended("pgprocess_health")
    assert code == 1
    assert said.startswith("CommandError: The database does not answer (")
    assert said.count("\n") == 1
    code, said = ended("pgprocess_doctor")
    assert code == 2
    assert said.startswith("error: The database does not answer (")
    assert said.count("\n") == 1


# pgprocess_doctor


def test_the_doctor_exits_0_where_nothing_is_wrong(execute, a_worker):
    assert ended("pgprocess_doctor") == (0, f"pgprocess is well: {len(CHECKS)} checks found nothing.\n")


def test_the_doctor_exits_1_with_warnings_and_2_with_errors(execute, a_worker):
    execute("UPDATE pgprocess_worker SET queues = ''")
    DrawnJob(execute, "a")
    execute("UPDATE pgprocess_job SET started_at = now() - interval '5 h'")
    code, said = ended("pgprocess_doctor", "--all")
    assert code == 1
    assert said.startswith("warning: In queue default, ")
    assert said.endswith("has waited for 5 h: start more workers, or give them more --concurrency. [waiting]\n")
    execute("DELETE FROM pgprocess_worker")
    code, said = ended("pgprocess_doctor", "--json")
    assert code == 2
    found = json.loads(said)
    assert found["well"] is False
    assert [(finding["check"], finding["severity"]) for finding in found["findings"]] == [
        ("nobody_works", "error"),
        ("unserved", "error"),
    ]
