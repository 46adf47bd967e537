"""Depths of nodes; and circles, against the definition: there is a circle where some name is above itself."""

from __future__ import annotations

from graphlib import CycleError
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgprocess.graph import depths, find_cycle

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


@given(EDGES)
def test_a_node_lies_as_deep_as_the_longest_way_to_it(edges: Edges) -> None:
    downhill = [(parent, child) for parent, child in edges if parent < child]
    parents: dict[str, set[str]] = {}
    for parent, child in downhill:
        parents.setdefault(child, set()).add(parent)

    def longest(node: str) -> int:
        return max((longest(parent) + 1 for parent in parents.get(node, ())), default=0)

    assert depths(parents) == {node: longest(node) for edge in downhill for node in edge}


def test_a_depth_that_is_given_counts_for_all_below_and_a_top_begins_where_it_says() -> None:
    parents = {"a": [], "b": ["a"], "c": ["b", "x"], "d": ["c"]}
    assert depths(parents) == {"a": 0, "x": 0, "b": 1, "c": 2, "d": 3}
    assert depths(parents, given={"b": 5}) == {"a": 0, "x": 0, "b": 5, "c": 6, "d": 7}
    assert depths(parents, tops={"a": -2, "x": -1}) == {"a": -2, "x": -1, "b": -1, "c": 0, "d": 1}


def test_depths_of_a_circle_are_refused() -> None:
    with pytest.raises(CycleError):
        depths({"a": ["b"], "b": ["a"]})
