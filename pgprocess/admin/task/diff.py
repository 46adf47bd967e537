"""The difference between two texts, as lines with their numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

SAME, OLD, NEW, GAP = "same", "old", "new", "gap"
SIGNS = {SAME: " ", OLD: "-", NEW: "+", GAP: "…"}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of one text, or of both; ``gap`` stands for lines of both that are left out."""

    kind: str
    text: str = ""
    before: int | None = None
    after: int | None = None

    @property
    def sign(self) -> str:
        """Return the sign that marks the line without colour."""
        return SIGNS[self.kind]


def compare(before: str, after: str, context: int = 3) -> list[Line]:
    """Return the lines that changed, with ``context`` lines around them; ``[]`` if none did."""
    one, two = before.splitlines(), after.splitlines()
    matcher = SequenceMatcher(None, one, two)
    if one == two:
        return []
    lines: list[Line] = []
    end = 0
    for group in matcher.get_grouped_opcodes(context):
        if group[0][1] > end:
            lines.append(Line(GAP))
        for tag, i, i2, j, j2 in group:
            lines += _same(two[j:j2], i, j) if tag == "equal" else _changed(one[i:i2], two[j:j2], i, j)
        end = group[-1][2]
    if end < len(one):
        lines.append(Line(GAP))
    return lines


def _same(texts: list[str], i: int, j: int) -> Iterator[Line]:
    return (Line(SAME, text, i + n, j + n) for n, text in enumerate(texts, start=1))


def _changed(old: list[str], new: list[str], i: int, j: int) -> Iterator[Line]:
    yield from (Line(OLD, text, before=i + n) for n, text in enumerate(old, start=1))
    yield from (Line(NEW, text, after=j + n) for n, text in enumerate(new, start=1))
