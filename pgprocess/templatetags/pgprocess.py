"""``{% load pgprocess %}``: ``{% diagram object %}`` draws a Process or a Job."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString

from pgprocess.diagram import graph_of
from pgprocess.diagram.figure import figure

register = template.Library()


@register.simple_tag
def diagram(obj: Any, width: int | str | None = None, links: bool = True, table: bool = True) -> SafeString:
    """Draw a Process or a Job.

    ``width`` is in pixels or percent, the natural width if left out. With ``links=False`` boxes lead nowhere,
    with ``table=False`` the table under the diagram is left out. Raises
    :class:`~pgprocess.diagram.DiagramError` for any other object.
    """
    return figure(graph_of(obj), width=width, links=links, table=table)
