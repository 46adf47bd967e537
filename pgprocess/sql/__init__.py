"""The SQL of pgprocess, one idea a file: rules (functions, views) and requests (queries).

Rules reach the database through migrations, as frozen copies (``make freeze``). Requests lie by who sends them: the
queue, the cron, alerts, maintenance, the doctor, the admin, the models.

Postgres plans by statistics, and those lag behind tables that were empty a minute ago. Rules that do much work SET how
they are planned, by one of three recipes; :mod:`pgprocess.postgres.connection` has the first two for requests.

- INDEXES ONLY (jit and enable_seqscan off): small statements over indexes. A plan that was made while the tables were
  empty would scan them when they are full.
- ROW BY ROW (INDEXES ONLY, planned once, enable_hashjoin and enable_mergejoin off): some rows, each through an index.
  To plan such a statement takes five times as long as to run it.
- IN BULK (INDEXES ONLY, enable_nestloop and enable_mergejoin off, enable_hashjoin on): what indexes give is joined by
  hashing, so that the cost is that of the rows, and not of each compared with each.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@cache
def query(name: str) -> str:
    """Return the text of ``queries/NAME.sql``; the folder in ``queue/claim`` says who sends it."""
    return (FOLDER / "queries" / f"{name}.sql").read_text(encoding="utf-8")


def rules() -> dict[str, str]:
    """Return the text of every rule by its name: the functions, then the views that call them."""
    return _texts("functions/*.sql") | _texts("views/*.sql")


def parts() -> dict[str, str]:
    """Return by its name what the tables need beyond what Django's models can say."""
    return _texts("*.sql")


def _texts(pattern: str) -> dict[str, str]:
    return {file.stem: file.read_text(encoding="utf-8") for file in sorted(FOLDER.glob(pattern))}
