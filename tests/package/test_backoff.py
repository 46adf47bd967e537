"""The delay before a task's next try."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pgprocess.backoff import LONGEST, delay
from pgprocess.choices import Backoff


def always(number: float) -> Callable[[], float]:
    return lambda: number


attempts = st.integers(1, 10_000)
seconds = st.floats(0, 1e6)
words = st.sampled_from(Backoff.values)
shares = st.floats(0, 1)
caps = st.none() | st.floats(0, 1e7)
draws = st.floats(0, 1)


def first_five(backoff: str, cap: float | None = None) -> list[float]:
    return [delay(attempt, retry_delay=10, backoff=backoff, cap=cap) for attempt in range(1, 6)]


def test_without_backoff_every_delay_is_the_same() -> None:
    assert first_five("none") == [10, 10, 10, 10, 10]


def test_a_linear_delay_grows_by_itself() -> None:
    assert first_five("linear") == [10, 20, 30, 40, 50]


def test_an_exponential_delay_doubles() -> None:
    assert first_five("exponential") == [10, 20, 40, 80, 160]


def test_a_delay_stops_growing_at_its_cap() -> None:
    assert first_five("exponential", cap=60) == [10, 20, 40, 60, 60]
    assert first_five("none", cap=4) == [4, 4, 4, 4, 4]


def test_jitter_spreads_the_delay_to_both_sides() -> None:
    spread = [delay(1, retry_delay=100, backoff="none", jitter=0.2, random=always(draw)) for draw in (0.0, 0.5, 1.0)]
    assert spread == pytest.approx([80, 100, 120])


def test_jitter_at_the_cap_spreads_downwards_only() -> None:
    spread = [
        delay(9, retry_delay=100, backoff="exponential", jitter=0.2, cap=1000, random=always(draw))
        for draw in (0.0, 0.5, 1.0)
    ]
    assert spread == pytest.approx([800, 900, 1000])


def test_jitter_differs_from_one_task_to_the_next() -> None:
    assert len({delay(1, retry_delay=60, backoff="none", jitter=0.5) for _ in range(20)}) > 1


def test_an_unknown_backoff_is_refused() -> None:
    with pytest.raises(ValueError, match="fibonacci"):
        delay(1, retry_delay=1, backoff="fibonacci")


@given(attempts, words, shares, caps, draws)
def test_a_delay_of_nothing_stays_nothing(
    attempt: int, backoff: str, jitter: float, cap: float | None, draw: float
) -> None:
    assert delay(attempt, retry_delay=0, backoff=backoff, jitter=jitter, cap=cap, random=lambda: draw) == 0


@given(attempts, seconds, words, shares, caps, draws)
def test_a_delay_lies_between_nothing_and_its_cap(
    attempt: int, retry_delay: float, backoff: str, jitter: float, cap: float | None, draw: float
) -> None:
    wait = delay(attempt, retry_delay=retry_delay, backoff=backoff, jitter=jitter, cap=cap, random=lambda: draw)
    assert 0 <= wait <= min(LONGEST, LONGEST if cap is None else cap)


@given(attempts, seconds, words, shares, draws)
@example(23, 3.0, "exponential", 1.3579821412964679e-10, 0.0)  # the jitter is hardly more than a float's last digits
def test_a_delay_is_off_its_middle_by_no_more_than_the_jitter(
    attempt: int, retry_delay: float, backoff: str, jitter: float, draw: float
) -> None:
    middle = delay(attempt, retry_delay=retry_delay, backoff=backoff)
    wait = delay(attempt, retry_delay=retry_delay, backoff=backoff, jitter=jitter, random=lambda: draw)
    assert middle - jitter * middle <= wait <= middle + jitter * middle


@given(attempts, seconds, words, caps)
def test_a_later_try_never_waits_less(attempt: int, retry_delay: float, backoff: str, cap: float | None) -> None:
    now, later = (delay(n, retry_delay=retry_delay, backoff=backoff, cap=cap) for n in (attempt, attempt + 1))
    assert now <= later


@pytest.mark.parametrize("backoff", Backoff.values)
def test_now_plus_the_longest_delay_is_a_date(backoff: str) -> None:
    wait = delay(10_000, retry_delay=1e9, backoff=backoff, jitter=1.0)
    assert datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=wait) < datetime(2200, 1, 1, tzinfo=UTC)
