"""A finding of the doctor, and the database that is examined."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import connections

from pgprocess.sql import query


class Severity(StrEnum):
    """How bad a finding is: an error stops work or makes it wrong; a warning will, or already costs something."""

    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, in a sentence that says what to do; ``check`` names the check that found it."""

    check: str
    severity: Severity
    sentence: str


@dataclass(frozen=True, slots=True)
class Patient:
    """A database that is examined; with ``everything``, jobs that were over long ago too."""

    alias: str
    everything: bool = False

    def ask(self, name: str, **params: Any) -> list[dict[str, Any]]:
        """Return the rows that ``sql/queries/NAME.sql`` gives, each by its columns' names."""
        return self.rows(query(name), params or None)

    def rows(self, statement: str, params: Any = None) -> list[dict[str, Any]]:
        """Return the rows of a SELECT, each by its columns' names."""
        with connections[self.alias].cursor() as cursor:
            cursor.execute(statement, params)
            names = [column.name for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


Check = Callable[[Patient], Iterator[Finding]]
