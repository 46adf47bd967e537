"""What the doctor says, and how it asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import connections

from pgprocess.sql import query


class Severity(StrEnum):
    """How bad it is: an error stops work or makes it wrong; a warning will, or already costs something."""

    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, in a sentence that says what to do; ``check`` names who found it."""

    check: str
    severity: Severity
    sentence: str


@dataclass(frozen=True, slots=True)
class Patient:
    """A database that is looked at; with ``everything``, what was over long ago too."""

    alias: str
    everything: bool = False

    def ask(self, name: str, **params: Any) -> list[dict[str, Any]]:
        """The rows that ``sql/queries/NAME.sql`` gives."""
        return self.rows(query(name), params or None)

    def rows(self, statement: str, params: Any = None) -> list[dict[str, Any]]:
        """The rows of a SELECT, each by its columns' names."""
        with connections[self.alias].cursor() as cursor:
            cursor.execute(statement, params)
            names = [column.name for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


Check = Callable[[Patient], Iterator[Finding]]


def for_long(seconds: float) -> str:
    """``90 s``, ``12 min``, ``5 h``, ``3 days``: as people say it."""
    for size, word in ((172_800, "days"), (7200, "h"), (120, "min")):
        if seconds >= size:
            return f"{seconds * 2 / size:.0f} {word}"
    return f"{seconds:.0f} s"
