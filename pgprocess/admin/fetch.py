"""The requests of ``sql/queries/admin``, sent where the rows of runs are written."""

from __future__ import annotations

from typing import Any

from django.db import connections, router

from pgprocess.models import JobTask
from pgprocess.sql import query


def fetch(name: str, **params: Any) -> list[tuple[Any, ...]]:
    """Return all rows that ``sql/queries/NAME.sql`` gives."""
    with connections[router.db_for_write(JobTask)].cursor() as cursor:
        cursor.execute(query(name), params or None)
        return list(cursor.fetchall())
