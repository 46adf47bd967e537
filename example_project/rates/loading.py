"""A file of rates becomes the table of rates, in one transaction."""

from __future__ import annotations

from pathlib import Path

from django.db import connection, transaction

CHUNK = 1 << 18

COPY = "COPY incoming (day, currency, rate) FROM STDIN WITH (FORMAT csv, HEADER)"

WRITE = """
INSERT INTO rates_rate (currency, day, rate)
SELECT currency, day, rate FROM incoming
ON CONFLICT (currency, day) DO UPDATE SET rate = EXCLUDED.rate WHERE rates_rate.rate <> EXCLUDED.rate
"""

REMOVE = """
DELETE FROM rates_rate AS kept
WHERE NOT EXISTS (SELECT FROM incoming WHERE incoming.currency = kept.currency AND incoming.day = kept.day)
"""


def load(path: Path) -> dict[str, int]:
    """The table holds exactly the rows of the file; readers see all of it or none.

    Only rows that differ are written, so loading the same file again writes nothing. Gives the number
    of rows, and how many were written and removed.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE rates_rate IN SHARE ROW EXCLUSIVE MODE")  # one load at a time
        cursor.execute("CREATE TEMPORARY TABLE incoming (LIKE rates_rate) ON COMMIT DROP")
        with path.open("rb") as file, cursor.copy(COPY) as copy:
            while chunk := file.read(CHUNK):
                copy.write(chunk)
        rows = cursor.rowcount
        cursor.execute("ANALYZE incoming")
        cursor.execute(WRITE)
        written = cursor.rowcount
        cursor.execute(REMOVE)
        removed = cursor.rowcount
        cursor.execute("ANALYZE rates_rate")
    return {"rows": rows, "written": written, "removed": removed}
