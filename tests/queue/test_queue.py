"""What a worker says to Postgres, and what comes back."""

from __future__ import annotations

import uuid

import pytest

from pgprocess.attempt import Outcome
from pgprocess.postgres.connection import Database
from pgprocess.queue.claim import Claimed, Demand, Report
from pgprocess.queue.queue import Queue
from pgprocess.queue.selector import QueueSelector
from pgprocess.statuses import Status
from tests.builders.drawing import DrawnJob, draw
from tests.builders.workers import DONE, ME, bury, report


def test_a_claim_is_running_and_ours(queue, worker, execute):
    run = DrawnJob(execute, "a -> b")
    [claim] = queue.claim(Demand(worker, 10)).claims
    assert (claim.task_name, claim.attempt, claim.params, claim.parents) == ("a", 1, "{}", None)
    assert (run.get("a"), run.get("a", "worker_id"), run.get("a", "claim_token")) == (
        "running",
        worker,
        claim.claim_token,
    )
    assert queue.versions[claim.version_id].code == "pass"


def test_higher_priority_goes_first_then_who_became_ready_first(queue, worker, execute):
    DrawnJob(execute, "low, late, high", {"low": {"priority": -1}, "high": {"priority": 5}})
    assert [claim.task_name for claim in queue.claim(Demand(worker, 10)).claims] == ["high", "late", "low"]


def test_no_more_is_claimed_than_asked_for(queue, worker, execute):
    DrawnJob(execute, "a, b, c", {"c": {"queue": "other"}})
    assert len(queue.claim(Demand(worker, 2)).claims) == 2
    assert len(queue.claim(Demand(worker, 2)).claims) == 1
    assert queue.claim(Demand(worker, 2)).claims == []


@pytest.fixture
def claims_of(worker, transactional_db):
    """Claim, within a scope, on a connection of its own; the names of what was claimed."""
    opened = []

    def claims_of(slots=10, busy=None, **scope):
        opened.append(Queue(Database("default"), selector=QueueSelector(**scope)))
        return [claim.task_name for claim in opened[-1].claim(Demand(worker, slots, busy or {})).claims]

    yield claims_of
    for queue in opened:
        queue.close()


def test_only_the_queues_asked_for_are_served(claims_of, execute):
    DrawnJob(execute, "a, b", {"b": {"queue": "etl"}})
    assert claims_of(queues=("etl", "mail")) == ["b"]
    assert claims_of(queues=("mail",)) == []


def test_a_queue_that_is_left_out_is_not_served(claims_of, execute):
    DrawnJob(execute, "a, b, c", {"b": {"queue": "etl"}, "c": {"queue": "mail"}})
    assert claims_of(excluded=("etl", "mail")) == ["a"]
    assert claims_of(queues=("etl", "mail"), excluded=("mail",)) == ["b"]


def test_of_a_capped_queue_only_so_many_are_taken_best_first(claims_of, execute):
    tasks = {name: {"queue": "etl"} for name in "abcd"} | {"d": {"queue": "etl", "priority": 5}}
    DrawnJob(execute, "a, b, c, d, other", tasks)
    assert claims_of(caps={"etl": 2}, busy={"etl": 2}) == ["other"]
    assert claims_of(caps={"etl": 2}, busy={"etl": 1}) == ["d"]
    assert claims_of(caps={"etl": 2}) == ["a", "b"]


def test_a_claim_tells_whether_caps_left_work_lying(worker, execute):
    DrawnJob(execute, "a, b", {name: {"queue": "etl"} for name in "ab"})
    queue = Queue(Database("default"), selector=QueueSelector(caps={"etl": 1}))
    try:
        assert [claim.task_name for claim in queue.claim(Demand(worker, 10)).claims] == ["a"]
        assert queue.claim(Demand(worker, 10, {"etl": 1})) == Claimed([], left_over=True)
    finally:
        queue.close()


def test_parents_results_come_with_the_claim(queue, worker, execute):
    run = DrawnJob(execute, "a -> c, b -> c", params='{"day": 1}')
    run.do("a", result='{"rows": 3}')
    run.do("b")
    [claim] = queue.claim(Demand(worker, 10)).claims
    assert claim.parents == '{"a": {"rows": 3}, "b": null}'
    assert claim.params == '{"day": 1}'


def test_a_completion_stores_how_it_ended_and_readies_the_children(queue, worker, execute):
    run = DrawnJob(execute, "a -> b")
    [claim] = queue.claim(Demand(worker, 10)).claims
    outcome = Outcome(status=Status.SUCCEEDED, exit_code=0, result='{"rows": 3}', reason="fine")
    assert queue.complete([report(claim, outcome)]).accepted == {claim.id}
    assert run.statuses == {"a": "succeeded", "b": "ready"}
    assert (run.get("a", "exit_code"), run.get("a", "result"), run.get("a", "reason")) == (
        0,
        {"rows": 3},
        "fine",
    )


