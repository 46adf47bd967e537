"""A report and the claim that follows it: said at once, kept together, and parted where that fails."""

from __future__ import annotations

import pytest

from pgprocess.attempt import Outcome
from pgprocess.logs.buffer import LogChunk
from pgprocess.postgres.connection import Database
from pgprocess.queue.claim import Claimed, Demand
from pgprocess.queue.queue import Queue
from pgprocess.queue.selector import QueueSelector
from pgprocess.statuses import Status
from tests.builders.drawing import DrawnJob
from tests.builders.workers import report

UNSTORABLE = Outcome(status=Status.SUCCEEDED, result='"\\u0000"')


@pytest.fixture(params=[False, True], ids=["direct", "pooled"])
def queue(request, transactional_db):
    queue = Queue(Database("default", listen=not request.param), selector=QueueSelector())
    yield queue
    queue.close()


def names(claims):
    return [claim.task_name for claim in claims]


def test_what_an_end_makes_ready_is_claimed_with_it_in_one_transaction(worker, execute, transactional_db):
    queue = Queue(Database("default"), selector=QueueSelector())
    run = DrawnJob(execute, "a -> b")
    [a] = queue.claim(Demand(worker, 10)).claims
    done, (claims, *_) = queue.report([LogChunk(a.id, 1, 1, "stdout", "hello")], [report(a)], demand=Demand(worker, 10))
    assert (done.accepted, names(claims)) == ({a.id}, ["b"])
    assert run.get("a", "xmin") == run.get("b", "xmin")
    assert execute("SELECT text, xmin::text FROM pgprocess_logchunk") == [("hello", run.get("b", "xmin"))]
    queue.close()


def test_all_that_is_said_is_there_whichever_way_it_goes(queue, worker, execute):
    run = DrawnJob(execute, "a -> b")
    [a] = queue.claim(Demand(worker, 10)).claims
    done, (claims, *_) = queue.report(
        [LogChunk(a.id, 1, 1, "stdout", "hello")], [report(a)], tell=True, demand=Demand(worker, 10)
    )
    claims = claims or queue.claim(Demand(worker, 10)).claims
    assert (done.accepted, done.jobs, names(claims)) == ({a.id}, [], ["b"])
    assert execute("SELECT text FROM pgprocess_logchunk") == [("hello",)]
    done, (claims, *_) = queue.report([], [report(claims[0])], tell=True, demand=Demand(worker, 10))
    assert ([job.id for job in done.jobs], claims, run.job()) == ([run.id], [], "succeeded")


def test_no_more_is_claimed_than_wished_for_or_than_caps_have_room_for(worker, execute):
    queue = Queue(Database("default"), selector=QueueSelector(caps={"default": 3}))
    DrawnJob(execute, "a -> b, a -> c, a -> d, a -> e")
    [a] = queue.claim(Demand(worker, 10)).claims
    _, (claims, *_rest) = queue.report([], [report(a)], demand=Demand(worker, 10, {"default": 1}))
    assert len(claims) == 2
    queue.close()


def test_without_a_wish_nothing_is_claimed(queue, worker, execute):
    run = DrawnJob(execute, "a -> b")
    [a] = queue.claim(Demand(worker, 10)).claims
    assert queue.report([], [report(a)])[1] == Claimed([])
    assert run.statuses == {"a": "succeeded", "b": "ready"}


def test_what_can_not_be_stored_costs_neither_the_others_nor_a_claim(queue, worker, execute):
    run = DrawnJob(execute, "good -> next, bad")
    claims = {claim.task_name: claim for claim in queue.claim(Demand(worker, 10)).claims}
    pieces = [LogChunk(claims["bad"].id, 1, 1, "stdout", "last words")]
    reports = [report(claims["good"]), report(claims["bad"], UNSTORABLE)]
    done, (claimed, *_) = queue.report(pieces, reports, demand=Demand(worker, 10))
    assert (len(done.accepted), claimed) == (2, [])
    assert run.statuses == {"good": "succeeded", "next": "ready", "bad": "failed"}
    assert execute("SELECT text FROM pgprocess_logchunk") == [("last words",)]
    assert names(queue.claim(Demand(worker, 10)).claims) == ["next"]


def test_an_end_that_is_refused_keeps_nobody_from_claiming(queue, worker, execute):
    run = DrawnJob(execute, "a, b")
    [a] = queue.claim(Demand(worker, 1)).claims
    run.set("a", "cancelled")
    done, (claims, *_) = queue.report([], [report(a)], demand=Demand(worker, 10))
    assert (done.accepted, names(claims or queue.claim(Demand(worker, 10)).claims)) == (set(), ["b"])


def test_a_claim_that_somebody_refuses_does_not_hold_up_the_report(queue, worker, execute):
    run = DrawnJob(execute, "a -> b")
    execute("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not today'; END $$")
    execute(
        "CREATE TRIGGER refuse BEFORE UPDATE ON pgprocess_jobtask FOR EACH ROW "
        "WHEN (NEW.status = 'running' AND OLD.parents_total = 1) EXECUTE FUNCTION refuse()"
    )
    try:
        [a] = queue.claim(Demand(worker, 10)).claims
        pieces = [LogChunk(a.id, 1, 1, "stdout", "last words")]
        done, (claims, *_) = queue.report(pieces, [report(a)], demand=Demand(worker, 10))
    finally:
        execute("DROP FUNCTION refuse CASCADE")
    assert (done.accepted, claims) == ({a.id}, [])
    assert run.statuses == {"a": "succeeded", "b": "ready"}
    assert execute("SELECT text FROM pgprocess_logchunk") == [("last words",)]
