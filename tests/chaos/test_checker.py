"""A check that can't fail is worth nothing: a good history is spoiled in every way, and the checker sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.chaos.checker import RULES, TRANSACTIONAL, problems
from tests.chaos.history import AttemptRow, History, JobRow, Move, TaskRow
from tests.chaos.journal import Execution

WORK = "tests.chaos.tasks.work"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
LATER = NOON.replace(minute=2)


def good() -> History:
    """Script 1, then transactional 2, in job 10: 1 was given back once. Job 20: 3 failed once as meant. Two slots."""
    return History(
        executions=[
            Execution(1, 1, 1.1, 1.5),
            Execution(1, 2, 3.1, 3.5, "end"),
            Execution(2, 1, 5.1, 5.5, "end"),
            Execution(3, 1, 1.1, 1.2, "failed"),
            Execution(3, 2, 3.1, 3.2, "end"),
            Execution(4, 1, 1.1, 1.2, "end"),
            Execution(5, 1, 1.1, 1.2, "end"),
        ],
        moves=[
            Move(1, 1.0, 1, "ready", "running", 1, 1, "t1", 1),
            Move(2, 2.0, 1, "running", "ready", 1, 0, "t1", 1),
            Move(3, 3.0, 1, "ready", "running", 2, 1, "t2", 2),
            Move(4, 4.0, 1, "running", "succeeded", 2, 1, "t2", 2),
            Move(5, 4.0, 2, "awaiting", "ready", 0, 0, None, None),
            Move(6, 5.0, 2, "ready", "running", 1, 1, "t3", 2),
            Move(7, 6.0, 2, "running", "succeeded", 1, 1, "t3", 2),
            Move(8, 1.0, 3, "ready", "running", 1, 1, "t4", 1),
            Move(9, 2.0, 3, "running", "scheduled", 1, 1, "t4", 1),
            Move(10, 2.5, 3, "scheduled", "ready", 1, 1, None, 1),
            Move(11, 3.0, 3, "ready", "running", 2, 2, "t5", 2),
            Move(12, 4.0, 3, "running", "succeeded", 2, 2, "t5", 2),
            Move(13, 1.0, 4, "ready", "running", 1, 1, "t6", 1),
            Move(14, 2.0, 4, "running", "succeeded", 1, 1, "t6", 1),
            Move(15, 1.0, 5, "ready", "running", 1, 1, "t7", 1),
            Move(16, 2.0, 5, "running", "succeeded", 1, 1, "t7", 1),
        ],
        jobs=[
            JobRow(10, 1, "succeeded", 0, None),
            JobRow(20, 1, "succeeded", 0, None),
            JobRow(30, 2, "succeeded", 0, NOON),
            JobRow(31, 2, "succeeded", 0, NOON.replace(minute=1)),
        ],
        tasks=[
            TaskRow(1, 10, "", "python", "succeeded", 2, 1, "", 2),
            TaskRow(2, 10, TRANSACTIONAL, "callable", "succeeded", 1, 0, "", 2),
            TaskRow(3, 20, WORK, "callable", "succeeded", 2, 0, "", 2),
            TaskRow(4, 30, WORK, "callable", "succeeded", 1, 0, "", 1),
            TaskRow(5, 31, WORK, "callable", "succeeded", 1, 0, "", 1),
        ],
        attempts=[AttemptRow(1, 1, "released", "worker lost"), AttemptRow(3, 1, "failed", "Flaky: as it was meant to")],
        edges=[(1, 2)],
        effects=[(2, 1)],
        spoken=[(1, 2)],
        fed={10, 20},
        endings={1: "succeeded"},
        slots={2: (NOON, LATER)},
    )


def test_a_good_history_is_as_promised() -> None:
    assert problems(good()) == {}


def with_rows(history: History, name: str, rows: list[Any]) -> History:
    """Return the history with these rows under the name."""
    changes: dict[str, Any] = {name: rows}
    return replace(history, **changes)


def but(name: str, found: Callable[[Any], bool], **changes: Any) -> Callable[[History], History]:
    """The history, with changes in those of its rows that are found."""

    def spoil(history: History) -> History:
        rows = getattr(history, name)
        assert any(found(row) for row in rows)
        changed = [_changed(row, changes) if found(row) else row for row in rows]
        return with_rows(history, name, changed)

    return spoil


def _changed(row: Any, changes: dict[str, Any]) -> Any:
    return row._replace(**changes) if hasattr(row, "_replace") else replace(row, **changes)


def without(name: str, found: Callable[[Any], bool]) -> Callable[[History], History]:
    """The history, without those of its rows that are found."""

    def spoil(history: History) -> History:
        rows = getattr(history, name)
        kept = [row for row in rows if not found(row)]
        assert len(kept) < len(rows)
        return with_rows(history, name, kept)

    return spoil


def plus(name: str, *rows: Any) -> Callable[[History], History]:
    """The history, with rows more."""
    return lambda history: with_rows(history, name, [*getattr(history, name), *rows])


def by_seq(number: int) -> Callable[[Move], bool]:
    return lambda move: move.seq == number


def by_id(number: int) -> Callable[[Any], bool]:
    return lambda row: row.id == number


def of(jobtask: int, attempt: int) -> Callable[[Execution], bool]:
    return lambda execution: (execution.jobtask, execution.attempt) == (jobtask, attempt)


SPOILED: list[tuple[str, str, Callable[[History], History]]] = [
    ("every_job_is_settled", "a job runs on", but("jobs", by_id(10), status="running")),
    ("every_job_is_settled", "a job counts tasks that are left", but("jobs", by_id(10), tasks_left=1)),
    ("every_job_is_settled", "a task runs on in a job that is over", but("tasks", by_id(2), status="running")),
    ("nothing_is_lost", "a job that was confirmed is gone", without("jobs", by_id(20))),
    ("nothing_is_lost", "a job failed that should not", but("jobs", by_id(10), status="failed")),
    ("nothing_is_lost", "a job has no tasks", plus("jobs", JobRow(40, 1, "succeeded", 0, None))),
    ("nothing_is_lost", "a task succeeded that never ran", without("executions", of(2, 1))),
    ("nothing_is_lost", "a task succeeded that was broken off", but("executions", of(2, 1), ending="broken")),
    ("nothing_is_lost", "a task succeeded that was killed", but("executions", of(1, 2), ending="")),
    (
        "no_completion_is_accepted_twice",
        "two claims of a task both succeeded",
        plus("moves", Move(17, 7.0, 2, "running", "succeeded", 1, 1, "t3", 2)),
    ),
    (
        "no_completion_is_accepted_twice",
        "the completion of a claim that was given back is accepted",
        but("moves", by_seq(2), is_now="succeeded"),
    ),
    ("no_completion_is_accepted_twice", "two claims have one token", but("moves", by_seq(3), token="t1")),
    ("no_completion_is_accepted_twice", "a claim has no token", but("moves", by_seq(6), token=None)),
    ("no_completion_is_accepted_twice", "an attempt has two claims", but("moves", by_seq(3), attempt=1)),
    ("no_completion_is_accepted_twice", "a change begins where none ended", without("moves", by_seq(2))),
    ("no_child_starts_before_its_parents_settled", "a child was claimed too early", but("moves", by_seq(6), seq=0)),
    (
        "no_child_starts_before_its_parents_settled",
        "a child ran too early",
        but("executions", of(2, 1), started=3.9),
    ),
    ("no_child_starts_before_its_parents_settled", "a parent never settled", without("moves", by_seq(4))),
    ("every_execution_is_explained", "an execution was never claimed", plus("executions", Execution(2, 2, 7.0, 7.1))),
    (
        "every_execution_is_explained",
        "an execution was earlier than its claim",
        but("executions", of(1, 1), started=0.9),
    ),
    ("every_execution_is_explained", "an attempt began twice", but("executions", of(1, 1), starts=2)),
    ("every_execution_is_explained", "an execution had no end", without("moves", by_seq(7))),
    (
        "every_claim_is_kept",
        "a claim that was given back is forgotten",
        without("attempts", lambda row: row.jobtask == 1),
    ),
    ("every_claim_is_kept", "a claim is kept twice", plus("attempts", AttemptRow(1, 1, "released", "worker lost"))),
    ("every_claim_is_kept", "a claim is kept that there was not", plus("attempts", AttemptRow(2, 7, "released", ""))),
    (
        "every_claim_is_kept",
        "what was given back is kept as a failure",
        but("attempts", lambda row: row.jobtask == 1, status="failed"),
    ),
    ("every_claim_is_kept", "the last claim is kept as well", plus("attempts", AttemptRow(1, 2, "succeeded", ""))),
    ("only_a_failure_fails", "a try counts that was cut short", but("executions", of(3, 1), ending="broken")),
    ("only_a_failure_fails", "a try counts that never ran", without("executions", of(3, 1))),
    (
        "only_a_failure_fails",
        "a task failed as lost that was lost only once",
        lambda history: but("moves", by_seq(4), is_now="failed")(
            but("tasks", by_id(1), status="failed", error="worker lost")(history)
        ),
    ),
    (
        "a_task_fails_only_when_it_was_lost_too_often",
        "a task has failed though it was lost only as often as it may be",
        but("tasks", by_id(1), crashes=3, status="failed", error="worker lost"),
    ),
    ("transactional_rows_are_there_exactly_once", "a row is missing", without("effects", lambda row: True)),
    ("transactional_rows_are_there_exactly_once", "a row is there twice", plus("effects", (2, 1))),
    (
        "transactional_rows_are_there_exactly_once",
        "a row is of another attempt",
        lambda history: replace(history, effects=[(2, 2)]),
    ),
    (
        "transactional_rows_are_there_exactly_once",
        "a row is there of a task that failed",
        but("tasks", by_id(2), status="failed"),
    ),
    ("what_a_script_wrote_is_there", "its last words are missing", without("spoken", lambda row: True)),
    ("every_slot_is_one_job", "a slot has no job", without("jobs", by_id(31))),
    ("every_slot_is_one_job", "a slot has two jobs", plus("jobs", JobRow(32, 2, "succeeded", 0, NOON))),
    (
        "every_slot_is_one_job",
        "a job is of no slot",
        but("jobs", by_id(31), logical_date=NOON.replace(second=30)),
    ),
    ("nothing_drifts", "a count is wrong", plus("drift", ("pgprocess_job", 10, "tasks_left", "1", "0"))),
    ("nothing_is_left_running", "a script is left", plus("strays", "4711: sleep 600")),
]


@pytest.mark.parametrize(
    ("rule", "spoil"), [(rule, spoil) for rule, _, spoil in SPOILED], ids=[name for _, name, _ in SPOILED]
)
def test_a_spoiled_history_is_refused(rule: str, spoil: Callable[[History], History]) -> None:
    assert rule in problems(spoil(good()))


def test_every_rule_has_been_seen_to_refuse() -> None:
    assert {rule for rule, _, _ in SPOILED} == {rule.__name__ for rule in RULES}


def test_a_fault_excuses_only_what_it_is_to_blame_for() -> None:
    history = but("executions", of(3, 1), ending="broken")(good())
    history = but("attempts", lambda row: row.jobtask == 3, error="OperationalError: gone")(history)
    assert "only_a_failure_fails" not in problems(replace(history, excuses=("OperationalError",)))
    assert "only_a_failure_fails" in problems(replace(history, excuses=("No space left",)))
