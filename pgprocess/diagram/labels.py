"""The width of a text, roughly (a server has no fonts), and as much of a text as fits."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

ELLIPSIS = "…"
JOINER = "\N{ZERO WIDTH JOINER}"
NARROW = frozenset("ijl.,:;'|!()[] ")
BROAD = frozenset("mwMW@%&")


def measure(text: str, size: float) -> float:
    """Return the width of ``text`` in pixels in a bold sans-serif font of ``size`` pixels."""
    return size * sum(map(advance, text))


@lru_cache(maxsize=4096)
def advance(character: str) -> float:
    """Return the width of one character as a share of the font's size."""
    if character in NARROW:
        return 0.38
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0.0
    if character in BROAD:
        return 1.05
    if unicodedata.east_asian_width(character) in "WF" or ord(character) > 0xFFFF:
        return 1.3
    return 0.76 if character.isupper() else 0.64


def fit(text: str, room: float, size: float) -> str:
    """Return ``text``, cut with an ellipsis where it is wider than ``room`` pixels; never within a joined emoji."""
    if measure(text, size) <= room:
        return text
    used = advance(ELLIPSIS) * size
    for end, character in enumerate(text):
        used += advance(character) * size
        if used > room:
            return whole(text, end).rstrip() + ELLIPSIS
    return text


def whole(text: str, end: int) -> str:
    """Return the first ``end`` characters, or fewer so that marks and joined characters stay with their base."""
    while end and (not advance(text[end]) or text[end - 1] == JOINER):
        end -= 1
    return text[:end]


def clean(text: str) -> str:
    """Return ``text`` with a replacement character for what XML can't hold: control characters, lone surrogates."""
    return text if text.isprintable() else "".join(map(printable, text))


def printable(character: str) -> str:
    """Return the character; a space for white space; the replacement character for what XML can't hold."""
    if character.isspace():
        return " "
    if unicodedata.category(character) in ("Cc", "Cs") or character in "\ufffe\uffff":
        return "\N{REPLACEMENT CHARACTER}"
    return character
