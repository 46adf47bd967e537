"""The verbs, as Django code calls them."""

from __future__ import annotations

import pytest

from pgprocess.exceptions import TransitionError
from pgprocess.models import JobTask, Task
from tests.builders.drawing import DrawnJob, on_django

pytestmark = pytest.mark.django_db


@pytest.fixture
def start():
    def make(drawing, tasks=None):
        return DrawnJob(on_django(), drawing, tasks)

    return make


def the(run, name):
    return JobTask.objects.get(job=run.id, task__name=name)


def names(jobtasks):
    return [jobtask.task.name for jobtask in jobtasks]


def test_retry_runs_a_failed_task_again_and_keeps_who_and_why(start):
    run = start("a -> b -> c")
    run.do("a", "failed", error="boom")
    task = the(run, "a")
    task.retry(reason="the disk is back", actor="ana")
    assert task.status == "ready"
    assert run.statuses == {"a": "ready", "b": "awaiting", "c": "awaiting"}
    [attempt] = task.attempts.all()
    assert (attempt.number, attempt.status, attempt.error) == (1, "failed", "boom")
    assert (attempt.reason, attempt.actor) == ("the disk is back", "ana")


def test_retry_leaves_alone_what_ran_in_spite_of_the_failure(start):
    run = start("a -> clean, a -> b", {"clean": {"trigger_rule": "all_done"}})
    run.do("a", "failed")
    run.do("clean")
    the(run, "a").retry()
    assert run.statuses == {"a": "ready", "b": "awaiting", "clean": "succeeded"}


def test_reopen_sends_back_everything_below(start):
    run = start("a -> b -> d, a -> c -> d, x")
    for name in "a", "b c", "d", "x":
        run.do(name)
    the(run, "a").reopen(main=True)
    assert run.statuses == {"a": "ready", "b": "awaiting", "c": "awaiting", "d": "awaiting", "x": "succeeded"}
    assert run.job() == "running"


def test_reopen_of_a_failed_task_sends_back_what_ran_too(start):
    run = start("a -> clean, a -> b", {"clean": {"trigger_rule": "all_done"}})
    run.do("a", "failed")
    run.do("clean")
    the(run, "a").reopen(reason="all of it")
    assert run.statuses == {"a": "ready", "b": "awaiting", "clean": "awaiting"}
    assert the(run, "a").attempts.get().reason == "all of it"


def test_reopen_cancels_and_fences_what_runs_below(start):
    run = start("a -> b")
    run.do("a")
    run.set("b", "running", claim_token="5b1e7a3e-0000-4000-8000-000000000000")
    the(run, "a").reopen()
    task = the(run, "b")
    assert (task.status, task.claim_token) == ("awaiting", None)
    assert task.attempts.get().status == "cancelled"


def test_force_and_skip_let_the_children_go_on(start):
    run = start("a -> b, x -> y", {"y": {"trigger_rule": "none_failed"}})
    run.do("a x", "failed")
    the(run, "a").force(reason="checked by hand", actor="ana")
    the(run, "x").skip()
    assert run.statuses == {"a": "forced", "b": "ready", "x": "skipped", "y": "ready"}
    assert (the(run, "a").reason, the(run, "a").actor) == ("checked by hand", "ana")


def test_cancel_of_one_task_fails_what_needs_it(start):
    run = start("a -> b, x")
    the(run, "a").cancel(reason="wrong input")
    assert run.statuses == {"a": "cancelled", "b": "upstream_failed", "x": "ready"}


@pytest.mark.parametrize(
    ("verb", "status", "allowed"),
    [
        ("retry", "succeeded", "failed"),
        ("force", "running", "awaiting, scheduled, ready, failed, upstream_failed, cancelled"),
        ("cancel", "succeeded", "awaiting, scheduled, ready, running"),
    ],
)
def test_a_verb_that_does_not_apply_says_so_and_changes_nothing(start, verb, status, allowed):
    run = start("a")
    run.set("a", "running", *([] if status == "running" else [status]))
    with pytest.raises(TransitionError, match=f"is {status}: {verb} applies to {allowed} only") as caught:
        getattr(the(run, "a"), verb)()
    assert caught.value.status == status
    assert run.get("a") == status


def test_many_at_once_leave_out_those_that_it_does_not_apply_to(start):
    run = start("a, b, c")
    run.do("a b", "failed")
    assert JobTask.objects.filter(job=run.id).retry(reason="all again") == 2
    assert run.statuses == {"a": "ready", "b": "ready", "c": "ready"}


def test_a_rerun_takes_the_version_of_its_job_unless_told_otherwise(start):
    run = start("a -> b")
    run.do("a", "failed")
    Task.objects.update(code="print('mended')")
    the(run, "a").retry()
    assert the(run, "a").version.code == "pass"
    run.do("a", "failed")
    the(run, "a").retry(latest=True)
    assert the(run, "a").version.code == "print('mended')"
    assert the(run, "b").version.code == "print('mended')"


def test_one_can_ask_first_what_a_verb_would_touch(start):
    run = start("a -> b -> d, a -> c -> d, x")
    for name in "a", "b c", "d", "x":
        run.do(name)
    task = the(run, "b")
    assert names(task.affected_by("reopen")) == ["d"]
    assert names(the(run, "a").affected_by("reopen")) == ["b", "d", "c"]
    assert set(run.statuses.values()) == {"succeeded"}
    with pytest.raises(TransitionError):
        task.affected_by("retry")
    with pytest.raises(ValueError, match="no verb 'explode'"):
        task.affected_by("explode")


def test_what_a_cancel_would_fail_is_told_too(start):
    run = start("a -> b -> c, a -> d", {"d": {"trigger_rule": "all_done"}})
    assert sorted(names(the(run, "a").affected_by("cancel"))) == ["b", "c", "d"]


def test_a_verb_takes_few_queries_whatever_it_touches(start, django_assert_max_num_queries):
    run = start(", ".join(f"a -> b{n} -> c" for n in range(30)))
    run.do("a")
    run.do(" ".join(f"b{n}" for n in range(30)))
    task = the(run, "a")
    with django_assert_max_num_queries(8):
        task.reopen()
