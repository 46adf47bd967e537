"""The pages of docs/ as tests read them: their code blocks and tables, and results as psql would print them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
NUMBERS = {20, 21, 23, 26, 700, 701, 1700}  # oids of the types that psql aligns to the right


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a page; ``line`` is where it begins."""

    line: int
    language: str
    text: str


def page(name: str) -> str:
    """Return the text of a page of docs/."""
    return (DOCS / name).read_text(encoding="utf-8")


def blocks(text: str) -> list[Block]:
    """Return the fenced blocks of a page, in order."""
    return [Block(text.count("\n", 0, found.start()) + 1, *found.groups()) for found in FENCE.finditer(text)]


def rows(text: str, head: str) -> Iterator[list[str]]:
    """Yield the rows, as cells, of the table whose first column is named ``head``."""
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith(f"| {head} |"):
            next(lines)
            for row in lines:
                if not row.startswith("|"):
                    return
                yield [cell.strip() for cell in row.strip("|").split(" | ")]
            return
    raise AssertionError(f"there is no table with the head {head}")


def aligned(result: Any) -> str:
    """Return a libpq result as psql prints it, without spaces at the ends of lines."""
    columns = range(result.nfields)
    heads = [result.fname(column).decode() for column in columns]
    cells = [[(result.get_value(row, column) or b"").decode() for column in columns] for row in range(result.ntuples)]
    widths = [max(len(text) for text in (heads[column], *(row[column] for row in cells))) for column in columns]
    right = [result.ftype(column) in NUMBERS for column in columns]
    lines = [
        " | ".join(_middle(head, width) for head, width in zip(heads, widths, strict=True)),
        "-+-".join("-" * width for width in widths),
        *(
            " | ".join(text.rjust(widths[i]) if right[i] else text.ljust(widths[i]) for i, text in enumerate(row))
            for row in cells
        ),
    ]
    framed = [f"-{line}-" if i == 1 else f" {line}".rstrip() for i, line in enumerate(lines)]
    return "\n".join([*framed, f"({result.ntuples} row{'' if result.ntuples == 1 else 's'})"])


def _middle(text: str, width: int) -> str:
    left = (width - len(text)) // 2
    return " " * left + text + " " * (width - len(text) - left)
