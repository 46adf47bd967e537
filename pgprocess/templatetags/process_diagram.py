"""``{% load process_diagram %}``: ``{{ object|diagram }}`` draws a Process or a Job."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString

from pgprocess.diagram import graph_of
from pgprocess.diagram.figure import figure

register = template.Library()


@register.filter
def diagram(obj: Any) -> SafeString:
    """Draw a Process or a Job; :class:`~pgprocess.diagram.DiagramError` for any other object."""
    return figure(graph_of(obj))
