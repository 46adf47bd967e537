"""How much disk the tables and indexes take."""

from __future__ import annotations

from typing import Any

from tests.builders.drawing import Executes

TABLES = """
SELECT relname, pg_table_size(oid),
       (SELECT jsonb_object_agg(indexrelid::regclass::text, pg_relation_size(indexrelid))
          FROM pg_index WHERE indrelid = pg_class.oid)
  FROM pg_class
 WHERE relkind = 'r' AND starts_with(relname, 'pgprocess_') AND pg_table_size(oid) > 1000000
 ORDER BY 2 DESC
"""


def disk(execute: Executes) -> dict[str, dict[str, Any]]:
    """By table, bytes: of the table with what is stored beside it, and of each of its indexes."""
    return {table: {"table": size, "indexes": indexes or {}} for table, size, indexes in execute(TABLES)}
