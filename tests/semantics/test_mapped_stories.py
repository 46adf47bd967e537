"""Lists that come anew while somebody has changed the items of the last one."""

from __future__ import annotations

import pytest

MAPPED = {"each": {"map_over": "list"}}
FIRST = """
    list=running
    list=succeeded:[1,2]
    list=ready
"""


def statuses(duel):
    return {name: task.status for name, task in sorted(duel.model.tasks.items())}


def test_what_waited_only_for_an_item_that_is_gone_goes_on(start):
    duel = start("list -> each -> sum", MAPPED)
    duel.play(FIRST)
    duel.play("""
        each.0=forced
        list=running
        list=succeeded:[1]
    """)
    assert statuses(duel) == {"each.0": "forced", "list": "succeeded", "sum": "ready"}


def test_a_job_is_over_whose_last_task_was_an_item_that_is_gone(start):
    duel = start("list -> each", MAPPED)
    duel.play(FIRST)
    duel.play("""
        each.0=forced
        list=running
        list=succeeded:[1]
    """)
    assert duel.model.status == "succeeded"


@pytest.mark.parametrize("meanwhile", ["forced", "skipped", "cancelled", "ready"])
def test_a_longer_list_makes_more_items_whatever_became_of_all_the_others(start, meanwhile):
    duel = start("list -> each", MAPPED)
    duel.play(FIRST)
    duel.play(f"""
        each.0={meanwhile} each.1={meanwhile}
        list=running
        list=succeeded:[1,2,3]
    """)
    assert [duel[f"each.{place}"].status for place in range(3)] == [meanwhile, meanwhile, "ready"]


def test_an_item_that_somebody_began_early_has_its_new_value(start):
    duel = start("list -> each", MAPPED)
    duel.play(FIRST)
    duel.play("""
        each.0=ready each.1=ready
        list=running
        list=succeeded:[3,4]
    """)
    assert [duel[f"each.{place}"].item for place in range(2)] == ["3", "4"]


@pytest.mark.parametrize("rule", ["all_succeeded", "all_done"])
@pytest.mark.parametrize("ending", ["failed", "skipped", "succeeded", 'succeeded:{"not":1}'])
def test_items_and_their_attempts_stay_where_no_new_list_comes(start, rule, ending):
    duel = start("list -> each", {"each": {"map_over": "list", "trigger_rule": rule}})
    duel.play(f"""
        list=running
        list=succeeded:[1,2]
        each.0=running each.1=running
        each.0=succeeded each.1=failed
        list=ready
        list=running
        list={ending}
    """)
    assert [duel[f"each.{place}"].kept for place in range(2)] == [{1: "succeeded"}, {1: "failed"}]


def test_an_item_may_fail_in_the_statement_that_brings_a_shorter_list(start):
    duel = start("list -> each -> sum", MAPPED)
    duel.play(FIRST)
    duel.play("""
        each.1=ready
        each.1=running list=running
        each.1=failed list=succeeded:[1]
    """)
    assert statuses(duel) == {"each.0": "ready", "list": "succeeded", "sum": "awaiting"}


def test_what_failed_because_of_an_item_that_is_gone_waits_again_and_what_ran_in_spite_of_it_stays(start):
    duel = start("list -> each -> sum -> end, each -> alarm", {**MAPPED, "alarm": {"trigger_rule": "one_failed"}})
    duel.play(FIRST)
    duel.play("""
        each.1=cancelled
        alarm=running
        alarm=succeeded
        list=running
        list=succeeded:[1]
    """)
    expected = {"alarm": "succeeded", "each.0": "ready", "end": "awaiting", "list": "succeeded", "sum": "awaiting"}
    assert statuses(duel) == expected


def test_an_item_beyond_the_end_goes_though_it_runs(start):
    duel = start("list -> each -> sum", MAPPED)
    duel.play(FIRST)
    duel.play("""
        each.1=ready
        each.1=running list=running
        list=succeeded:[1]
    """)
    assert (statuses(duel), duel.model.left) == ({"each.0": "ready", "list": "succeeded", "sum": "awaiting"}, 2)


def test_without_items_only_what_waits_is_skipped(start):
    duel = start("list -> each -> sum", MAPPED)
    duel.play(FIRST)
    duel.play("""
        each.0=forced
        list=running
        list=succeeded:[]
    """)
    assert statuses(duel) == {"each": "forced", "list": "succeeded", "sum": "ready"}


