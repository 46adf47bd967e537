"""What a statement reads, node by node, whoever says it: Postgres tells its plans to the connection itself."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import psycopg

SETTINGS = {
    "log_min_duration": "0",
    "log_nested_statements": "on",
    "log_analyze": "on",
    "log_timing": "off",
    "log_buffers": "on",
    "log_format": "json",
    "log_level": "notice",
}
BLOCKS = ("Shared Hit Blocks", "Shared Read Blocks")

Pages = Counter[str]
"""By a node, "Index Scan using … on …", the pages of 8 kB that it touched itself."""


@contextmanager
def watching(connections: Sequence[psycopg.Connection[Any]]) -> Iterator[Pages]:
    """Within, every statement of these sessions adds to the pages, those inside of functions and triggers as well.

    Without auto_explain, or the right to load it, nothing is seen.
    """
    seen: Pages = Counter()

    def told(notice: psycopg.errors.Diagnostic) -> None:
        _, plan, text = (notice.message_primary or "").partition("plan:\n")
        if plan:
            seen.update(pages(json.loads(text)["Plan"]))

    try:
        for connection in connections:
            with suppress(psycopg.Error):
                connection.execute("LOAD 'auto_explain'")
                for name, value in SETTINGS.items():
                    connection.execute(f"SET auto_explain.{name} = {value}")
            connection.add_notice_handler(told)
        yield seen
    finally:
        for connection in connections:
            connection.remove_notice_handler(told)
            with suppress(psycopg.Error):
                connection.execute("SET auto_explain.log_min_duration = -1")


def pages(node: dict[str, Any]) -> Pages:
    """The pages of a plan by node, each without those of the nodes below it; only nodes that read a table count."""
    below = node.get("Plans", [])
    found: Pages = Counter()
    for child in below:
        found.update(pages(child))
    if "Relation Name" in node or "Index Name" in node:
        own = sum(node.get(key, 0) for key in BLOCKS) - sum(child.get(key, 0) for child in below for key in BLOCKS)
        found[label(node)] += max(0, own)
    return found


def label(node: dict[str, Any]) -> str:
    """A node as EXPLAIN writes it: ``Index Scan using pgprocess_job_over on pgprocess_job``."""
    kind = node.get("Operation", node["Node Type"])
    index = f" using {node['Index Name']}" if "Index Name" in node else ""
    table = f" on {node['Relation Name']}" if "Relation Name" in node else ""
    return f"{kind}{index}{table}"
