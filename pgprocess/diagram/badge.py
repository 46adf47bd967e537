"""A status outside of a drawing: the same sign, word and colours as its box has."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString

from pgprocess.diagram.marks import glyph, word


def badge(status: str, label: str = "") -> SafeString:
    """A status as its sign and its word (or ``label``), which diagram.css and admin.css colour and frame."""
    return format_html(
        '<span class="pgp pgp-status" data-status="{}"><span class="pgp-sign" aria-hidden="true">{}</span> '
        '<span class="pgp-word">{}</span></span>',
        status,
        glyph(status),
        label or word(status),
    )
