"""Diagrams as SVG: whole, safe and readable by people and programs, whatever the names."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.template import Context, Template, engines
from django.utils.safestring import SafeString
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st

import pgprocess
from pgprocess.diagram import DiagramError, Graph, Node
from pgprocess.diagram.figure import figure
from pgprocess.diagram.labels import clean, fit, measure
from pgprocess.diagram.render import svg
from pgprocess.display.status import GLYPHS, INACTIVE
from pgprocess.statuses import Status

SVG = "{http://www.w3.org/2000/svg}"
STATIC = Path(pgprocess.__file__).parent / "static" / "pgprocess"
NASTY = [
    '<script>alert("1")</script>',
    "\"' onload=alert(1) x='",
    "]]><!--",
    "{{ settings.SECRET_KEY }} {% load x %}",
    "&lt;b&gt; &amp; &#x3c;",
    "extraer_pedidos_ñandú",
    "загрузка данных",
    "استخراج البيانات",
    "数据提取任务",
    "👩‍👩‍👧‍👦🏳️‍🌈🚀",
    "a\x00b\x07c\x1b[31m\ud800\uffff",
    "line one\nline two\ttab",
    "\u202egnirts desrever",
    " " * 10,
    "x" * 200,
    "W" * 200,
    "日" * 200,
]


def graph(*names: str, edges: tuple[tuple[str, str], ...] = (), **rest: Any) -> Graph:
    return Graph("a graph", tuple(Node(str(i), name, **rest) for i, name in enumerate(names)), edges)


def parsed(markup: str) -> ElementTree.Element:
    return ElementTree.fromstring(markup)


def nodes(markup: str) -> list[ElementTree.Element]:
    return [element for element in parsed(markup).iter() if element.get("class") == "pgp-node"]


def inside(element: ElementTree.Element, tag: str) -> ElementTree.Element:
    """Return the first child of the element with this tag, which is there."""
    found = element.find(SVG + tag)
    assert found is not None
    return found


def texts(node: ElementTree.Element, kind: str) -> str:
    [text] = [text.text or "" for text in node.iter(SVG + "text") if text.get("class") == f"pgp-{kind}"]
    return text


def harmless(markup: str) -> None:
    """Assert that there is nothing that a strict policy refuses: style, script, handler, id, an address that runs."""
    for element in parsed(markup).iter():
        assert element.tag.split("}")[-1] not in {
            "script",
            "style",
            "foreignObject",
            "image",
            "use",
            "iframe",
        }
        for attribute, value in element.attrib.items():
            assert attribute not in {"style", "id"}
            assert not attribute.lower().startswith("on")
            assert not re.match(r"\s*(javascript|data|vbscript):", value, re.IGNORECASE) or attribute != "href"


@pytest.mark.parametrize("name", NASTY, ids=ascii)
def test_any_name_is_safe_and_whole_in_the_title(name):
    markup = svg(Graph(name, (Node("1", name, "failed", note=name, url="/1"), Node("2", "b")), (("1", "2"),)))
    harmless(markup)
    node = nodes(markup)[0]
    assert inside(node, "title").text == clean(f"{name}: failed, {name}")
    assert node.get("aria-label") == clean(f"{name}: failed, {name}")


text = st.text(st.characters(exclude_categories=[]), max_size=40)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(text, text, text, text), min_size=1, max_size=4), text)
def test_no_text_breaks_the_markup(rows, title):
    drawn = tuple(Node(f"{i}{row[0]}", *row) for i, row in enumerate(rows))
    edges = tuple((drawn[0].id, node.id) for node in drawn[1:])
    harmless(svg(Graph(title, drawn, edges)))
    harmless(figure(Graph(title, drawn, edges)))


def test_markup_in_a_name_is_shown_and_not_obeyed():
    assert "<b>" not in svg(graph("<b>"))
    assert "&lt;b&gt;" in svg(graph("<b>"))


@pytest.mark.parametrize("url", ["/admin/1/?a=1&b=2", "https://example.org/", "?task=1", "#task-1", "../1/"])
def test_a_node_with_an_address_is_a_link_with_a_label(url):
    [node] = nodes(svg(graph("load", status="running", note="sql", url=url)))
    assert (node.tag, node.get("href")) == (SVG + "a", url)
    assert node.get("aria-label") == "load: running, sql"


@pytest.mark.parametrize(
    "url", ["", "javascript:alert(1)", " javascript:alert(1)", "JaVa\nScript:alert(1)", "data:text/html,x"]
)
def test_anything_but_a_web_address_is_no_link(url):
    [node] = nodes(svg(graph("load", url=url)))
    assert (node.tag, node.get("role"), node.get("href")) == (SVG + "g", "img", None)
    assert "<a" not in figure(graph("load", url=url))


def test_links_can_be_left_out():
    assert "href" not in figure(graph("load", url="/1"), links=False)


def test_the_drawing_has_a_name_and_its_edges_are_not_read_aloud():
    root = parsed(svg(graph("a", "b", edges=(("0", "1"),))))
    assert (root.get("role"), root.get("aria-label")) == ("group", "a graph")
    assert inside(root, "g").get("aria-hidden") == "true"


@pytest.mark.parametrize("status", [*Status.values, INACTIVE])
def test_every_status_has_a_glyph_a_colour_or_border_of_its_own_and_a_word(status):
    css = (STATIC / "diagram.css").read_text()
    [node] = nodes(svg(graph("load", status=status)))
    assert node.get("data-status") == status
    assert texts(node, "glyph") == GLYPHS[status] != ""
    assert node.get("aria-label") == f"load: {status.replace('_', ' ')}"
    assert f'[data-status="{status}"]' in css


def test_no_two_statuses_share_a_glyph():
    assert len(set(GLYPHS.values())) == len(GLYPHS) == len(Status) + 2


def test_words_are_in_the_readers_language():
    with override("es"):
        [node] = nodes(svg(graph("load", status="failed")))
    assert node.get("aria-label") == f"load: {str_in('es', Status.FAILED)}"


def str_in(language: str, status: Status) -> str:
    with override(language):
        return str(status.label)


def test_an_edge_has_the_status_of_its_parent_and_is_inactive_with_either_end():
    drawn = Graph(
        "g",
        (Node("a", "a", "failed"), Node("b", "b", "awaiting"), Node("c", "c", INACTIVE)),
        (("a", "b"), ("b", "c")),
    )
    edges = [element for element in parsed(svg(drawn)).iter() if element.get("class") == "pgp-edge"]
    found = {(edge.get("data-parent"), edge.get("data-child")): edge.get("data-status") for edge in edges}
    assert found == {("a", "b"): "failed", ("b", "c"): "inactive"}


@pytest.mark.parametrize("name", [*NASTY, "extract_orders", "llllllllllllllllllllllllll"], ids=ascii)
def test_a_name_that_is_too_long_is_cut_to_fit_its_box(name):
    [node] = nodes(svg(graph(name)))
    width = float(inside(node, "rect").attrib["width"])
    shown = texts(node, "name")
    assert width <= 260
    assert measure(shown, 13) <= width - 44
    assert shown == clean(name) or shown.endswith("…")


def test_boxes_are_as_wide_as_the_longest_name_needs():
    widths = {rect.attrib["width"] for rect in parsed(svg(graph("a", "extract_all_orders_now"))).iter(SVG + "rect")}
    assert len(widths) == 1
    assert 168 < float(widths.pop()) < 260


def test_a_cut_never_parts_a_joined_emoji_or_a_letter_from_its_accent():
    family = "👩\u200d👩\u200d👧"
    for room in range(10, 120):
        assert fit(family * 5, room, 13).removesuffix("…").replace(family, "") == ""
        assert not fit("e\u0301" * 20, room, 13).removesuffix("…").endswith("e")


def test_the_width_is_given_in_pixels_or_percent():
    root = parsed(svg(graph("a"), width="100%"))
    assert (root.get("width"), root.get("height")) == ("100%", None)
    assert parsed(svg(graph("a"), width=640)).get("width") == "640"


@pytest.mark.parametrize("width", ["wide", '1" onload="x', "-5", "1e9", ""])
def test_a_width_that_is_none_is_refused_in_one_sentence(width):
    with pytest.raises(DiagramError, match="Give a diagram's width in pixels or percent"):
        svg(graph("a"), width=width)


def test_a_circle_is_named_by_the_tasks_names():
    with pytest.raises(DiagramError, match="extract -> load -> extract"):
        svg(graph("extract", "load", edges=(("0", "1"), ("1", "0"))))


def test_several_diagrams_on_a_page_have_nothing_to_share():
    assert not re.search(r"""\s(id|xlink:href)=|url\(#""", svg(graph("a", "b", edges=(("0", "1"),))))


def test_the_markup_is_safe_for_a_template():
    drawn = svg(graph("a"))
    assert isinstance(drawn, SafeString)
    assert engines["django"].from_string("{{ drawn }}").render({"drawn": drawn}) == drawn


def test_the_figure_says_the_same_as_a_table():
    drawn = Graph(
        "nightly",
        (Node("1", "extract", "succeeded", "python", "/1"), Node("2", "load", "failed", "sql", "/2")),
        (("1", "2"),),
    )
    rows = [["".join(cell.itertext()) for cell in row] for row in parsed(figure(drawn)).iter("tr")]
    assert rows == [
        ["Task", "Status", "Waits for", "Note"],
        ["extract", "succeeded", "", "python"],
        ["load", "failed", "extract", "sql"],
    ]
    assert "<table" not in figure(drawn, table=False)


def test_a_graph_without_tasks_says_so():
    assert "There are no tasks yet." in figure(Graph("empty", (), ()))
    harmless(svg(Graph("empty", (), ())))


def test_the_include_brings_the_stylesheet_and_the_script_and_both_are_there():
    page = Template('{% include "process/dj-process.html" %}').render(Context())
    assert re.findall(r'(?:href|src)="/static/pgprocess/([^"]+)"', page) == ["diagram.css", "diagram.js"]
    assert "nonce" not in page
    assert all((STATIC / name).is_file() for name in ("diagram.css", "diagram.js"))


def test_the_include_gives_a_nonce_where_the_page_has_one():
    page = Template('{% include "process/dj-process.html" %}')
    assert page.render(Context({"csp_nonce": "abc"})).count(' nonce="abc"') == 2
    assert page.render(Context({"request": type("Request", (), {"csp_nonce": "xyz"})()})).count('nonce="xyz"') == 2


@pytest.mark.parametrize(
    "source",
    ["{% load process_diagram %}{{ thing|diagram }}", "{% load pgprocess %}{% diagram thing %}"],
    ids=["filter", "tag"],
)
@pytest.mark.parametrize("thing", [None, "nightly", 7, ["a"]], ids=repr)
def test_anything_but_a_process_or_a_job_is_refused_in_one_sentence(source, thing):
    with pytest.raises(DiagramError, match=r"Only a Process or a Job can be drawn as a diagram, not \w+\.$"):
        Template(source).render(Context({"thing": thing}))
