"""The doctor notices who does not work, what nobody takes, and what does not add up."""

from __future__ import annotations

import pytest

from pgprocess.doctor import examine
from tests.builders.drawing import DrawnJob, draw

START = "start manage.py pgprocess_worker"


def test_a_database_without_workers_is_an_error(execute):
    [finding] = examine("default")
    assert (finding.check, finding.severity, finding.sentence) == (
        "nobody_works",
        "error",
        f"No worker is alive: {START}.",
    )


def test_a_late_slot_is_an_error(execute, said):
    execute("INSERT INTO pgprocess_process (name, minute) VALUES ('nightly', '@daily')")
    assert said() == []
    execute("UPDATE pgprocess_process SET next_run_at = '2026-01-01T00:00Z'")
    assert said() == [
        "error: No cron ticks: nightly waits since 2026-01-01 00:00 UTC; start manage.py pgprocess_cron. [nobody_ticks]"
    ]


def test_a_process_that_was_paused_for_a_reason_is_a_warning(execute, said):
    execute("INSERT INTO pgprocess_process (name, is_active) VALUES ('by hand', false)")
    execute(
        "INSERT INTO pgprocess_process (name, is_active, paused_reason) "
        "VALUES ('nightly', false, 'Its schedule never runs again.')"
    )
    assert said() == [
        "warning: nightly is paused (Its schedule never runs again): mend it and make it active. [paused]"
    ]


@pytest.mark.parametrize(
    ("columns", "silent"),
    [
        ("last_seen = now() - interval '59 s'", None),
        ("last_seen = now() - interval '600 s'", "10 min"),
        ("last_seen = now() - interval '5 h'", "5 h"),
        ("last_seen = now() - interval '5 h', state = 'stopping'", "5 h"),
        ("last_seen = now() - interval '5 h', state = 'stopped'", None),
        ("last_seen = now() - interval '25 h'", None),
    ],
)
def test_a_worker_that_fell_silent_within_a_day_is_a_warning(execute, said, columns, silent):
    execute("INSERT INTO pgprocess_worker (host, pid) VALUES ('far', 9)")
    execute(f"UPDATE pgprocess_worker SET {columns} WHERE pid = 9")
    sentence = f"warning: Worker far:9 was not seen for {silent}: restart it, or see why it died. [dead_workers]"
    assert said() == ([sentence] if silent else [])


@pytest.mark.parametrize("gone", ["last_seen = now() - interval '2 days'", None])
def test_tasks_that_run_for_a_worker_that_is_gone_are_an_error(execute, said, a_live_worker, gone):
    run = DrawnJob(execute, "a, b, c, d")
    run.set("a b", "running", worker_id=777)
    run.set("c", "running", worker_id=a_live_worker)
    run.set("d", "running")
    worker = "777"
    if gone:
        execute("INSERT INTO pgprocess_worker (id, host, pid) VALUES (777, 'far', 9)")
        assert said() == []
        execute(f"UPDATE pgprocess_worker SET {gone} WHERE id = 777")
        worker = "far:9"
    assert said() == [
        (
            f"error: Worker {worker} is gone and still has 2 running (the first is job task {run.get('a', 'id')}): "
            f"other workers give them back, so {START}. [lost_tasks]"
        )
    ]


def test_ready_work_in_a_queue_that_nobody_serves_is_an_error(execute, said):
    run = DrawnJob(execute, "a, b, c, d", {name: {"queue": "etl", "priority": ord(name)} for name in "bcd"})
    execute("UPDATE pgprocess_worker SET queues = 'default,mail'")
    execute("UPDATE pgprocess_job SET started_at = now() - interval '30 min'")
    assert said() == [
        (
            f"error: No live worker serves queue etl, where b (job task {run.get('b', 'id')}) has waited for 30 min: "
            "start one with --queues etl. [unserved]"
        )
    ]


def test_a_task_that_waits_for_more_than_an_hour_where_somebody_works_is_a_warning(execute, said):
    run = DrawnJob(execute, "a -> b")
    execute("UPDATE pgprocess_job SET started_at = now() - interval '3 h'")
    late = (
        "warning: In queue default, priority 0, {} (job task {}) has waited for 3 h: start more workers, or give them "
        "more --concurrency. [waiting]"
    )
    assert said() == [late.format("a", run.get("a", "id"))]
    run.do("a")
    assert said() == []
    execute("UPDATE pgprocess_jobtask SET finished_at = now() - interval '3 h' WHERE status = 'succeeded'")
    assert said() == [late.format("b", run.get("b", "id"))]


def test_a_task_that_was_sent_back_waits_from_then_on(execute, said):
    run = DrawnJob(execute, "a")
    execute("UPDATE pgprocess_job SET started_at = now() - interval '3 h'")
    run.set("a", "running", "ready")
    assert said() == []


def test_a_task_without_a_job_waits_for_nobody_knows_how_long(execute, said):
    draw(execute, "a", {"a": {"queue": "etl"}})
    execute("UPDATE pgprocess_worker SET queues = 'default'")
    execute(
        "INSERT INTO pgprocess_jobtask (task_id, version_id, status, queue, ready_seq) "
        "SELECT id, version_id, 'ready', 'etl', 1 FROM pgprocess_task"
    )
    [sentence] = said()
    assert "where a (job task " in sentence
    assert ") waits: start one" in sentence


# Drift


def plant(execute, statement, *params):
    execute("SET LOCAL session_replication_role = replica")
    execute(statement, params)
    execute("SET LOCAL session_replication_role = origin")


def test_what_has_drifted_is_said_with_the_update_that_mends_it(execute, said):
    run = DrawnJob(execute, "a -> b")
    run.do("a")
    plant(
        execute, "UPDATE pgprocess_jobtask SET status = 'awaiting', parents_left = 1 WHERE id = %s", run.get("b", "id")
    )
    [sentence] = said()
    b = run.get("b", "id")
    found, _, cure = sentence.partition(": UPDATE ")
    assert found == f"error: pgprocess_jobtask {b} has drifted (parents_left is 1, status is awaiting)"
    execute(f"UPDATE {cure.partition('. [')[0]}")
    assert said() == []
    assert run.get("b") == "ready"


def test_jobs_of_long_ago_are_counted_anew_only_when_asked_for(execute, said):
    run = DrawnJob(execute, "a")
    run.do("a")
    plant(execute, "UPDATE pgprocess_job SET tasks_failed = 1, finished_at = now() - interval '25 h'")
    assert said() == []
    [sentence] = said(everything=True)
    assert f"pgprocess_job {run.id} has drifted (tasks_failed is 1)" in sentence


def test_of_much_drift_only_the_beginning_is_said(execute, said):
    process = draw(execute, "a")
    execute("INSERT INTO pgprocess_job (process_id) SELECT %s FROM generate_series(1, 25)", [process])
    plant(execute, "UPDATE pgprocess_job SET tasks_failed = 1")
    found = said()
    assert len(found) == 21
    assert found[-1] == "error: Further rows that have drifted: 5. Mend these and look again. [drift]"
