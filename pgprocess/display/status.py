"""The looks of a status: a glyph, a word, and both as a badge that the stylesheets colour."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import pgettext

from pgprocess.statuses import Status

INACTIVE = "inactive"  # a task that its process leaves out
RELEASED = "released"  # an attempt that was given back, or whose worker was lost

WORDS = {str(status): status.label for status in Status}

TEXT_STYLE = "\N{VARIATION SELECTOR-15}"  # keeps a glyph from turning into a coloured emoji

GLYPHS: dict[str, str] = {
    Status.AWAITING: "○",
    Status.SCHEDULED: "↻",
    Status.READY: "●",
    Status.RUNNING: "▶" + TEXT_STYLE,
    Status.SUCCEEDED: "✓",
    Status.FORCED: "☑" + TEXT_STYLE,
    Status.FAILED: "✕",
    Status.UPSTREAM_FAILED: "⊗",
    Status.SKIPPED: "⇥",
    Status.CANCELLED: "⊘",
    INACTIVE: "‖",
    RELEASED: "↺",
}


def glyph(status: str) -> str:
    """Return the sign of a status, empty for none."""
    return GLYPHS.get(status, "")


def word(status: str) -> str:
    """Return the status in the reader's language, empty for none."""
    if status == INACTIVE:
        return pgettext("a task", "inactive")
    if status == RELEASED:
        return pgettext("an attempt", "given back")
    return str(WORDS.get(status, status))


def badge(status: str, label: str = "") -> SafeString:
    """Return a status as its sign and its word (or ``label``), which diagram.css and admin.css colour and frame.

    The markup is built in Python, since the columns of Django's lists are; a template takes the same time."""
    return format_html(
        '<span class="pgp pgp-status" data-status="{}"><span class="pgp-sign" aria-hidden="true">{}</span> '
        '<span class="pgp-word">{}</span></span>',
        status,
        glyph(status),
        label or word(status),
    )
