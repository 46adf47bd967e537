"""The database that is written to: whatever is read for a decision is read there, and never on a replica."""

from __future__ import annotations

from typing import TypeVar

from django.db import models, router

Row = TypeVar("Row", bound=models.Model)


def primary(model: type[Row]) -> models.QuerySet[Row]:
    """Return the rows of a model where they are written, whatever a router says of reading."""
    rows: models.QuerySet[Row] = model._default_manager.using(router.db_for_write(model))
    return rows
