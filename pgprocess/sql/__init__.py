"""The SQL of pgprocess, one idea a file: rules (functions, views) and requests (queries).

Rules reach the database through migrations, as frozen copies (``make freeze NAME=settle``);
requests are sent by the one room that talks to the database while working, ``queue``.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@cache
def query(name: str) -> str:
    """The text of ``queries/NAME.sql``."""
    return (FOLDER / "queries" / f"{name}.sql").read_text(encoding="utf-8")


def rules() -> dict[str, str]:
    """The text of every rule by its name: the functions, then the views that call them."""
    files = [*sorted(FOLDER.glob("functions/*.sql")), *sorted(FOLDER.glob("views/*.sql"))]
    return {file.stem: file.read_text(encoding="utf-8") for file in files}
