"""Markup that is put together in Python."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.html import format_html_join
from django.utils.safestring import SafeString


def joined(parts: Iterable[SafeString | str]) -> SafeString:
    """Return the parts one after the other; a part that is not marked as safe is escaped."""
    return format_html_join("", "{}", ((part,) for part in parts))
