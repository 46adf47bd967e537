"""What a worker asks of the queue and reports to it, beside the claims themselves (:mod:`pgprocess.attempt`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from pgprocess.attempt import Claim, Outcome
from pgprocess.text import storable


class Demand(NamedTuple):
    """Up to ``slots`` tasks for this worker; ``busy`` counts the running tasks by queue, where queues are capped."""

    worker: int
    slots: int
    busy: Mapping[str, int] = {}


class Claimed(NamedTuple):
    """The answer to a demand.

    ``left_over``: whether there is work that the worker's caps leave no room for. ``look_at``: when to look into other
    lanes than the known ones (of :func:`time.monotonic`); infinity where all lanes were looked into.
    """

    claims: list[Claim]
    left_over: bool = False
    look_at: float = float("inf")


class Report(NamedTuple):
    """How a claim ended."""

    id: int
    token: UUID
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Ended:
    """A job that came to its end."""

    id: int
    process: str
    status: str


class Refusal(NamedTuple):
    """A report that the database can't take now, though the connection lives: for a lock, which passes, or a rule."""

    report: Report
    error: str
    is_passing: bool


class Completed(NamedTuple):
    """The job tasks that took their completion, the jobs that ended with them, and what the database can't take now.

    What is in none of them was not ours any more.
    """

    accepted: set[int]
    jobs: list[Ended]
    refused: list[Refusal]

    def __or__(self, other: Completed) -> Completed:
        return Completed(self.accepted | other.accepted, self.jobs + other.jobs, self.refused + other.refused)


NOTHING = Completed(set(), [], [])


def completion(reports: Sequence[Report]) -> dict[str, Any]:
    """Build the parameters of ``complete.sql``.

    A column that no report fills is sent as an empty list, which costs nothing to parse.
    """
    outcomes = [report.outcome for report in reports]

    def filled(values: list[Any]) -> list[Any]:
        return values if any(value is not None for value in values) else []

    return {
        "ids": [report.id for report in reports],
        "tokens": [report.token for report in reports],
        "statuses": [outcome.status.value for outcome in outcomes],
        "exit_codes": filled([outcome.exit_code for outcome in outcomes]),
        "errors": filled([storable(outcome.error) or None for outcome in outcomes]),
        "reasons": filled([storable(outcome.reason) or None for outcome in outcomes]),
        "results": filled([outcome.result for outcome in outcomes]),
        "delays": filled([outcome.delay for outcome in outcomes]),
        "lost": filled([outcome.lost or None for outcome in outcomes]),
    }
