"""Processes and jobs as drawings.

    Process, Job ──source──▶ Graph ──boxes──▶ Box ──layout──▶ Layout ──render──▶ <svg>
                                     ranking ▶ sketch ▶ ordering ▶ placement ▶ routing

``layout`` is plain Python; ``source`` alone reads rows, and nothing here needs settings to be imported.
"""

from pgprocess.diagram.nodes import DiagramError, Graph, Node
from pgprocess.diagram.source import graph_of

__all__ = ["DiagramError", "Graph", "Node", "graph_of"]
