"""A task that maps over a parent's items becomes one job task for each."""

from __future__ import annotations

import pytest

MAPPED = {"each": {"map_over": "list"}}


def instances(execute, run, name="each"):
    return execute(
        "SELECT map_index, jobtask.status FROM pgprocess_jobtask AS jobtask "
        "JOIN pgprocess_task AS task ON task.id = task_id WHERE job_id = %s AND task.name = %s ORDER BY 1",
        [run.id, name],
    )


def finish(execute, run, name, index, status="succeeded", result=None):
    for step in ("running", status):
        execute(
            "UPDATE pgprocess_jobtask SET status = %s, result = coalesce(%s, result) "
            "WHERE job_id = %s AND map_index = %s "
            "AND task_id = (SELECT id FROM pgprocess_task WHERE process_id = %s AND name = %s)",
            [step, result, run.id, index, run.process, name],
        )


def test_one_for_each_item_when_the_parent_succeeds(a_job, execute):
    run = a_job("list -> each -> sum", MAPPED)
    assert instances(execute, run) == [(None, "awaiting")]
    run.do("list", result="[10, 20, 30]")
    assert instances(execute, run) == [(0, "ready"), (1, "ready"), (2, "ready")]
    assert (run.get("sum"), run.get("sum", "parents_total"), run.get("sum", "parents_left")) == ("awaiting", 3, 3)
    assert (run.job("tasks_total"), run.job("tasks_left")) == (5, 4)


def test_children_wait_for_all_and_results_come_in_order(a_job, execute):
    run = a_job("list -> each -> sum", MAPPED)
    run.do("list", result="[10, 20, 30]")
    for index in (2, 0, 1):
        assert run.get("sum") == "awaiting"
        finish(execute, run, "each", index, result=str(index * 100))
    assert run.get("sum") == "ready"
    assert execute("SELECT pgprocess_parent_results(%s)", [run.get("sum", "id")])[0][0] in (
        {"each": [0, 100, 200]},
        '{"each": [0, 100, 200]}',
    )
    run.do("sum")
    assert run.job() == "succeeded"


def test_an_empty_list_skips_and_children_go_on_by_their_rule(a_job, execute):
    run = a_job("list -> each -> sum, each -> anyway", MAPPED | {"anyway": {"trigger_rule": "none_failed"}})
    run.do("list", result="[]")
    assert run.statuses == {"list": "succeeded", "each": "skipped", "sum": "skipped", "anyway": "ready"}
    assert run.get("each", "reason") == "list has no items"
    assert execute("SELECT pgprocess_parent_results(%s)::text", [run.get("anyway", "id")]) == [('{"each": []}',)]


@pytest.mark.parametrize(
    ("result", "problem"),
    [
        ('{"a": 1}', "It maps over the result of list, which is not a list but object."),
        ("null", "It maps over the result of list, which is not a list but nothing."),
        (None, "It maps over the result of list, which is not a list but nothing."),
    ],
)
def test_what_is_no_list_fails_with_one_sentence(a_job, execute, result, problem):
    run = a_job("list -> each -> sum", MAPPED)
    run.do("list", result=result)
    assert run.statuses == {"list": "succeeded", "each": "upstream_failed", "sum": "upstream_failed"}
    assert run.get("each", "error") == problem
    assert run.job() == "failed"


def test_more_items_than_allowed_fail_with_one_sentence(a_job, execute):
    execute("SET LOCAL pgprocess.map_limit = 3")
    run = a_job("list -> each", MAPPED)
    run.do("list", result="[1, 2, 3, 4]")
    assert run.get("each", "error") == "It maps over the result of list, which has 4 items; at most 3 are allowed."


@pytest.mark.parametrize("drawing", ["list, each", "list, other -> each"])
def test_mapping_over_a_stranger_fails_with_one_sentence(a_job, execute, drawing):
    run = a_job(drawing, MAPPED)
    if "other" in drawing:
        run.do("other")
    assert run.get("each") == "upstream_failed"
    assert run.get("each", "error") == "It maps over list, which is not one of its parents."


def test_other_parents_are_waited_for_by_each(a_job, execute):
    run = a_job("list -> each, other -> each", MAPPED)
    run.do("list", result="[1, 2]")
    assert instances(execute, run) == [(0, "awaiting"), (1, "awaiting")]
    run.do("other")
    assert instances(execute, run) == [(0, "ready"), (1, "ready")]


def test_a_rule_that_runs_at_once_still_waits_for_the_items(a_job, execute):
    run = a_job("list -> each", {"each": {"map_over": "list", "trigger_rule": "always"}})
    assert instances(execute, run) == [(None, "awaiting")]
    run.do("list", result="[1, 2]")
    assert instances(execute, run) == [(0, "ready"), (1, "ready")]


def test_a_failed_parent_gives_no_items_whatever_the_rule(a_job, execute):
    run = a_job("list -> each", {"each": {"map_over": "list", "trigger_rule": "all_done"}})
    run.do("list", "failed")
    assert instances(execute, run) == [(None, "upstream_failed")]
    run.set("list", "ready")
    run.do("list", result="[1]")
    assert instances(execute, run) == [(0, "ready")]


def test_mapping_over_a_mapped_task_takes_the_results_of_all(a_job, execute):
    run = a_job("list -> each -> again", MAPPED | {"again": {"map_over": "each"}})
    run.do("list", result="[1, 2]")
    finish(execute, run, "each", 0, result='"x"')
    assert instances(execute, run, "again") == [(None, "awaiting")]
    finish(execute, run, "each", 1, result='"y"')
    assert instances(execute, run, "again") == [(0, "ready"), (1, "ready")]