def test_only_what_waits_for_a_list_fails_the_job_without_one(start):
    duel = start("list -> each", {"each": {"map_over": "list", "trigger_rule": "all_done"}})
    duel.play(FIRST)
    duel.play("""
        each.0=upstream_failed
        list=running
        list=succeeded:5
    """)
    assert [duel[f"each.{place}"].problem for place in range(2)] == [False, True]


def test_a_task_that_maps_over_items_has_as_many_as_are_left(start):
    duel = start("list -> each -> again", {**MAPPED, "again": {"map_over": "each"}})
    duel.play("""
        list=running
        list=succeeded:[1,2]
        each.0=running each.1=running
        each.0=succeeded:3 each.1=succeeded:4
        list=ready
        each.0=forced each.1=forced
        again.0=running again.1=running
        list=running
        list=succeeded:[1]
    """)
    assert statuses(duel) == {"again.0": "running", "each.0": "forced", "list": "succeeded"}


def test_a_task_that_was_declared_done_before_it_had_items_stays_so(start):
    duel = start("list -> each -> again", {**MAPPED, "again": {"map_over": "each"}})
    duel.play("""
        each=forced
        list=running
        list=succeeded:[1,2]
    """)
    assert statuses(duel) == {"again": "skipped", "each": "forced", "list": "succeeded"}


def test_what_is_decided_with_a_list_does_not_know_its_items_yet(start):
    duel = start("list -> each -> sum, x -> sum", MAPPED)
    duel.play(FIRST)
    duel.play("""
        x=running
        each.0=forced each.1=forced list=running
        x=succeeded list=succeeded:[1,2,3]
    """)
    assert statuses(duel)["sum"] == "ready"


def test_what_maps_over_no_parent_of_its_own_waits_for_nothing(start):
    duel = start("a, b -> each -> end", {"each": {"map_over": "a"}})
    assert statuses(duel) == {"a": "ready", "b": "ready", "each": "upstream_failed", "end": "upstream_failed"}
    assert duel["each"].problem


@pytest.mark.parametrize("without", ["[]", "null", "skipped"])
def test_a_child_of_items_that_are_gone_is_decided_anew_in_turn(start, without):
    ending = without if without == "skipped" else f"succeeded:{without}"
    duel = start("list -> each -> again -> sum", {**MAPPED, "again": {"map_over": "each"}})
    duel.play(f"""
        list=running
        list=succeeded:[1,2]
        each.0=running each.1=running
        each.0=succeeded:3 each.1=succeeded:4
        again.0=running
        again.0=succeeded
        list=ready
        list=running
        list={ending}
    """)
    settled = {"upstream_failed"} if without == "null" else {"skipped"}
    assert {duel[name].status for name in duel.model.tasks if name != "list"} == settled


def test_a_task_that_maps_over_a_task_without_items_has_none_either(start):
    duel = start("list -> each -> again", {**MAPPED, "again": {"map_over": "each"}})
    duel.play("""
        list=running
        list=succeeded:[1]
        each.0=running
        each.0=succeeded
        list=ready
        each.0=forced
        again.0=running list=running
        list=succeeded:[]
    """)
    assert statuses(duel) == {"again": "running", "each": "forced", "list": "succeeded"}


def test_what_a_person_gave_up_below_what_ran_in_spite_of_an_item_that_is_gone_stays_so(start):
    duel = start("list -> each -> alarm -> end, x -> end", {**MAPPED, "alarm": {"trigger_rule": "one_failed"}})
    duel.play(FIRST)
    duel.play("""
        each.1=cancelled list=running
        alarm=running
        alarm=succeeded end=upstream_failed
        list=succeeded:[1]
    """)
    assert (duel["alarm"].status, duel["end"].status) == ("succeeded", "upstream_failed")


def test_a_list_that_is_skipped_in_turn_is_no_news_before_its_turn(start):
    duel = start("a -> list -> each, c -> each", {"each": {"map_over": "list", "trigger_rule": "one_succeeded"}})
    duel.play("""
        a=running c=running
        a=skipped c=failed
    """)
    assert duel["each"].status == "upstream_failed"
