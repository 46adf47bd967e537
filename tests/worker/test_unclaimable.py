"""A task that can't be claimed keeps no other from being claimed, and fails with a sentence after a while."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from pgprocess.queue import one_by_one
from pgprocess.registry import task
from pgprocess.sql import FOLDER
from tests.builders.background import Background, call
from tests.builders.drawing import DrawnJob, Executes, draw
from tests.builders.waiting import until

REFUSE = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not so'; END $$;
CREATE TRIGGER refuse BEFORE UPDATE ON pgprocess_jobtask FOR EACH ROW
    WHEN (OLD.status = 'ready' AND OLD.job_id = {job} AND NEW.status IN ({statuses})) EXECUTE FUNCTION refuse()
"""


@task("test.claimable")
def claimable() -> None:
    """Do nothing."""


@pytest.fixture
def refuse(execute: Executes, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[DrawnJob, str], None]]:
    """Let a trigger refuse that the tasks of a job get these statuses. Patience is short."""
    monkeypatch.setattr(one_by_one, "PATIENCE", 0.2)

    def refuse(run: DrawnJob, statuses: str) -> None:
        for statement in REFUSE.format(job=run.id, statuses=statuses).split(";\n"):
            execute(statement)

    yield refuse
    execute("DROP FUNCTION IF EXISTS refuse CASCADE")


def jobs(execute: Executes, names: str) -> list[DrawnJob]:
    return [DrawnJob(execute, draw(execute, "a", {"a": call("test.claimable")}, name=name)) for name in names]


def succeed(execute: Executes, runs: list[DrawnJob]) -> None:
    for run in runs:
        until(execute, "EXISTS (SELECT FROM pgprocess_job WHERE id = %s AND status = 'succeeded')", [run.id])


@pytest.mark.parametrize(("statuses", "left"), [("'running'", "cancelled"), ("'running', 'cancelled'", "ready")])
def test_a_task_that_a_trigger_keeps_from_running_keeps_no_other(
    execute: Executes, refuse: Callable[[DrawnJob, str], None], statuses: str, left: str
) -> None:
    poison, *good = jobs(execute, "pxy")
    refuse(poison, statuses)
    with Background(concurrency=2, poll_interval=0.2):
        succeed(execute, good)
        until(execute, "EXISTS (SELECT FROM pgprocess_jobtask WHERE job_id = %s AND status = %s)", [poison.id, left])
        succeed(execute, jobs(execute, "z"))
    if left == "cancelled":
        assert poison.get("a", "reason") == "It can't be claimed: not so."


def test_a_task_whose_parents_results_are_beyond_what_a_text_holds_fails(
    execute: Executes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(one_by_one, "PATIENCE", 0.2)
    poison = DrawnJob(execute, draw(execute, "a -> b", {name: call("test.claimable") for name in "ab"}, name="poison"))
    execute(
        "CREATE OR REPLACE FUNCTION pgprocess_parent_results(jobtask bigint, left_out text DEFAULT '') "
        "RETURNS SETOF jsonb LANGUAGE sql STABLE AS $$ SELECT jsonb_build_object('a', repeat('x', 300000000)) $$"
    )
    try:
        with Background(concurrency=2, poll_interval=0.2):
            succeed(execute, jobs(execute, "xy"))
            until(execute, "EXISTS (SELECT FROM pgprocess_job WHERE id = %s AND status = 'failed')", [poison.id])
    finally:
        execute((FOLDER / "functions" / "parent_results.sql").read_text())
    assert poison.get("b", "error").startswith("It can't be claimed: ")