@pytest.mark.parametrize(("again", "items"), [("[1]", 1), ("[1, 2]", 2), ("[1, 2, 3, 4]", 4), ("[]", 0)])
def test_a_reopen_of_the_parent_makes_them_anew(a_job, execute, again, items):
    run = a_job("list -> each -> sum", MAPPED)
    run.do("list", result="[10, 20]")
    finish(execute, run, "each", 0)
    finish(execute, run, "each", 1)
    run.do("sum")
    run.set("list", "ready")
    assert {status for _, status in instances(execute, run)} == {"awaiting"}
    run.do("list", result=again)
    expected: list[tuple[int | None, str]] = [(index, "ready") for index in range(items)]
    expected = expected or [(None, "skipped")]
    assert instances(execute, run) == expected
    assert run.get("sum", "parents_total") == max(1, items)
    for index in range(items):
        finish(execute, run, "each", index)
    if items:
        run.do("sum")
    assert (run.job(), run.job("tasks_left"), run.job("tasks_total")) == ("succeeded", 0, 2 + max(1, items))
    [(kept,)] = execute(
        "SELECT count(*) FROM pgprocess_attempt "
        "WHERE jobtask_id IN (SELECT id FROM pgprocess_jobtask WHERE map_index = 0)"
    )
    assert kept == (1 if items else 0)


def test_one_failed_item_can_be_retried_alone(a_job, execute):
    run = a_job("list -> each -> sum", MAPPED)
    run.do("list", result="[10, 20]")
    finish(execute, run, "each", 0)
    finish(execute, run, "each", 1, "failed")
    assert (run.get("sum"), run.job()) == ("upstream_failed", "failed")
    execute("UPDATE pgprocess_jobtask SET status = 'ready' WHERE map_index = 1")
    assert instances(execute, run) == [(0, "succeeded"), (1, "ready")]
    finish(execute, run, "each", 1)
    run.do("sum")
    assert run.job() == "succeeded"


def test_thousands_of_items_are_made_in_one_go(a_job, execute):
    run = a_job("list -> each -> sum", MAPPED)
    run.set("list", "running")
    execute(
        "UPDATE pgprocess_jobtask SET status = 'succeeded', "
        "result = (SELECT jsonb_agg(n) FROM generate_series(1, 3000) AS n) WHERE status = 'running'"
    )
    assert run.get("sum", "parents_left") == 3000
    execute("UPDATE pgprocess_jobtask SET status = 'running' WHERE status = 'ready'")
    execute("UPDATE pgprocess_jobtask SET status = 'succeeded' WHERE status = 'running'")
    assert run.get("sum") == "ready"


@pytest.mark.parametrize("ending", ["forced", "skipped", "cancelled"])
def test_an_item_beyond_the_end_of_a_shorter_list_is_counted_out_as_what_it_was(a_job, execute, ending):
    run = a_job("list -> each -> sum", MAPPED | {"sum": {"trigger_rule": "all_done"}})
    run.do("list", result="[1, 2, 3]")
    for index in range(3):
        finish(execute, run, "each", index)
    run.do("sum")
    run.set("list", "ready", "running")
    execute("UPDATE pgprocess_jobtask SET status = %s WHERE job_id = %s AND map_index = 2", [ending, run.id])
    run.set("list", "succeeded", result="[1, 2]")
    assert instances(execute, run) == [(0, "ready"), (1, "ready")]
    assert (run.job("tasks_total"), run.job("tasks_left"), run.job("tasks_failed")) == (4, 3, 0)
    for index in range(2):
        finish(execute, run, "each", index)
    run.do("sum")
    assert (run.job(), run.job("tasks_left")) == ("succeeded", 0)


def test_each_has_its_item_and_a_new_list_gives_new_ones(a_job, execute):
    run = a_job("list -> each", MAPPED)
    items = "SELECT item FROM pgprocess_jobtask WHERE job_id = %s AND map_index IS NOT NULL ORDER BY map_index"
    run.do("list", result='["a", null, {"n": 1}]')
    assert execute(items, [run.id]) == [('"a"',), ("null",), ('{"n": 1}',)]
    run.set("list", "ready")
    run.do("list", result='["b", 2, 3, 4]')
    assert execute(items, [run.id]) == [('"b"',), ("2",), ("3",), ("4",)]
    run.set("list", "ready")
    run.do("list", result="[]")
    assert execute("SELECT map_index, item FROM pgprocess_jobtask WHERE job_id = %s AND map_over <> ''", [run.id]) == [
        (None, None)
    ]


def test_thousands_of_items_are_gone_in_one_go(a_job, execute):
    run = a_job("list -> each -> sum", MAPPED)
    run.set("list", "running")
    execute(
        "UPDATE pgprocess_jobtask SET status = 'succeeded', "
        "result = (SELECT jsonb_agg(n) FROM generate_series(1, 1000) AS n) WHERE status = 'running'"
    )
    run.set("list", "ready")
    execute("SET LOCAL track_functions = 'all'")
    run.do("list", result="[1]")
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert instances(execute, run) == [(0, "ready")]
    calls = "SELECT calls FROM pg_stat_xact_user_functions WHERE funcname = 'pgprocess_recount_job'"
    assert execute(calls) == []
