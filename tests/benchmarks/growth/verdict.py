"""Flat, or how it grows: judged by the time at the smallest and the largest size."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

TOLERANCE = 1.3
"""By so much the medians of one and the same thing differ between two runs on a machine that is not ours alone."""
NOTHING = 0.2
"""Milliseconds that nobody notices, whatever the factor."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """``word`` is flat, a little, grows or in proportion; ``factor`` how many times as long the largest size takes."""

    word: str
    factor: float

    @property
    def is_flat(self) -> bool:
        """Whether the size does not matter."""
        return self.word == "flat"

    def __str__(self) -> str:
        return self.word if self.is_flat else f"{self.word}, {self.factor:.{0 if self.factor >= 10 else 1}f} times"


def judge(sizes: Sequence[int], times: Sequence[float]) -> Verdict:
    """From milliseconds at each size, the smallest first.

    The exponent decides: a time as the size to the power of 0.8 and more is in proportion, below 0.2 it is a little.
    """
    factor = times[-1] / max(times[0], 1e-6)
    if len(sizes) < 2 or factor <= TOLERANCE or times[-1] - times[0] < NOTHING:
        return Verdict("flat", factor)
    exponent = math.log(factor) / math.log(sizes[-1] / sizes[0])
    return Verdict("in proportion" if exponent >= 0.8 else "grows" if exponent >= 0.2 else "a little", factor)


def culprit(first: Mapping[str, int], last: Mapping[str, int]) -> tuple[str, int, int] | None:
    """The node that touches more pages than at the smallest size, by the largest number: its name, before, after.

    None if all of them together have not a tenth more: then it is not what is read that takes longer.
    """
    if sum(last.values()) <= 1.1 * sum(first.values()) + 2:
        return None
    grown = {name: number - first.get(name, 0) for name, number in last.items()}
    name = max(grown, key=lambda each: grown[each])
    return name, first.get(name, 0), last[name]
