"""What is over for long enough goes with all that belongs to it; nothing else does."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from pgprocess.exceptions import RetentionError
from pgprocess.maintenance.prune import Gone, Old, count, prune, prune_some, prune_workers
from pgprocess.maintenance.retention import OVER
from pgprocess.sql import query
from pgprocess.statuses import JobStatus
from tests.builders.drawing import DrawnJob, draw

MONTH = timedelta(days=30)
ALL = dict.fromkeys(OVER, MONTH)
TABLES = ("job", "jobtask", "jobtaskdependency", "attempt", "logchunk")


@pytest.fixture
def history(execute):
    """A job that ended so many days ago."""

    def over(drawing, ending="succeeded", days=40):
        run = DrawnJob(execute, drawing)
        if ending == "cancelled":
            execute("UPDATE pgprocess_job SET status = 'cancelled' WHERE id = %s", [run.id])
        else:
            while run.job() == "running":
                ready = " ".join(name for name, status in run.statuses.items() if status == "ready")
                run.do(ready, ending)
        execute(
            "UPDATE pgprocess_job SET finished_at = now() - make_interval(days => %s) WHERE id = %s", [days, run.id]
        )
        return run

    return over


@pytest.fixture
def left(execute):
    """How many rows there are of each table that a job fills."""
    return lambda: tuple(execute(f"SELECT count(*) FROM pgprocess_{table}")[0][0] for table in TABLES)


def jobs(execute):
    return {row[0] for row in execute("SELECT id FROM pgprocess_job")}


def everything(batches):
    return sum(batches, Gone())


def test_an_old_job_goes_with_its_tasks_edges_attempts_and_log(execute, queue, history, left):
    run = history("a -> b, a -> c")
    run.set("a", "ready", "running", "succeeded")
    run.do("b c")
    execute(
        "INSERT INTO pgprocess_logchunk (jobtask_id, attempt, seq, stream, text) VALUES (%s, 1, 1, 'stdout', 'x')",
        [run.get("a", "id")],
    )
    execute("UPDATE pgprocess_job SET finished_at = now() - interval '31 days'")
    kept = DrawnJob(execute, run.process)
    assert left() == (2, 6, 4, 3, 1)
    assert everything(count(queue, Old(ALL))) == Gone(1, 3, 1)
    assert left() == (2, 6, 4, 3, 1)
    assert everything(prune(queue, Old(ALL))) == Gone(1, 3, 1)
    assert left() == (1, 3, 2, 0, 0)
    assert jobs(execute) == {kept.id}


def test_what_is_not_over_stays_however_old_it_is(execute, queue, history):
    run = history("a -> b")
    run.set("a", "ready")
    execute("UPDATE pgprocess_job SET finished_at = now() - interval '1 year', created_at = now() - interval '1 year'")
    assert list(prune(queue, Old(ALL))) == []
    assert run.job() == "running"


def test_each_status_has_its_own_age(execute, queue, history):
    process = draw(execute, "a")
    runs = {ending: history(process, ending) for ending in ("succeeded", "failed", "cancelled")}
    skipped = DrawnJob(execute, process, status="skipped")
    execute("UPDATE pgprocess_job SET finished_at = now() - interval '40 days' WHERE id = %s", [skipped.id])
    ages = {JobStatus.SUCCEEDED: MONTH, JobStatus.SKIPPED: timedelta(days=1), JobStatus.FAILED: timedelta(days=41)}
    assert everything(prune(queue, Old(ages))) == Gone(2, 1, 0)
    assert jobs(execute) == {runs["failed"].id, runs["cancelled"].id}


def test_other_processes_and_the_newest_jobs_of_each_may_be_kept(execute, queue, history):
    nightly, hourly = draw(execute, "a", name="nightly"), draw(execute, "a", name="hourly")
    mine = [history(nightly).id for _ in range(4)]
    others = [history(hourly).id for _ in range(2)]
    everything(prune(queue, Old(ALL, process=nightly, keep_last=1, batch=1)))
    assert jobs(execute) == {mine[-1], *others}
    everything(prune(queue, Old(ALL, keep_last=2)))
    assert jobs(execute) == {mine[-1], *others}
    everything(prune(queue, Old(ALL, keep_last=1)))
    assert jobs(execute) == {mine[-1], others[-1]}


def test_a_batch_ends_with_the_job_that_fills_it(execute, queue, history):
    process = draw(execute, "a, b, c")
    for _ in range(5):
        history(process)
    assert [gone.jobs for gone in prune(queue, Old(ALL, batch=8))] == [2, 2, 1]


def test_a_job_larger_than_a_batch_goes_whole(execute, queue, history):
    history("a, b, c")
    assert list(prune(queue, Old(ALL, batch=1))) == [Gone(1, 3, 0)]


@pytest.mark.parametrize("locked", ["pgprocess_job", "pgprocess_jobtask"])
def test_a_job_that_somebody_is_at_is_left_whole_and_not_waited_for(execute, queue, history, connect, left, locked):
    history("a -> b")
    free = history(draw(execute, "a -> b", name="q"))
    other = connect(autocommit=False)
    other.execute(f"SELECT FROM {locked} WHERE id = (SELECT min(id) FROM {locked}) FOR UPDATE")
    queue.connection.execute("SET lock_timeout = '5s'")
    assert everything(prune(queue, Old(ALL))) == Gone(1, 2, 0)
    assert free.id not in jobs(execute)
    assert left()[:3] == (1, 2, 1)
    other.rollback()
    assert everything(prune(queue, Old(ALL))) == Gone(1, 2, 0)
    assert left() == (0, 0, 0, 0, 0)


def test_a_job_that_moved_since_it_was_looked_at_stays(execute, queue, history):
    run = history("a")
    [seen] = execute("SELECT finished_at FROM pgprocess_job")[0]
    run.set("a", "ready", "running", "succeeded")
    params = {"jobs": [run.id], "tasks": [], "seen": seen}
    assert execute(query("maintenance/prune"), params) == [(0, 0, 0)]
    assert jobs(execute) == {run.id}


@pytest.mark.parametrize("ending", ["succeeded", "forced", "failed", "skipped", "cancelled"])
def test_a_task_without_a_job_goes_too(execute, queue, ending, left):
    draw(execute, "a")
    execute(
        "INSERT INTO pgprocess_jobtask (task_id, version_id, status) "
        "SELECT id, version_id, 'ready' FROM pgprocess_task, generate_series(1, 3)"
    )
    if ending in ("succeeded", "failed"):
        execute("UPDATE pgprocess_jobtask SET status = 'running'")
    execute("UPDATE pgprocess_jobtask SET status = %s WHERE id < (SELECT max(id) FROM pgprocess_jobtask)", [ending])
    execute(
        "UPDATE pgprocess_jobtask SET finished_at = now() - interval '31 days' "
        "WHERE id = (SELECT min(id) FROM pgprocess_jobtask)"
    )
    assert everything(count(queue, Old(ALL))) == Gone(0, 1, 0)
    assert everything(prune(queue, Old(ALL))) == Gone(0, 1, 0)
    assert left()[1] == 2


# What a cron calls


def test_a_cron_deletes_one_batch_and_hears_whether_there_may_be_more(execute, queue, history):
    process = draw(execute, "a")
    for _ in range(3):
        history(process)
    assert prune_some(queue, ALL, batch=4)
    assert len(jobs(execute)) == 1
    assert prune_some(queue, ALL, batch=4)
    assert not prune_some(queue, ALL, batch=4)
    assert not prune_some(queue, {})


def test_rows_of_others_that_need_a_job_keep_it_and_are_named(execute, queue, history, caplog):
    run = history("a")
    execute("CREATE TABLE invoice (job_id bigint REFERENCES pgprocess_job)")
    try:
        execute("INSERT INTO invoice VALUES (%s)", [run.id])
        with pytest.raises(
            RetentionError, match=rf"^Old jobs can't be deleted\. Key \(id\)=\({run.id}\) is still .*invoice"
        ):
            everything(prune(queue, Old(ALL)))
        with caplog.at_level(logging.WARNING, "pgprocess"):
            assert not prune_some(queue, ALL)
        assert "invoice" in caplog.text
        with pytest.raises(CommandError, match="invoice"):
            call_command("pgprocess_prune", older_than=MONTH)
    finally:
        execute("DROP TABLE invoice")
    assert jobs(execute) == {run.id}


# Workers


def test_workers_of_old_that_nothing_names_are_forgotten(execute, queue):
    run = DrawnJob(execute, "a, b")
    ids = [
        row[0]
        for row in execute(
            "INSERT INTO pgprocess_worker (host, pid, last_seen) "
            "SELECT 'h', n, now() - make_interval(days => n) FROM generate_series(0, 4) AS n RETURNING id"
        )
    ]
    run.set("a", "running", worker_id=ids[3])
    run.set("b", "running", worker_id=ids[4])
    run.set("b", "ready")
    assert prune_workers(queue, timedelta(days=2), dry_run=True) == 1
    assert prune_workers(queue, timedelta(days=2)) == 1
    assert prune_workers(queue, timedelta(0)) == 1
    assert execute("SELECT id FROM pgprocess_worker ORDER BY 1") == [(ids[0],), (ids[3],), (ids[4],)]


# Its price


@pytest.fixture
def plans(queue):
    """The plans of what is executed on the queue's connection, as they were used."""
    said = []
    queue.connection.prepare_threshold = 0
    queue.connection.add_notice_handler(lambda notice: said.append(notice.message_primary or ""))
    for setting in ("log_min_duration = 0", "log_level = 'notice'"):
        queue.connection.execute("LOAD 'auto_explain'")
        queue.connection.execute(f"SET auto_explain.{setting}")
    return said


