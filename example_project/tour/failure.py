"""What ends the demo early: an error that people can do something about, and the end of a log."""

from __future__ import annotations

from pathlib import Path

LINES = 20


class DemoError(Exception):
    """The demo can't go on; the message says why, and what to do."""


def tail(log: Path) -> str:
    """The last lines of a log file, or that there are none."""
    return last_lines(log.read_text(errors="replace") if log.exists() else "")


def last_lines(text: str) -> str:
    """The last lines of a text, indented."""
    return "\n".join(f"  {line}" for line in text.splitlines()[-LINES:]) or "  (it wrote nothing)"
