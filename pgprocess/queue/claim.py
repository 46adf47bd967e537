"""What the queue hands to a worker, and what the worker hands back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from pgprocess.attempt import Outcome
from pgprocess.text import storable


class Wish(NamedTuple):
    """Up to so many tasks for this worker; ``busy`` counts by queue those that it runs, where that counts."""

    worker: int
    slots: int
    busy: Mapping[str, int] = {}


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


def completion(reports: Sequence[Report]) -> dict[str, Any]:
    """The parameters of ``complete.sql``. What none of them has is an empty list."""
    outcomes = [report.outcome for report in reports]

    def said(values: list[Any]) -> list[Any]:
        return values if any(value is not None for value in values) else []

    return {
        "ids": [report.id for report in reports],
        "tokens": [report.token for report in reports],
        "statuses": [outcome.status.value for outcome in outcomes],
        "exit_codes": said([outcome.exit_code for outcome in outcomes]),
        "errors": said([storable(outcome.error) or None for outcome in outcomes]),
        "reasons": said([storable(outcome.reason) or None for outcome in outcomes]),
        "results": said([outcome.result for outcome in outcomes]),
        "delays": said([outcome.delay for outcome in outcomes]),
    }
