"""Places where the order of things would show: several changes in one statement, early decisions, several paths."""

from __future__ import annotations

import pytest


def test_a_retry_and_a_failure_in_one_statement_are_counted_together(start):
    duel = start("a -> c, b -> c -> d", {"c": {"trigger_rule": "all_failed"}})
    duel.play("""
        a=running b=running
        a=failed
        a=ready b=failed
    """)
    assert duel["c"].status == "awaiting"


def test_a_task_sent_back_and_failed_above_in_one_statement_fails_again(start):
    duel = start("a -> c -> d, b -> c")
    duel.play("""
        a=running b=running
        a=failed
        a=ready b=failed
    """)
    assert [duel[name].status for name in "cd"] == ["upstream_failed", "upstream_failed"]


def test_what_ended_in_the_statement_that_reopened_it_is_kept(start):
    duel = start("a -> b -> c")
    duel.play("""
        a=running
        a=succeeded
        b=running
        a=ready b=succeeded
    """)
    assert (duel["b"].status, duel["b"].kept) == ("awaiting", {1: "succeeded"})


def test_what_arrives_first_decides_and_what_is_further_away_only_counts(start):
    duel = start("a -> b -> d, x -> y -> z -> d", {"b": {"trigger_rule": "one_failed"}})
    duel.play("""
        a=running x=running
        a=succeeded x=failed
    """)
    assert [duel[name].status for name in "bzd"] == ["skipped", "upstream_failed", "skipped"]


def test_a_retry_leaves_alone_what_has_run_because_of_the_failure(start):
    duel = start("a -> cleanup -> report, a -> b -> report", {"cleanup": {"trigger_rule": "one_failed"}})
    duel.play("""
        a=running
        a=failed
        cleanup=running
        cleanup=succeeded
        a=ready
        a=running
        a=succeeded
        b=running
        b=succeeded
    """)
    assert duel["report"].status == "ready"


def test_a_retry_undoes_no_failure_behind_a_task_that_did_not_fail_with_it(start):
    duel = start("a -> cleanup -> report", {"cleanup": {"trigger_rule": "one_failed"}})
    duel.play("""
        a=running
        a=failed
        report=upstream_failed
        a=ready
    """)
    assert [duel[name].status for name in ("cleanup", "report")] == ["ready", "upstream_failed"]


def test_a_reopen_takes_each_descendant_once_whatever_it_does(start):
    duel = start(
        "a -> b -> d, a -> c -> d -> e", {"e": {"trigger_rule": "always"}, "d": {"trigger_rule": "one_succeeded"}}
    )
    duel.play("""
        e=running
        a=running
        a=succeeded
        b=running c=running
        b=succeeded
        d=running
        a=awaiting
    """)
    assert duel["e"].kept == {1: "cancelled"}
    assert duel["e"].status == "ready"


def test_a_task_set_to_awaiting_by_hand_is_decided_at_once(start):
    duel = start("a -> b -> c")
    duel.play("""
        a=running
        a=failed
        b=awaiting
        a=forced
        b=running
        b=succeeded
        b=awaiting
    """)
    assert duel["b"].status == "ready"


def test_one_wrong_wish_refuses_the_whole_statement(start):
    duel = start("a, b -> c")
    duel.play("""
        a=running
        ! a=succeeded b=succeeded
        ! a=succeeded c=running
        a=succeeded b=running
    """)


def test_forcing_the_middle_of_a_chain_of_failures_mends_what_is_below_it(start):
    duel = start("a -> b -> c -> d")
    duel.play("""
        a=running
        a=failed
        b=forced
    """)
    assert [duel[name].status for name in "abcd"] == ["failed", "forced", "ready", "awaiting"]


def test_a_job_that_is_over_is_judged_anew_by_what_its_tasks_are_now(start):
    duel = start("a, b")
    duel.play("""
        a=running b=cancelled
        a=failed
        a=forced
    """)
    assert duel.model.status == "cancelled"
    duel.play("b=forced")
    assert duel.model.status == "succeeded"


def test_a_cancelled_job_stays_so_until_a_task_comes_back(start):
    duel = start("a -> b")
    duel.play("""
        cancel
        a=forced b=forced
        cancel
    """)
    assert duel.model.status == "cancelled"
    duel.play("""
        b=ready
        b=running
        b=succeeded
    """)
    assert duel.model.status == "succeeded"


@pytest.mark.parametrize("ending", ["succeeded", "failed"])
def test_a_job_that_is_over_can_not_be_cancelled(start, ending):
    duel = start("a")
    duel.play(f"""
        a=running
        a={ending}
        ! cancel
    """)
