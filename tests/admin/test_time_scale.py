"""A scale of time: straight while something happens, squeezed while nothing does."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgprocess.admin.job.diagram import parents_of
from pgprocess.admin.job.time_scale import time_scale
from pgprocess.admin.job.timeline import since_begin
from pgprocess.graph import depths

DAY = 86400.0


def test_without_a_gap_it_is_straight():
    drawn = time_scale(0, 100, [(0, 40), (30, 100)])
    assert [drawn.at(moment) for moment in (0, 25, 50, 100)] == [0, 25, 50, 100]
    assert drawn.gaps == ()


def test_a_day_of_nothing_takes_little_room():
    drawn = time_scale(0, DAY + 200, [(0, 100), (DAY, DAY + 200)])
    assert drawn.gaps == ((100, DAY),)
    assert drawn.at(DAY) - drawn.at(100) == pytest.approx(6)
    assert drawn.at(DAY + 200) == pytest.approx(100)
    assert (drawn.at(DAY + 200) - drawn.at(DAY)) / drawn.at(100) == pytest.approx(2)


def test_what_lies_outside_is_at_the_border():
    drawn = time_scale(10, 20, [(10, 20)])
    assert (drawn.at(0), drawn.at(99)) == (0, 100)


def test_ticks_are_round_and_apart():
    ticks = time_scale(0, 260, [(0, 260)]).ticks()
    assert [moment for moment, _ in ticks] == [0, 60, 120, 180, 240]
    assert all(right - left >= 12 for (_, left), (_, right) in pairwise(ticks))


@pytest.mark.parametrize(("seconds", "text"), [(0, "+0:00"), (65, "+1:05"), (3600, "+1:00:00")])
def test_a_tick_reads_as_time_since_the_beginning(seconds, text):
    assert since_begin(seconds) == text


def test_a_task_stands_below_all_that_it_waits_for():
    assert depths(parents_of([(1, 2), (2, 3), (1, 3), (4, 3)])) == {1: 0, 2: 1, 4: 0, 3: 2}


def test_a_long_chain_is_no_trouble():
    assert depths(parents_of([(n, n + 1) for n in range(20_000)]))[20_000] == 20_000


spans = st.lists(
    st.tuples(st.floats(0, 1e6), st.floats(0, 1e5)).map(lambda pair: (pair[0], pair[0] + pair[1])), max_size=30
)


@given(spans)
def test_a_later_moment_is_never_further_left(work):
    end = max((until for _, until in work), default=10.0)
    drawn = time_scale(0, end, work)
    places = [drawn.at(moment) for moment in sorted({0.0, end, *(edge for span in work for edge in span)})]
    assert all(left <= right + 1e-9 for left, right in pairwise(places))
    assert 0 <= places[0] <= places[-1] <= 100 + 1e-6