PLACE = {"age": MONTH, "after": "-infinity", "after_id": 0, "keep_last": 2, "batch": 100, "process": None}


@pytest.mark.parametrize(
    ("name", "params", "indexes"),
    [
        ("maintenance/old_jobs", PLACE | {"status": "succeeded"}, ["pgprocess_job_over", "pgprocess_job_of_process"]),
        ("maintenance/old_tasks", PLACE | {"status": "failed"}, ["pgprocess_jobtask_alone"]),
        (
            "maintenance/prune",
            {"jobs": [1, 2], "tasks": [3], "seen": "2020-01-01T00:00Z"},
            ["pgprocess_jobtask_unique", "pgprocess_logchunk_unique", "pgprocess_attempt_unique"],
        ),
    ],
)
def test_a_batch_reads_by_index_whatever_the_statistics_say(execute, queue, plans, name, params, indexes):
    process = draw(execute, "a -> b")
    execute("INSERT INTO pgprocess_job (process_id) SELECT %s FROM generate_series(1, 300)", [process])
    execute("UPDATE pgprocess_job SET status = 'cancelled'")
    execute("ANALYZE pgprocess_job, pgprocess_jobtask, pgprocess_jobtaskdependency")
    for mode in ("force_custom_plan", "force_generic_plan"):
        queue.connection.execute(f"SET plan_cache_mode = {mode}")
        plans.clear()
        queue.connection.execute(query(name), params)
        [plan] = [plan for plan in plans if query(name)[:60] in plan]
        assert "Seq Scan" not in plan
        for index in indexes:
            assert index in plan
