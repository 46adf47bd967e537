"""Parts of texts, for people."""

from __future__ import annotations


def last_line(error: str) -> str:
    """Return the line of a traceback that says what happened."""
    return error.strip().rsplit("\n", 1)[-1]
