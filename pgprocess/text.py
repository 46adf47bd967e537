"""Small changes of texts that many rooms need: the line that matters, the nearest name, what a column takes."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_CONTROL = {code: repr(chr(code))[1:-1] for code in (*range(9), *range(10, 32), *range(127, 160), 0x2028, 0x2029)}


def first_line(text: object) -> str:
    """Return the first line of what an error says, empty if it says nothing."""
    return str(text).strip().partition("\n")[0]


def on_one_line(text: str) -> str:
    r"""Return the text with ``\n`` for each line break, and so on for all that ends a line or steers a terminal."""
    return text.translate(_CONTROL)


def last_line(text: str) -> str:
    """Return the last line, where a traceback says what happened."""
    return text.strip().rpartition("\n")[2]


def nearest(word: str, names: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """Return the name that ``word`` was probably meant to be; None if none is near (``cutoff`` as in difflib)."""
    return next(iter(get_close_matches(word, list(names), n=1, cutoff=cutoff)), None)


def storable(text: str) -> str:
    """Return the text as a column takes it: replacement characters for NUL, backslashes for lone surrogates."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\x00", "\N{REPLACEMENT CHARACTER}")
