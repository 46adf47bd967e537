"""Processes of callables that do nothing, by their graphs."""

from __future__ import annotations

from tests.benchmarks import scale
from tests.builders.drawing import Executes


def define(execute: Executes, size: int, edges: str, target: str = "nothing") -> int:
    """A process of tasks 1 to ``size`` that call ``target``; ``edges`` selects pairs of their numbers."""
    process = scale.define(execute, size, edges)
    execute(
        "UPDATE pgprocess_task SET kind = 'callable', target = %s, code = '' WHERE process_id = %s", [target, process]
    )
    return process


def diamond(execute: Executes, width: int, target: str = "nothing") -> int:
    """1 → width → 1."""
    last = width + 2
    edges = (
        f"SELECT 1, n FROM generate_series(2, {last - 1}) AS n "
        f"UNION ALL SELECT n, {last} FROM generate_series(2, {last - 1}) AS n"
    )
    return define(execute, last, edges, target)


def chain(execute: Executes, length: int, target: str = "stamp") -> int:
    """One after the other."""
    return define(execute, length, f"SELECT n, n + 1 FROM generate_series(1, {length - 1}) AS n", target)
