"""Alternating rounds: everybody once, then everybody once more. A disturbance hits all, not one."""

from __future__ import annotations

import subprocess
import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import psycopg

from tests.benchmarks.bench.peer import Failed
from tests.benchmarks.bench.plan import Step
from tests.benchmarks.bench.server import Server

TROUBLE = (Failed, subprocess.TimeoutExpired, psycopg.Error)


def run(server: Server, steps: Sequence[Step], rounds: int) -> dict[str, Any]:
    """``values`` by the figures' keys, one for each round, and ``failures`` in words by the step that failed."""
    values: dict[str, list[float]] = defaultdict(list)
    failures: dict[str, str] = {}
    going = [*steps]
    for number in range(1, rounds + 1):
        for step in [*going]:
            if step.once and number > 1:
                continue
            began = time.monotonic()
            try:
                figures = dict(zip(step.figures, step.measure(server), strict=True))
            except TROUBLE as trouble:
                name = f"{step.workload} of {step.peer}"
                failures[name] = str(trouble)
                going.remove(step)
                print(f"round {number}  {name}: {trouble}", flush=True)
                continue
            for key, value in figures.items():
                values[key].append(value)
            said = ", ".join(f"{key} {value:,.4g}" for key, value in figures.items())
            print(f"round {number}  {said}  ({time.monotonic() - began:.0f} s)", flush=True)
    return {"values": dict(values), "failures": failures}
