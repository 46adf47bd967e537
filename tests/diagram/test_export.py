"""Diagrams as files: an SVG with its styles inside, Mermaid and DOT, safe whatever the names."""

from __future__ import annotations

import html
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings

from pgprocess.diagram import DiagramError, Graph, Node
from pgprocess.diagram.export import FORMATS
from pgprocess.diagram.labels import clean
from pgprocess.diagram.languages import dot, mermaid
from pgprocess.diagram.standalone import standalone
from pgprocess.diagram.stylesheet import dashed, status_colours
from pgprocess.display.status import INACTIVE
from pgprocess.statuses import Status
from tests.diagram.test_render import NASTY, SVG, graph, inside, text

MERMAID_NODE = re.compile(r'  (n\d+)\["((?:[\w ,\-]|#\d+;)+)"\]')
DOT_NODE = re.compile(r'  (n\d+) \[label="((?:[^"\\]|\\["\\])*)"(?:, color="#\w{6}")?(?:, style="rounded,dashed")?\];')


def label_in(node: re.Pattern[str], line: str) -> str:
    """Return the label of the node that the line is."""
    found = node.fullmatch(line)
    assert found
    return found[2]


def shown_by_mermaid(label: str) -> str:
    return re.sub(r"#(\d+);", lambda found: chr(int(found[1])), label)


def shown_by_dot(label: str) -> str:
    return html.unescape(re.sub(r"\\(.)", r"\1", label))


@pytest.mark.parametrize("name", NASTY, ids=ascii)
def test_any_name_is_shown_as_it_is_by_mermaid_and_graphviz(name):
    [line] = [line for line in mermaid(graph(name)).splitlines() if line.startswith("  n1")]
    assert shown_by_mermaid(label_in(MERMAID_NODE, line)).strip() == clean(name).strip()
    [line] = [line for line in dot(graph(name)).splitlines() if line.startswith("  n1")]
    assert shown_by_dot(label_in(DOT_NODE, line)) == clean(name).strip()


@settings(max_examples=150, deadline=None)
@given(text, text, text)
def test_no_text_becomes_syntax(title, one, other):
    drawn = Graph(title, (Node(f"x{one}", one), Node(f"y{other}", other, "failed")), ((f"x{one}", f"y{other}"),))
    lines = mermaid(drawn).splitlines()
    assert lines[0] == "flowchart TD"
    assert [bool(MERMAID_NODE.fullmatch(line)) for line in lines[1:3]] == [True, True]
    assert lines[3] == "  n1 --> n2"
    assert "%%" not in mermaid(drawn)
    lines = dot(drawn).splitlines()
    assert re.fullmatch(r'digraph "(?:[^"\\]|\\["\\])*" \{', lines[0])
    assert [bool(DOT_NODE.fullmatch(line)) for line in lines[2:4]] == [True, True]
    assert lines[4:] == ["  n1 -> n2;", "}"]
    ElementTree.fromstring(standalone(drawn))


def test_a_run_has_its_statuses_in_both():
    drawn = graph("load", status="failed")
    assert "  classDef failed stroke:#cf222e\n  class n1 failed\n" in mermaid(drawn)
    assert '[label="✕ load", color="#cf222e"]' in dot(drawn)
    assert "classDef" not in mermaid(graph("load"))


def test_every_status_has_a_colour_and_what_waits_a_broken_border():
    assert status_colours().keys() == {*map(str, Status), INACTIVE}
    assert {"awaiting", "skipped"} < dashed()
    assert not {"running", "failed", "succeeded"} & dashed()


def test_a_file_has_its_styles_inside_and_needs_nothing_but_itself():
    drawn = graph("a", "b", status="failed", url="/admin/1/", edges=(("0", "1"),))
    root = ElementTree.fromstring(standalone(drawn))
    style = inside(root, "style").text or ""
    assert not re.search(r"var\(|@media|url\(|:is\(|:root", style)
    assert '[data-status="failed"]' in style
    assert "#cf222e" in style
    assert not {"script", "a", "image", "use"} & {element.tag.removeprefix(SVG) for element in root.iter()}
    assert inside(root, "title").text == "a graph"


def test_a_file_shows_what_the_page_shows():
    root = ElementTree.fromstring(standalone(graph("extract", "load", edges=(("0", "1"),))))
    assert [t.text for t in root.iter(SVG + "text") if t.get("class") == "pgp-name"] == ["extract", "load"]
    assert sum(element.get("class") == "pgp-edge" for element in root.iter()) == 1


@pytest.mark.parametrize("name", FORMATS)
def test_a_graph_without_tasks_is_an_empty_drawing(name):
    assert FORMATS[name].write(Graph("empty", (), ()))


def test_a_circle_can_be_written_down_but_not_drawn():
    circle = graph("a", "b", edges=(("0", "1"), ("1", "0")))
    assert "n2 --> n1" in mermaid(circle)
    with pytest.raises(DiagramError, match="circle"):
        standalone(circle)
