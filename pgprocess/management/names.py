"""The error of a command for a name that does not exist."""

from __future__ import annotations

from collections.abc import Iterable

from pgprocess.text import nearest


def no_such(what: str, name: object, names: Iterable[str]) -> str:
    """Return a sentence with the nearest of ``names``, or else with some of them."""
    known = [str(name) for name in names]
    if near := nearest(str(name), known, cutoff=0.5):
        return f"There is no {what} {str(name)!r}: did you mean {near!r}?"
    if not known:
        return f"There is no {what} {str(name)!r}, nor any other."
    more = ", …" if len(known) > 10 else ""
    return f"There is no {what} {str(name)!r}: there are {', '.join(known[:10])}{more}."
