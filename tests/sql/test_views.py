"""What people see from psql."""

from __future__ import annotations


def test_a_waiting_task_names_every_open_parent_and_its_status(a_job):
    run = a_job("a -> d, b -> d, c -> d")
    run.set("a", "running")
    assert run.waiting_because("d") == "waits for a (running), b (ready) and c (ready)"
    run.do("b")
    run.do("c", "scheduled", run_at="2999-01-01T00:00Z")
    assert run.waiting_because("d").startswith("waits for a (running) and c (retry in ")


def test_a_retry_says_when(a_job, execute):
    run = a_job("a")
    run.do("a", "scheduled")
    execute("UPDATE pgprocess_jobtask SET run_at = now() + interval '41.2 s'")
    assert run.waiting_because("a") == "retry in 42 s"


def test_a_ready_task_says_whether_anybody_will_take_it(a_job, execute):
    run = a_job("a", {"a": {"queue": "etl"}})
    assert run.waiting_because("a") == "no live worker serves queue etl"
    execute("INSERT INTO pgprocess_worker (host, pid, queues) VALUES ('h', 1, 'mail,etl')")
    assert run.waiting_because("a") == "waits for a free slot in queue etl"
    execute("UPDATE pgprocess_worker SET last_seen = now() - interval '1 min'")
    assert run.waiting_because("a") == "no live worker serves queue etl"


def test_a_task_that_does_not_wait_says_nothing(a_job):
    run = a_job("a")
    run.do("a")
    assert run.waiting_because("a") is None


def test_the_job_overview_names_the_first_failure(a_job, execute):
    run = a_job("a, b -> c")
    run.do("b", "failed")
    run.do("a", "failed")
    [row] = execute(
        "SELECT process, status, tasks_settled, tasks_failed, first_failed FROM pgprocess_job_overview WHERE id = %s",
        [run.id],
    )
    assert row == ("p", "failed", 3, 2, "b")


def test_the_queue_overview_counts_what_is_to_do(a_job, execute):
    run = a_job("a, b, c -> d", {"c": {"queue": "etl"}})
    run.set("a", "running")
    assert execute("SELECT queue, ready, running, scheduled, served FROM pgprocess_queue_overview ORDER BY 1") == [
        ("default", 1, 1, 0, False),
        ("etl", 1, 0, 0, False),
    ]


def test_the_schedule_overview_reads_like_a_crontab(a_process, execute):
    a_process("a", name="nightly")
    a_process("a", name="manual")
    execute("UPDATE pgprocess_process SET hour = '3', minute = '5' WHERE name = 'nightly'")
    assert execute("SELECT process, schedule, is_active FROM pgprocess_schedule_overview ORDER BY 1") == [
        ("manual", "on demand", True),
        ("nightly", "5 3 * * *", True),
    ]


def test_a_worker_is_judged_by_its_own_lease(execute):
    execute("INSERT INTO pgprocess_worker (host, last_seen, lease) VALUES ('h', now() - interval '31 s', 60)")
    assert execute("SELECT pgprocess_served('etl')") == [(True,)]
    execute("UPDATE pgprocess_worker SET lease = 8, last_seen = now() - interval '9 s'")
    assert execute("SELECT pgprocess_served('etl')") == [(False,)]
