"""Secrets: what stands in params under a name that marks a secret, however deep, and what an address holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

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


def masked_url(url: str) -> str:
    """Return the scheme and host of ``url`` alone: names, passwords, paths and queries may be secrets."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return MASK
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}/{MASK}" if parts.scheme and host else MASK
