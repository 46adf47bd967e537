"""Rows are read where they are written: what a replica says of a run is old, and every read here decides something.

A router of the project may send reads elsewhere; ``using("replica")`` still does so for one query.
"""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import models, router

Row = TypeVar("Row", bound=models.Model)


class Rows(models.QuerySet[Row]):
    """Rows of a model of ours, read where they are written."""

    @property
    def db(self) -> str:
        """The alias to read from, and to write to."""
        return self._db or router.db_for_write(self.model, **self._hints)  # type: ignore[attr-defined]

    def raw(self, raw_query: Any, params: Any = (), translations: Any = None, using: str | None = None) -> Any:
        """Return the rows that a statement gives."""
        return super().raw(raw_query, params, translations, using or self.db)


class Primary(models.Manager[Row]):
    """The manager of rows that have no verbs of their own."""

    def get_queryset(self) -> Rows[Row]:
        """Return all rows, read where they are written."""
        return Rows(self.model, using=self._db, hints=self._hints)  # type: ignore[attr-defined]
