"""The layout of diagrams: rows, order, places and routes, for any graph and any placement."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgprocess.diagram.layout import layout, percent
from pgprocess.diagram.nodes import DiagramError
from pgprocess.diagram.ranking import wrapped
from pgprocess.diagram.routing import NEAR
from pgprocess.diagram.shapes import HEIGHT, PAD, SIDE, Box, Layout, Placed

levels = st.none() | st.integers(-3, 9)
offsets = st.none() | st.integers(-60, 60).map(float) | st.integers(-50, 50).map("{}%".format)


nowhere = st.none()


@st.composite
def graphs(draw, level=nowhere, offset=nowhere):
    """Draw boxes of various widths, and edges from any of them to later ones."""
    count = draw(st.integers(1, 24))
    width = st.sampled_from([60.0, 168.0, 260.0])
    boxes = tuple(Box(str(i), draw(width), draw(level), draw(offset)) for i in range(count))
    pairs = list(combinations(range(count), 2))
    chosen = draw(st.lists(st.sampled_from(pairs), max_size=3 * count, unique=True)) if pairs else []
    return boxes, tuple((str(parent), str(child)) for parent, child in chosen)


any_graph = graphs() | graphs(level=levels) | graphs(offset=offsets) | graphs(level=levels, offset=offsets)
thorough = settings(max_examples=150, deadline=None)


def drawn(text: str, **placed: tuple[int | None, float | str | None]) -> Layout:
    """Return the layout of ``"a -> b -> c, d"``; ``placed`` gives levels and offsets by name."""
    chains = [re.split(r"\s*->\s*", part.strip()) for part in text.split(",")]
    names = dict.fromkeys(name for chain in chains for name in chain)
    boxes = tuple(Box(name, 168, *placed.get(name, (None, None))) for name in names)
    return layout(boxes, tuple(pair for chain in chains for pair in pairwise(chain)))


def places(result: Layout) -> dict[str, Placed]:
    return {box.id: box for box in result.boxes}


def middle(box: Placed) -> float:
    return box.x + box.width / 2


def samples(line: str) -> list[tuple[float, float]]:
    """Return points along an SVG path of M, C and V, close together."""
    x = y = 0.0
    points = []
    for command, numbers in re.findall(r"([MCV])([^MCV]*)", line):
        values = [float(number) for number in numbers.split()]
        if command == "M":
            x, y = values
        elif command == "V":
            points += [(x, y + (values[0] - y) * step / 20) for step in range(21)]
            y = values[0]
        else:
            x1, y1, x2, y2, x3, y3 = values
            for t in (step / 60 for step in range(61)):
                u = 1 - t
                weights = u**3, 3 * u * u * t, 3 * u * t * t, t**3
                points.append(
                    (
                        sum(w * v for w, v in zip(weights, (x, x1, x2, x3), strict=True)),
                        sum(w * v for w, v in zip(weights, (y, y1, y2, y3), strict=True)),
                    )
                )
            x, y = x3, y3
    return points


@thorough
@given(any_graph)
def test_boxes_never_overlap_and_stand_within_the_canvas(graph):
    result = layout(*graph)
    for one, other in combinations(result.boxes, 2):
        apart = abs(middle(one) - middle(other)) - (one.width + other.width) / 2
        assert one.row != other.row or apart >= SIDE - 0.01
        assert (one.row == other.row) == (one.y == other.y)
    for box in result.boxes:
        assert box.x >= PAD - 0.01
        assert box.x + box.width <= result.width - PAD + 0.01
        assert PAD <= box.y <= result.height - PAD - HEIGHT + 0.01


@thorough
@given(any_graph)
def test_edges_never_run_behind_a_box_or_out_of_the_canvas(graph):
    result = layout(*graph)
    for route in result.routes:
        for x, y in samples(route.line):
            assert 1 <= x <= result.width - 1
            assert 1 <= y <= result.height - 1
            for box in result.boxes:
                inside = box.x + 0.5 < x < box.x + box.width - 0.5 and box.y + 0.5 < y < box.y + HEIGHT - 0.5
                assert not inside, (route, box)


@thorough
@given(any_graph)
def test_every_edge_leads_once_from_its_parents_bottom_to_its_childs_top(graph):
    result = layout(*graph)
    boxes = places(result)
    assert sorted((route.parent, route.child) for route in result.routes) == sorted(set(graph[1]))
    for route in result.routes:
        parent, child = boxes[route.parent], boxes[route.child]
        assert route.points[0] == pytest.approx((middle(parent), parent.y + HEIGHT))
        x, y = route.points[-1]
        assert x == pytest.approx(middle(child), abs=NEAR)
        assert y == child.y


@thorough
@given(graphs() | graphs(offset=offsets))
def test_without_levels_every_edge_goes_down(graph):
    boxes = places(layout(*graph))
    assert all(boxes[parent].row < boxes[child].row for parent, child in graph[1])


@thorough
@given(any_graph)
def test_the_same_graph_always_looks_the_same(graph):
    assert layout.__wrapped__(*graph) == layout.__wrapped__(*graph)


def test_a_layout_does_not_depend_on_the_hash_seed():
    code = (
        "from pgprocess.diagram.layout import layout; from pgprocess.diagram.shapes import Box\n"
        "boxes = tuple(Box(f'task {i}') for i in range(60))\n"
        "edges = tuple((f'task {i * 7 % 59}', 'task 59') for i in range(9)) + tuple(\n"
        "    (f'task {i}', f'task {i + j}') for i in range(50) for j in (3, 8))\n"
        "print(layout(boxes, edges))"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in "12"
    }
    assert len(seen) == 1


@thorough
@given(graphs(level=levels, offset=offsets))
def test_levels_and_offsets_are_honoured_in_order(graph):
    asked = {box.id: box for box in graph[0]}
    for one, other in combinations(layout(*graph).boxes, 2):
        a, b = asked[one.id], asked[other.id]
        if a.level is not None and b.level is not None:
            assert (one.row > other.row) - (one.row < other.row) == (a.level > b.level) - (a.level < b.level)
        if a.offset is not None and b.offset is not None and one.row == other.row:
            left, right = percent(a.offset), percent(b.offset)
            assert left == right or (left < right) == (one.x < other.x)


@thorough
@given(graphs(level=st.integers(0, 6), offset=st.sampled_from([None, 0.0])))
def test_a_level_is_a_row_and_rows_that_nobody_uses_take_no_room(graph):
    result = layout(*graph)
    rows = {level: row for row, level in enumerate(sorted({box.level for box in graph[0]}))}
    assert [box.row for box in result.boxes] == [rows[box.level] for box in graph[0]]


def test_an_offset_is_a_share_of_the_width_from_the_middle():
    result = drawn("a, b, c", a=(0, "-25%"), b=(1, 0), c=(2, 25.0))
    boxes = places(result)
    assert middle(boxes["b"]) == pytest.approx(result.width / 2)
    assert middle(boxes["a"]) == pytest.approx(result.width / 2 - result.span / 4)
    assert middle(boxes["c"]) == pytest.approx(result.width / 2 + result.span / 4)
    assert result.width == pytest.approx(result.span)


def test_boxes_with_the_same_offset_share_its_place_between_them():
    result = drawn("a, b", a=(0, 0), b=(0, 0))
    boxes = places(result)
    assert (middle(boxes["a"]) + middle(boxes["b"])) / 2 == pytest.approx(result.width / 2)
    assert abs(boxes["a"].x - boxes["b"].x) == pytest.approx(168 + SIDE)


def test_an_offset_beyond_the_border_means_the_border():
    near, far = drawn("a", a=(0, "50%")), drawn("a", a=(0, "999%"))
    assert far.width == pytest.approx(near.width, rel=0.03)


def test_a_task_without_a_level_stands_between_those_that_have_one():
    boxes = places(drawn("a -> b -> c, top -> a", a=(3, None), c=(7, None)))
    assert [boxes[name].row for name in ("top", "a", "b", "c")] == [0, 1, 2, 3]


def test_an_edge_to_a_child_that_was_placed_higher_arrives_from_above():
    [route] = drawn("a -> b", a=(1, None), b=(0, None)).routes
    assert min(y for _, y in samples(route.line)) < route.points[-1][1] - 7


def test_a_parent_stands_in_the_middle_above_its_children():
    boxes = places(drawn("a -> b, a -> c"))
    assert middle(boxes["a"]) == pytest.approx((middle(boxes["b"]) + middle(boxes["c"])) / 2, abs=0.5)


def test_a_chain_is_a_straight_line():
    result = drawn(" -> ".join("abcdefgh"))
    assert all("C" not in route.line for route in result.routes)


def test_a_tangle_that_can_be_undone_has_no_crossings():
    boxes = places(drawn("a -> z, b -> y, c -> x, d -> w"))
    parents = sorted("abcd", key=lambda name: boxes[name].x)
    children = sorted("wxyz", key=lambda name: boxes[name].x)
    assert "".join(children) == "".join(parents).translate(str.maketrans("abcd", "zyxw"))


def test_many_tasks_without_edges_fill_a_block_rather_than_one_long_row():
    result = layout(tuple(Box(str(number)) for number in range(200)), ())
    assert result.width < 20 * (168 + SIDE) + 2 * PAD
    assert len({box.row for box in result.boxes}) == 10


def test_a_row_is_cut_into_pieces_of_like_length():
    assert wrapped([0, *[1] * 25, 2]) == [0, *[1] * 9, *[2] * 9, *[3] * 7, 4]


def test_a_fan_of_a_thousand_tasks_is_not_much_wider_than_its_rows():
    names = [str(number) for number in range(1000)]
    edges = [("in", name) for name in names] + [(name, "out") for name in names]
    result = layout(tuple(map(Box, ["in", *names, "out"])), tuple(edges))
    longest = max(sum(box.row == row for box in result.boxes) for row in range(1 + result.boxes[-1].row))
    assert result.width < 2 * longest * (168 + SIDE)


def test_a_chain_of_ten_thousand_tasks_can_be_drawn():
    names = [str(number) for number in range(10_000)]
    result = layout(tuple(map(Box, names)), tuple(pairwise(names)))
    assert result.boxes[-1].row == 9_999


def test_a_graph_without_nodes_is_an_empty_canvas():
    assert layout((), ()).boxes == ()


def test_a_circle_is_named():
    with pytest.raises(DiagramError, match=r"circle.*(a -> b -> c -> a|b -> c -> a -> b|c -> a -> b -> c)$"):
        drawn("x -> a -> b -> c -> a, c -> y")


def test_a_task_that_waits_for_itself_is_a_circle():
    with pytest.raises(DiagramError, match="a -> a"):
        drawn("a -> a")


def test_an_edge_to_a_node_that_is_not_there_is_named():
    with pytest.raises(DiagramError, match="Add the node b, which the edge a -> b needs"):
        layout((Box("a"),), (("a", "b"),))


def test_an_id_can_be_used_once_only():
    with pytest.raises(DiagramError, match="same id"):
        layout((Box("a"), Box("a")), ())


@pytest.mark.parametrize(("text", "value"), [("25%", 25), ("-25%", -25), ("0", 0), (" 7.5 % ", 7.5), (12, 12)])
def test_an_offset_is_read_in_percent(text, value):
    assert percent(text) == value


@pytest.mark.parametrize("text", ["left", "", "nan", "25%%", float("inf")])
def test_an_offset_that_is_none_is_refused_in_one_sentence(text):
    with pytest.raises(DiagramError, match="Give the offset in percent"):
        percent(text)


@thorough
@given(graphs(), st.data())
def test_a_box_that_is_pinned_where_it_stands_moves_no_box_to_another_row(graph, data):
    boxes, edges = graph
    before = layout(boxes, edges)
    index = data.draw(st.integers(0, len(boxes) - 1))
    level = before.levels[before.boxes[index].row]
    pinned = [Box(box.id, box.width, level if n == index else None) for n, box in enumerate(boxes)]
    if len(boxes) <= 12:  # longer rows are cut only without levels
        assert [box.row for box in layout(tuple(pinned), edges).boxes] == [box.row for box in before.boxes]


@thorough
@given(any_graph)
def test_rows_say_which_level_they_stand_for(graph):
    result = layout(*graph)
    assert list(result.levels) == sorted(set(result.levels))
    for box, placed in zip(graph[0], result.boxes, strict=True):
        assert box.level is None or result.levels[placed.row] == box.level


def test_a_place_in_a_drawing_without_offsets_is_that_offset():
    boxes, edges = tuple(map(Box, "abcd")), (("a", "b"), ("a", "c"), ("a", "d"))
    before = layout(boxes, edges)
    offset = (middle(before.boxes[3]) - before.middle) / before.span * 100
    after = layout(tuple(Box(box.id, offset=offset if box.id == "d" else None) for box in boxes), edges)
    assert middle(after.boxes[3]) - after.middle == pytest.approx(middle(before.boxes[3]) - before.middle, abs=1)
