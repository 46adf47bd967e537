"""Waiting for what other connections and processes do: looked for again and again, never slept for."""

from __future__ import annotations

import time
from typing import Any

from tests.builders.drawing import Executes


def until(execute: Executes, condition: str, params: Any = None, seconds: float = 30.0) -> None:
    """The SQL condition holds; each look is a statement of its own, so it sees what was committed meanwhile."""
    deadline = time.monotonic() + seconds
    while not execute(f"SELECT {condition}", params)[0][0]:
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {condition}"
        time.sleep(0.01)
