"""How long finished jobs are kept: ``30d`` in words, seconds or a timedelta; for all alike or for each status."""

from __future__ import annotations

import re
from datetime import timedelta
from math import isfinite
from typing import Any

from pgprocess.exceptions import ConfigurationError
from pgprocess.statuses import JobStatus
from pgprocess.text import nearest

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
LONGEST = timedelta(days=366_000)
OVER: tuple[JobStatus, ...] = tuple(status for status in JobStatus if status != JobStatus.RUNNING)


def parse_age(text: str) -> timedelta:
    """Return the time that ``90s``, ``15m``, ``24h``, ``30d`` or ``8w`` names. Raises ValueError with a sentence."""
    found = re.fullmatch(r"(\d{1,9})([smhdw])", text.strip())
    if not found:
        raise ValueError(f"{text!r} is no age: write a number and s, m, h, d or w, as in 30d.")
    try:
        age = timedelta(**{UNITS[found[2]]: int(found[1])})
    except OverflowError:
        age = timedelta.max
    if age > LONGEST:
        raise ValueError(f"{text!r} is more than a thousand years.")
    return age


def retention(given: Any) -> dict[JobStatus, timedelta]:
    """Return for how long jobs of each status are kept once they are over; jobs of a status that is left out stay.

    ``given`` is ``PGPROCESS["RETENTION"]``. Raises :class:`ConfigurationError` with a sentence.
    """
    if given is None:
        return {}
    if isinstance(given, dict):
        return {_status(word): _age(age) for word, age in given.items() if age is not None}
    return dict.fromkeys(OVER, _age(given))


def _status(word: Any) -> JobStatus:
    if word in OVER:
        return JobStatus(word)
    near = nearest(str(word).lower(), OVER, cutoff=0.5)
    hint = f"did you mean {str(near)!r}?" if near else f"there are {', '.join(OVER)}."
    raise ConfigurationError(f"PGPROCESS['RETENTION'] names {word!r}, which no job ends as: {hint}")


def _age(given: Any) -> timedelta:
    try:
        if isinstance(given, str):
            age = parse_age(given)
        elif isinstance(given, timedelta):
            age = given
        elif isinstance(given, int | float) and not isinstance(given, bool) and isfinite(given):
            age = timedelta(seconds=given)
        else:
            raise ValueError(f"{given!r} is no age: write seconds, a timedelta, or words like '30d'.")
        if not timedelta(0) < age <= LONGEST:
            raise ValueError(f"{given!r} is not between a moment and a thousand years.")
    except (ValueError, OverflowError) as error:
        raise ConfigurationError(f"PGPROCESS['RETENTION']: {error}") from error
    return age