def test_a_completion_with_another_token_is_dropped(queue, worker, execute):
    run = DrawnJob(execute, "a")
    [claim] = queue.claim(Demand(worker, 10)).claims
    assert queue.complete([Report(claim.id, uuid.uuid4(), DONE)]).accepted == set()
    assert run.get("a") == "running"


def test_a_completion_after_a_cancel_is_dropped(queue, worker, execute):
    run = DrawnJob(execute, "a")
    [claim] = queue.claim(Demand(worker, 10)).claims
    run.set("a", "cancelled")
    assert queue.complete([report(claim)]).accepted == set()
    assert run.get("a") == "cancelled"


def test_a_completion_is_accepted_once(queue, worker, execute):
    DrawnJob(execute, "a")
    [claim] = queue.claim(Demand(worker, 10)).claims
    assert queue.complete([report(claim)]).accepted == {claim.id}
    assert queue.complete([report(claim)]).accepted == set()


def test_a_retry_is_scheduled_by_the_database_s_clock(queue, worker, execute):
    run = DrawnJob(execute, "a")
    [claim] = queue.claim(Demand(worker, 10)).claims
    queue.complete([report(claim, Outcome(status=Status.SCHEDULED, exit_code=1, error="flaky", delay=60))])
    assert run.get("a") == "scheduled"
    [(seconds,)] = execute("SELECT round(extract(epoch FROM run_at - now()) / 10) * 10 FROM pgprocess_jobtask")
    assert seconds == 60
    promoted, next_in = queue.promote()
    assert promoted == 0
    assert 50 < next_in <= 60


def test_what_is_due_is_promoted(queue, worker, execute):
    run = DrawnJob(execute, "a")
    [claim] = queue.claim(Demand(worker, 10)).claims
    queue.complete([report(claim, Outcome(status=Status.SCHEDULED, delay=0))])
    assert queue.promote() == (1, None)
    assert run.get("a") == "ready"


def test_an_outcome_that_can_not_be_stored_harms_no_other(queue, worker, execute):
    run = DrawnJob(execute, "good, bad")
    good, bad = queue.claim(Demand(worker, 10)).claims
    taken = queue.complete([report(good), report(bad, Outcome(status=Status.SUCCEEDED, result='"\\u0000"'))]).accepted
    assert taken == {good.id, bad.id}
    assert run.statuses == {"good": "succeeded", "bad": "failed"}
    assert run.get("bad", "error").startswith("Its outcome can't be stored: ")


def test_nul_bytes_in_words_are_replaced(queue, worker, execute):
    run = DrawnJob(execute, "a")
    [claim] = queue.claim(Demand(worker, 10)).claims
    queue.complete([report(claim, Outcome(status=Status.FAILED, error="bad\x00byte"))])
    assert run.get("a", "error") == "bad\N{REPLACEMENT CHARACTER}byte"


def test_a_heartbeat_tells_which_claims_are_still_ours(queue, worker, execute):
    run = DrawnJob(execute, "a, b")
    a, b = queue.claim(Demand(worker, 10)).claims
    assert queue.heartbeat(worker, ME, "running").owned == {(a.id, a.claim_token), (b.id, b.claim_token)}
    run.set("a", "cancelled")
    assert queue.heartbeat(worker, ME, "stopping").owned == {(b.id, b.claim_token)}
    assert execute("SELECT state FROM pgprocess_worker") == [("stopping",)]


def test_tasks_of_a_lost_worker_are_given_back_without_using_up_an_attempt(queue, worker, execute):
    run = DrawnJob(execute, "a")
    queue.claim(Demand(worker, 10))
    assert bury(queue) == set()
    execute("UPDATE pgprocess_worker SET last_seen = now() - interval '31 s'")
    assert bury(queue) == {run.get("a", "id")}
    assert (run.get("a"), run.get("a", "crashes"), run.get("a", "free_attempts")) == ("ready", 1, 1)


def test_a_task_that_kills_its_workers_is_given_back_three_times_then_it_fails(queue, worker, execute):
    run = DrawnJob(execute, "a")
    for _ in range(4):
        assert run.get("a") == "ready"
        queue.claim(Demand(worker, 10))
        execute("UPDATE pgprocess_worker SET state = 'running', last_seen = now() - interval '31 s'")
        bury(queue)
    assert (run.get("a"), run.get("a", "error"), run.job()) == ("failed", "worker lost", "failed")
    assert execute("SELECT count(*) FROM pgprocess_attempt") == [(3,)]


