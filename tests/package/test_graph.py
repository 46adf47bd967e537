"""``find_cycle`` against the definition: there is a circle where some name is above itself."""

from __future__ import annotations

from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgprocess.graph import find_cycle

Edges = list[tuple[str, str]]

EDGES = st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh")), max_size=24)


def has_cycle(edges: Edges) -> bool:
    above = set(edges)
    for middle, first, last in product("abcdefgh", repeat=3):  # Warshall: paths by way of one name more each round
        if (first, middle) in above and (middle, last) in above:
            above.add((first, last))
    return any((name, name) in above for name in "abcdefgh")


@given(EDGES)
def test_a_circle_is_found_if_and_only_if_there_is_one(edges: Edges) -> None:
    assert bool(find_cycle(edges)) == has_cycle(edges)


@given(EDGES)
def test_what_is_found_is_a_circle_of_these_edges_met_once(edges: Edges) -> None:
    circle = find_cycle(edges)
    if circle:
        assert circle[0] == circle[-1]
        assert len(set(circle)) == len(circle) - 1
        assert set(pairwise(circle)) <= set(edges)


@given(EDGES, st.randoms(use_true_random=False))
def test_the_order_of_the_edges_does_not_matter(edges: Edges, random: object) -> None:
    shuffled = edges[:]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert find_cycle(shuffled) == find_cycle(edges)


@pytest.mark.parametrize(
    ("edges", "circle"),
    [
        ([], []),
        ([("a", "b"), ("b", "c"), ("a", "c")], []),
        ([("a", "a")], ["a", "a"]),
        ([("a", "b"), ("b", "a")], ["a", "b", "a"]),
        ([("before", "b"), ("b", "c"), ("c", "d"), ("d", "b"), ("d", "after")], ["b", "c", "d", "b"]),
    ],
)
def test_a_circle_reads_from_parent_to_child(edges: Edges, circle: list[str]) -> None:
    found = find_cycle(edges)
    assert len(found) == len(circle)
    assert set(pairwise(found)) == set(pairwise(circle))


def test_a_long_chain_needs_no_recursion() -> None:
    names = [str(number) for number in range(5_000)]
    chain = list(pairwise(names))
    assert find_cycle(chain) == []
    assert len(find_cycle([*chain, (names[-1], names[0])])) == len(names) + 1
