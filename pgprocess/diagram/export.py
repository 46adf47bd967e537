"""Diagrams as files, in every format that there is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pgprocess.diagram.languages import dot, mermaid
from pgprocess.diagram.nodes import Graph
from pgprocess.diagram.standalone import standalone


@dataclass(frozen=True, slots=True)
class Format:
    """A format of files: how a diagram is written, and the name and type of the file."""

    write: Callable[[Graph], str]
    suffix: str
    content_type: str


FORMATS = {
    "svg": Format(standalone, "svg", "image/svg+xml"),
    "mermaid": Format(mermaid, "mmd", "text/plain; charset=utf-8"),
    "dot": Format(dot, "dot", "text/vnd.graphviz; charset=utf-8"),
}
