"""Whether a history is one that we promise: each rule gives a sentence for whatever breaks it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise

from pgprocess.statuses import SETTLED
from tests.chaos.history import Claim, History, Move
from tests.chaos.journal import Execution

Problems = Iterator[str]

TRANSACTIONAL = "tests.chaos.tasks.transact"


def every_job_is_settled(history: History) -> Problems:
    """Nothing waits or runs for ever."""
    for job in history.jobs:
        if job.status not in ("succeeded", "failed") or job.tasks_left:
            yield f"job {job.id} is {job.status} with {job.tasks_left} tasks left"
    for task in history.tasks:
        if task.status not in SETTLED:
            yield f"job task {task.id} is {task.status}, by worker {task.worker}"


def nothing_is_lost(history: History) -> Problems:
    """What was confirmed is there, came to the end that it had to, and what succeeded really ran to its end."""
    for job_id in history.fed - {job.id for job in history.jobs}:
        yield f"job {job_id} was confirmed and is not there"
    lost_too_often = {task.job for task in history.tasks if task.crashes > history.max_crashes}
    for job in history.jobs:
        wanted = history.endings.get(job.process, "succeeded")
        if job.status != wanted and job.id not in lost_too_often:
            yield f"job {job.id} is {job.status}, not {wanted}"
    for job_id in {job.id for job in history.jobs} - {task.job for task in history.tasks}:
        yield f"job {job_id} has no tasks"
    executions = _executions(history)
    for task in history.tasks:
        execution = executions.get((task.id, task.attempt))
        if task.status == "succeeded" and (execution is None or execution.ending != "end"):
            yield f"job task {task.id} succeeded at attempt {task.attempt}, which did not run to its end"


def no_completion_is_accepted_twice(history: History) -> Problems:
    """Each status follows the one before, no two claims share a token, and each claim ends at most once."""
    begun: Counter[Claim] = Counter()
    ended: Counter[Claim] = Counter()
    claims_by_token: dict[object, set[Claim]] = defaultdict(set)
    for jobtask, moves in _moves(history).items():
        for one, other in pairwise(moves):
            if one.is_now != other.was:
                yield f"job task {jobtask} went from {other.was} to {other.is_now} when it was {one.is_now}"
        if sum(move.is_now in SETTLED for move in moves) > 1:
            yield f"job task {jobtask} settled twice"
        for move in moves:
            begun[move.claim] += move.is_now == "running"
            ended[move.claim] += move.was == "running"
            if "running" in (move.was, move.is_now):
                claims_by_token[move.token].add(move.claim)
    for claim in begun:
        if begun[claim] > 1 or ended[claim] > 1:
            yield f"claim {claim} began {begun[claim]} times and ended {ended[claim]} times"
    for token, claims in claims_by_token.items():
        if token is None or len(claims) > 1:
            yield f"claims {sorted(claims)} have the token {token}"


def no_child_starts_before_its_parents_settled(history: History) -> Problems:
    """By the order of the audit, and by the clock of the journal."""
    moves, executions = _moves(history), _executions(history)
    for parent, child in history.edges:
        claims = [move for move in moves.get(child, []) if move.is_now == "running"]
        settled = [move for move in moves.get(parent, []) if move.is_now in SETTLED]
        for claim in claims:
            execution = executions.get(claim.claim)
            if not settled or settled[0].seq > claim.seq:
                yield f"job task {child} was claimed before its parent {parent} had settled"
            elif execution and execution.started < settled[0].at:
                yield f"job task {child} began before its parent {parent} had settled"


def every_execution_is_explained(history: History) -> Problems:
    """It was claimed before, began once, and its end is the accepted one or kept as an attempt."""
    begun = {move.claim: move for move in history.moves if move.is_now == "running"}
    ended = {move.claim: move for move in history.moves if move.was == "running"}
    tasks = history.task_by_id
    for execution in history.executions:
        claim = (execution.jobtask, execution.attempt)
        may_collide = tasks[execution.jobtask].target == TRANSACTIONAL and "could not serialize" in history.excuses
        if execution.starts != 1 and not may_collide:
            yield f"claim {claim} began {execution.starts} times"
        if claim not in begun:
            yield f"claim {claim} ran and was never claimed"
        elif execution.started < begun[claim].at:
            yield f"claim {claim} ran before it was claimed"
        if claim not in ended:
            yield f"claim {claim} ran, and the database knows of no end"


def every_claim_is_kept(history: History) -> Problems:
    """All but a job task's last are attempts, each once, with the end that they came to."""
    kept: dict[Claim, list[str]] = defaultdict(list)
    for attempt in history.attempts:
        kept[attempt.jobtask, attempt.number].append(attempt.status)
    wanted = {"scheduled": "failed", "ready": "released"}
    for move in history.moves:
        if move.was == "running":
            expected = [wanted[move.is_now]] if move.is_now in wanted else []
            if (found := kept.pop(move.claim, [])) != expected:
                yield f"claim {move.claim} became {move.is_now}, and its attempts are {found}"
    for claim in kept:
        yield f"attempt {claim} is kept and was never claimed"


