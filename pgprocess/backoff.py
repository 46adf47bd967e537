"""How long a task waits before its next try."""

from __future__ import annotations

from collections.abc import Callable
from random import random as _random

from pgprocess.choices import Backoff

#: A century in seconds. No delay is longer, so that now + delay is a date for Python and for Postgres.
LONGEST = 100 * 365.25 * 24 * 3600


def delay(
    attempt: int,
    *,
    retry_delay: float,
    backoff: str,
    jitter: float = 0.0,
    cap: float | None = None,
    random: Callable[[], float] = _random,
) -> float:
    """Seconds to wait after try number ``attempt`` (1 is the first) has failed.

    ``retry_delay`` and ``cap`` are seconds. ``backoff`` is a word of :class:`pgprocess.choices.Backoff`,
    else ValueError. ``jitter``, 0 to 1, is the share of the delay by which it may be shorter or longer;
    ``random`` gives numbers from 0 to 1. The answer is never below 0, nor above ``cap`` or :data:`LONGEST`.
    """
    ceiling = LONGEST if cap is None else min(cap, LONGEST)
    middle = min(retry_delay * _growth(Backoff(backoff), attempt), ceiling)
    # The spread ends at the ceiling; cut off there instead, half of all capped tasks would retry together.
    low, high = middle - jitter * middle, min(middle + jitter * middle, ceiling)
    return min(max(low + (high - low) * random(), low), high)


def _growth(backoff: Backoff, attempt: int) -> float:
    if backoff is Backoff.LINEAR:
        return float(attempt)
    if backoff is Backoff.EXPONENTIAL:
        # 2.0 ** 1024 is an OverflowError; long before that the delay is LONGEST.
        return 2.0 ** min(attempt - 1, 1023)
    return 1.0
