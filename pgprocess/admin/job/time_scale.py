"""A scale of time on which work is wide and long idleness narrow, as after a task was reopened a day later."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

Span = tuple[float, float]

IDLE = 0.5  # a gap longer than this share of all the work, and than a minute, is squeezed
SQUEEZED = 0.06  # to this share of the width
STEPS = [1, 2, 5, 10, 15, 30, *(60 * m for m in (1, 2, 5, 10, 15, 30)), *(3600 * h for h in (1, 2, 4, 8, 12, 24, 48))]
TICKS = 6
MOMENT = 0.001


@dataclass(frozen=True, slots=True)
class TimeScale:
    """Moments (seconds) and their places (percent), rising together; straight in between. ``gaps`` are squeezed."""

    moments: tuple[float, ...]
    places: tuple[float, ...]
    gaps: tuple[Span, ...]

    def at(self, moment: float) -> float:
        """Return the place of a moment; what lies outside is at the border."""
        after = min(max(bisect_right(self.moments, moment), 1), len(self.moments) - 1)
        (begin, end), (left, right) = self.moments[after - 1 : after + 1], self.places[after - 1 : after + 1]
        share = (moment - begin) / (end - begin) if end > begin else 0.0
        return left + min(1.0, max(0.0, share)) * (right - left)

    def ticks(self) -> list[tuple[float, float]]:
        """Return round moments since the beginning, in seconds, with their places; none within a gap or too close."""
        begin, end = self.moments[0], self.moments[-1]
        worked = end - begin - sum(until - since for since, until in self.gaps)
        step = next((step for step in STEPS if worked / step <= TICKS), worked / TICKS)
        found: list[tuple[float, float]] = []
        for since, until in pairwise([begin, *(edge for gap in self.gaps for edge in gap), end]):
            if (since, until) in self.gaps:
                continue
            tick = step * -(-(since - begin) // step)
            while begin + tick <= until:
                place = self.at(begin + tick)
                if not found or place - found[-1][1] >= (12 if found[-1][1] else 18):
                    found.append((tick, place))
                tick += step
        return [(tick, place) for tick, place in found if place <= 96]


def time_scale(begin: float, end: float, work: Iterable[Span]) -> TimeScale:
    """Return the scale from ``begin`` to ``end``, for the work in between."""
    end = max(end, begin + 1)
    busy = merged([(begin, begin), *((max(since, begin), min(until, end)) for since, until in work), (end, end)])
    worked = sum(until - since for since, until in busy)
    longest = max(60.0, IDLE * worked)
    gaps = tuple((one[1], other[0]) for one, other in pairwise(busy) if other[0] - one[1] > longest)
    left = 1 - SQUEEZED * len(gaps)
    wide = end - begin - sum(until - since for since, until in gaps)
    if left < 0.4 or wide < MOMENT:  # too many gaps, or nothing else
        gaps, left, wide = (), 1.0, end - begin
    moments, places = [begin], [0.0]
    for moment in sorted({*(edge for gap in gaps for edge in gap), end} - {begin}):
        squeezed = (moments[-1], moment) in gaps
        share = SQUEEZED if squeezed else left * (moment - moments[-1]) / wide
        moments.append(moment)
        places.append(places[-1] + 100 * share)
    return TimeScale(tuple(moments), tuple(places), gaps)


def merged(spans: Sequence[Span]) -> list[Span]:
    """Return the spans in order, with those that touch joined."""
    joined: list[Span] = []
    for since, until in sorted(span for span in spans if span[1] >= span[0]):
        if joined and since <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(until, joined[-1][1])
        else:
            joined.append((since, until))
    return joined