def test_a_crash_is_never_held_against_a_neighbour(queue, worker, execute):
    run = DrawnJob(execute, "a, b")
    for _ in range(6):
        queue.claim(Demand(worker, 10))
        assert set(run.statuses.values()) == {"running"}
        execute("UPDATE pgprocess_worker SET state = 'running', last_seen = now() - interval '31 s'")
        bury(queue)
    assert run.statuses == {"a": "ready", "b": "ready"}


def test_a_worker_that_was_buried_before_is_no_proof_of_what_ran_alone(queue, worker, execute):
    run = DrawnJob(execute, "a, b")
    execute("UPDATE pgprocess_jobtask SET crashes = 3")
    queue.claim(Demand(worker, 10))
    execute("UPDATE pgprocess_worker SET state = 'lost'")
    run.set("b", "cancelled")
    bury(queue)
    assert run.get("a") == "ready"


@pytest.mark.parametrize("claims", [False, True])
def test_a_claim_stays_an_ordered_index_scan_whatever_the_statistics_say(worker, execute, claims):
    queue = Queue(Database("default"), selector=QueueSelector() if claims else None)
    process = draw(execute, "a, b, c")
    execute("INSERT INTO pgprocess_job (process_id) SELECT %s FROM generate_series(1, 300)", [process])
    execute("ANALYZE pgprocess_jobtask")
    queue.connection.prepare_threshold = 0
    queue.connection.execute("LOAD 'auto_explain'")
    queue.connection.execute("SET auto_explain.log_min_duration = 0")
    queue.connection.execute("SET auto_explain.log_level = 'notice'")
    plans = []
    queue.connection.add_notice_handler(lambda notice: plans.append(notice.message_primary or ""))
    while queue.claim(Demand(worker, 50)).claims:
        pass
    claims = [plan for plan in plans if "WITH pick" in plan and "Query Text: -- Take up to" in plan]
    assert len(claims) >= 18
    for plan in claims:
        assert "Index Scan using pgprocess_jobtask_ready" in plan
        assert "Seq Scan on pgprocess_jobtask" not in plan
    queue.close()


def test_work_on_a_lane_that_nobody_knew_is_found_after_that_of_known_ones(queue, worker, execute):
    DrawnJob(execute, "a")
    queue.claim(Demand(worker, 8))
    DrawnJob(execute, draw(execute, "b, c", {"c": {"priority": 5}}, name="q"))
    known = queue.claim(Demand(worker, 8))
    assert [claim.task_name for claim in known.claims] == ["b"]
    assert known.look_at == queue.watermarks.look_at
    everywhere = queue.claim(Demand(worker, 8))
    assert [claim.task_name for claim in everywhere.claims] == ["c"]
    assert everywhere.look_at == float("inf")


@pytest.mark.parametrize(("scope", "bitmaps"), [(None, "on"), (QueueSelector(), "off")])
def test_only_what_claims_is_planned_row_by_row(scope, bitmaps):
    queue = Queue(Database("default"), selector=scope)
    assert queue.connection.execute("SHOW enable_bitmapscan").fetchone() == (bitmaps,)
    assert queue.connection.prepare_threshold == (0 if scope else None)
    queue.close()


@pytest.fixture
def read(execute):
    """How many entries of a table's indexes were read in all, as this connection counts them."""

    def read(queue, table):
        queue.connection.execute("SELECT pg_stat_force_next_flush()")
        [(entries,)] = execute("SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname = %s", [table])
        return int(entries)

    return read


@pytest.mark.parametrize("table", ["pgprocess_job", "pgprocess_jobtask"])
def test_what_was_planned_when_there_was_next_to_nothing_reads_what_it_needs_later(execute, read, table):
    queue = Queue(Database("default"), selector=QueueSelector())
    worker = queue.register(ME)
    run = DrawnJob(execute, "a -> b")
    execute("ANALYZE pgprocess_job, pgprocess_jobtask")
    queue.complete([report(claim) for claim in queue.claim(Demand(worker, 1)).claims])
    execute("INSERT INTO pgprocess_job (process_id) SELECT process_id FROM pgprocess_job, generate_series(1, 2000)")
    before = read(queue, table)
    queue.complete([report(claim) for claim in queue.claim(Demand(worker, 1)).claims])
    assert 0 < read(queue, table) - before < 100
    assert run.statuses == {"a": "succeeded", "b": "succeeded"}
    queue.close()
