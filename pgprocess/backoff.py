"""The delay before a task's next try."""

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
    """Return the seconds to wait after try number ``attempt`` (1 is the first) has failed.

    ``retry_delay`` and ``cap`` are seconds. ``jitter``, 0 to 1, is the share of the delay by which chance makes it
    shorter or longer; ``random`` returns numbers from 0 to 1. The delay is never below 0, nor above ``cap`` or
    :data:`LONGEST`.

    Raises ValueError if ``backoff`` is no word of :class:`pgprocess.choices.Backoff`.
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
