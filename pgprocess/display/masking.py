"""Secrets in params: what stands under a name that marks a secret is not shown, however deep it stands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

MASK = "••••••"


def masked(value: Any, words: Iterable[str]) -> Any:
    """Return ``value`` (JSON) with a mask in place of each value whose key contains one of ``words``, in any case."""
    marks = tuple(word.lower() for word in words)
    if isinstance(value, dict):
        return {
            key: MASK if any(mark in str(key).lower() for mark in marks) else masked(inner, marks)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [masked(inner, marks) for inner in value]
    return value
