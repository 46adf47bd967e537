"""Another try, or failed: what becomes of an attempt that asks for another one. The delays are in backoff.py."""

from __future__ import annotations

from dataclasses import replace

from pgprocess import backoff
from pgprocess.attempt import Outcome
from pgprocess.runners.base import Run
from pgprocess.statuses import Status


def decide(run: Run, outcome: Outcome) -> Outcome:
    """Set the delay of the next try if the outcome asks for one and one is left; make the outcome failed if none is."""
    if outcome.status is not Status.SCHEDULED:
        return outcome
    if run.attempts_left:
        return replace(outcome, delay=min(_delay(run, outcome), backoff.LONGEST))
    tries = "the only attempt is" if run.version.max_attempts == 1 else f"all {run.version.max_attempts} attempts are"
    reason = "; ".join(filter(None, [outcome.reason, f"{tries} used up"]))
    return replace(outcome, status=Status.FAILED, delay=None, reason=reason)


def _delay(run: Run, outcome: Outcome) -> float:
    if outcome.delay is not None:
        return outcome.delay
    return backoff.delay(
        run.tries,
        retry_delay=run.version.retry_delay,
        backoff=run.version.backoff,
        jitter=run.version.retry_jitter,
        cap=run.version.max_retry_delay,
    )
