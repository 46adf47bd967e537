"""The price of each fault: what ran again, what was given back, and how long it took to go on."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any, NamedTuple

from tests.chaos.form import FORM
from tests.chaos.history import History, Move
from tests.chaos.journal import Execution

FOLDER = Path(__file__).parents[2] / "build" / "chaos" / FORM.name

HEADS = (
    "fault",
    "blows",
    "jobs",
    "executions",
    "repeats",
    "overlaps",
    "given back",
    "recovery p50",
    "p95",
    "next start p50",
    "p95",
)


class Blow(NamedTuple):
    """The moment in which a fault struck, and the workers (by their rows) that it struck."""

    at: float
    workers: frozenset[int]


def figures(history: History, blows: Sequence[Blow]) -> dict[str, Any]:
    """What a story cost.

    ``repeats``: executions beyond the first of a try that counts; ``overlaps``: those that began while an earlier one
    of the same job task still gave signs of itself. ``recovery``: from a blow to the new start of each
    task that a struck worker ran and that was given back. ``next start``: from a blow to the next start of anything.
    """
    tries = {move.claim: move.tries for move in history.moves if move.is_now == "running"}
    executions = [(execution.jobtask, execution.attempt) for execution in history.executions]
    given_back = [move for move in history.moves if move.was == "running" and move.is_now == "ready"]
    return {
        "blows": len(blows),
        "jobs": len(history.jobs),
        "executions": len(executions),
        "repeats": len(executions) - len({(claim[0], tries.get(claim)) for claim in executions}),
        "overlaps": sum(1 for _ in _overlaps(history)),
        "given back": len(given_back),
        "recovery": [seconds for blow in blows for seconds in _recoveries(history, blow, given_back)],
        "next start": [seconds for blow in blows for seconds in _next_start(history, blow)],
    }


def _overlaps(history: History) -> Iterable[tuple[int, int]]:
    for jobtask, runs in groupby(sorted(history.executions, key=by_attempt), key=lambda run: run.jobtask):
        for earlier, later in pairwise(runs):
            if earlier.seen > later.started:
                yield jobtask, earlier.attempt


def by_attempt(execution: Execution) -> tuple[int, int]:
    """The order in which a job task's executions were claimed."""
    return execution.jobtask, execution.attempt


def _recoveries(history: History, blow: Blow, given_back: Sequence[Move]) -> Iterable[float]:
    begun = {move.claim: move for move in history.moves if move.is_now == "running"}
    for move in given_back:
        claim = begun[move.claim]
        if claim.worker in blow.workers and claim.at <= blow.at < move.at:
            later = (run.started for run in history.executions if run.jobtask == move.jobtask)
            starts = [started for started in later if started > move.at]
            if starts:
                yield min(starts) - blow.at


def _next_start(history: History, blow: Blow) -> Iterable[float]:
    starts = [execution.started for execution in history.executions if execution.started > blow.at]
    if starts:
        yield min(starts) - blow.at


def table(stories: Mapping[str, Mapping[str, Any]]) -> str:
    """For people: a table in Markdown, times in seconds."""
    rows = [HEADS, *(_row(name, story) for name, story in stories.items())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADS))]
    padded = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in rows]
    lines = [f"| {' | '.join(cells)} |" for cells in padded]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])


def _row(name: str, story: Mapping[str, Any]) -> tuple[str, ...]:
    counts = [str(story[head]) for head in HEADS[1:7]]
    return (name, *counts, *_quantiles(story["recovery"]), *_quantiles(story["next start"]))


def _quantiles(seconds: list[float]) -> tuple[str, str]:
    if not seconds:
        return "", ""
    if len(seconds) == 1:
        return f"{seconds[0]:.1f}", f"{seconds[0]:.1f}"
    quantiles = statistics.quantiles(seconds, n=20, method="inclusive")
    return f"{statistics.median(seconds):.1f}", f"{quantiles[-1]:.1f}"


def write(stories: Mapping[str, Mapping[str, Any]]) -> str:
    """The table, which is in the build folder, too, with all that it was made from."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "table.json").write_text(json.dumps(stories, indent=1))
    text = table(stories)
    (FOLDER / "table.md").write_text(text + "\n")
    return text
