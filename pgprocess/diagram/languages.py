"""A graph as text for other drawing programs: Mermaid, which wikis and code hosts show, and Graphviz's DOT.

Names go in as quoted labels in which nothing has a meaning left; ids are ours, so no name can be syntax.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgprocess.diagram.labels import clean
from pgprocess.diagram.nodes import Graph, Node
from pgprocess.diagram.stylesheet import dashed, status_colours
from pgprocess.display.status import glyph

MARKUP = re.compile(r"[^\w ,\-]")


def mermaid(graph: Graph) -> str:
    """Return a flowchart from top to bottom; a node of a run has its status as a class."""
    ids = node_ids(graph)
    lines = ["flowchart TD"]
    lines += [f'  {ids[node.id]}["{entities(label_text(node))}"]' for node in graph.nodes]
    lines += [f"  {ids[parent]} --> {ids[child]}" for parent, child in graph.edges]
    for status in statuses(graph):
        dash = ",stroke-dasharray:4 3" if status in dashed() else ""
        members = ",".join(ids[node.id] for node in graph.nodes if node.status == status)
        lines += [f"  classDef {status} stroke:{status_colours()[status]}{dash}", f"  class {members} {status}"]
    return "\n".join(lines) + "\n"


def dot(graph: Graph) -> str:
    """Return a digraph; a node of a run has the colour and the border of its status."""
    ids = node_ids(graph)
    lines = [
        f"digraph {quoted(graph.title)} {{",
        '  node [shape=box, style=rounded, fontname="sans-serif"];',
        *(f"  {ids[node.id]} [label={quoted(label_text(node))}{status_attributes(node)}];" for node in graph.nodes),
        *(f"  {ids[parent]} -> {ids[child]};" for parent, child in graph.edges),
        "}",
    ]
    return "\n".join(lines) + "\n"


def node_ids(graph: Graph) -> dict[str, str]:
    """Return the id of each node in the text, by the node's own id."""
    return {node.id: f"n{number}" for number, node in enumerate(graph.nodes, start=1)}


def label_text(node: Node) -> str:
    """Return a node's label: the glyph of its status, and its name."""
    return clean(f"{glyph(node.status)} {node.name}".strip())


def statuses(graph: Graph) -> Iterator[str]:
    """Return the statuses in the graph that have a colour, each once."""
    return (status for status in dict.fromkeys(node.status for node in graph.nodes) if status in status_colours())


def entities(text: str) -> str:
    """Return the text with Mermaid's own entities wherever a character could mean something."""
    return MARKUP.sub(lambda found: f"#{ord(found[0])};", text) or " "


def quoted(text: str) -> str:
    """Return the text as a quoted string of DOT, in which neither escapes nor entities are left."""
    return '"' + clean(text).replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"') + '"'


def status_attributes(node: Node) -> str:
    """Return the attributes that show a node's status."""
    if node.status not in status_colours():
        return ""
    dash = ', style="rounded,dashed"' if node.status in dashed() else ""
    return f', color="{status_colours()[node.status]}"{dash}'
