"""The SQL of pgprocess, one idea a file: rules (functions, views) and requests (queries).

Rules reach the database through migrations, as frozen copies (``make freeze``). Requests lie by who sends them: the
queue, the cron, alerts, maintenance, the doctor, the admin, the models.
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