def only_a_failure_fails(history: History) -> Problems:
    """A try counts and a task fails for what the task itself did, for the fault's own reason, or lost too often."""
    executions, tasks = _executions(history), history.task_by_id
    errors = {(attempt.jobtask, attempt.number): attempt.error for attempt in history.attempts}
    for move in history.moves:
        if move.was == "running" and move.is_now in ("scheduled", "failed", "cancelled", "skipped"):
            task = tasks[move.jobtask]
            error = errors.get(move.claim, task.error)
            execution = executions.get(move.claim)
            as_meant = execution is not None and execution.ending == "failed"
            lost = move.is_now == "failed" and task.crashes > history.max_crashes and error == "worker lost"
            if not (as_meant or lost or any(words in error for words in history.excuses)):
                yield f"claim {move.claim} became {move.is_now} for no reason of its own: {error!r}"


def a_task_fails_only_when_it_was_lost_too_often(history: History) -> Problems:
    """Lost as often as allowed, it was given back each time; only what is lost alone after that has failed."""
    for task in history.tasks:
        if task.error == "worker lost" and task.status == "failed" and task.crashes <= history.max_crashes:
            yield f"job task {task.id} was lost {task.crashes} times and has failed for it"


def transactional_rows_are_there_exactly_once(history: History) -> Problems:
    """What a transactional task wrote, and that it succeeded, are one."""
    effects: dict[int, list[int]] = defaultdict(list)
    for jobtask, attempt in history.effects:
        effects[jobtask].append(attempt)
    for task in history.tasks:
        if task.target == TRANSACTIONAL:
            expected = [task.attempt] if task.status == "succeeded" else []
            if effects[task.id] != expected:
                found = effects[task.id]
                yield f"job task {task.id} is {task.status} at attempt {task.attempt}; its rows are of {found}"


def what_a_script_wrote_is_there(history: History) -> Problems:
    """All of it, in order, once it has succeeded."""
    spoken = set(history.spoken)
    for task in history.tasks:
        if task.kind in ("python", "shell") and task.status == "succeeded" and (task.id, task.attempt) not in spoken:
            yield f"job task {task.id} succeeded, and what it wrote is not there"


def every_slot_is_one_job(history: History) -> Problems:
    """Each minute from the first until the one that was not due yet."""
    dates = defaultdict(list)
    for job in history.jobs:
        if job.logical_date is not None:
            dates[job.process].append(job.logical_date)
    for process, (first, after) in history.slots.items():
        minutes = round((after - first) / timedelta(minutes=1))
        if sorted(dates[process]) != [first + timedelta(minutes=number) for number in range(minutes)]:
            yield f"process {process} has {len(dates[process])} jobs for its {minutes} slots from {first} on"


def nothing_drifts(history: History) -> Problems:
    """Counted anew, every count is the same."""
    for row in history.drift:
        yield f"drift: {row}"


def nothing_is_left_running(history: History) -> Problems:
    """No process outlives what it was started for."""
    for stray in history.strays:
        yield f"still there: {stray}"


RULES: tuple[Callable[[History], Problems], ...] = (
    every_job_is_settled,
    nothing_is_lost,
    no_completion_is_accepted_twice,
    no_child_starts_before_its_parents_settled,
    every_execution_is_explained,
    every_claim_is_kept,
    only_a_failure_fails,
    a_task_fails_only_when_it_was_lost_too_often,
    transactional_rows_are_there_exactly_once,
    what_a_script_wrote_is_there,
    every_slot_is_one_job,
    nothing_drifts,
    nothing_is_left_running,
)


def problems(history: History) -> dict[str, list[str]]:
    """By rule, what breaks it; empty for a history as promised."""
    found = {rule.__name__: list(rule(history)) for rule in RULES}
    return {rule: sentences for rule, sentences in found.items() if sentences}


def _moves(history: History) -> dict[int, list[Move]]:
    moves: dict[int, list[Move]] = defaultdict(list)
    for move in sorted(history.moves):
        moves[move.jobtask].append(move)
    return moves


def _executions(history: History) -> dict[Claim, Execution]:
    return {(execution.jobtask, execution.attempt): execution for execution in history.executions}
