"""System checks: what would not work, said before it does not."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from pgprocess.conf import Settings, unknown_keys
from pgprocess.receivers import what_is_wrong


@register("pgprocess")
def check_settings(**kwargs: Any) -> list[CheckMessage]:
    """E001: PGPROCESS is not a dict, or has a key that there is not. E002: its alias is not in DATABASES."""
    given = getattr(settings, "PGPROCESS", {})
    if not isinstance(given, dict):
        return [Error(f"PGPROCESS is a dict, not {type(given).__name__}.", id="pgprocess.E001")]
    found: list[CheckMessage] = [Error(sentence, id="pgprocess.E001") for sentence in unknown_keys(given)]
    found += [Error(sentence, id="pgprocess.E001") for sentence in what_is_wrong(given.get("ALERTS", {}))]
    alias = given.get("DATABASE", Settings.DATABASE)
    if alias not in connections:
        found.append(Error(f"PGPROCESS['DATABASE'] is {alias!r}, which DATABASES does not have.", id="pgprocess.E002"))
    return found


@register(Tags.compatibility, "pgprocess")
def check_postgres(**kwargs: Any) -> list[CheckMessage]:
    """E003: the database is not Postgres. E004: its driver is not psycopg 3."""
    given = getattr(settings, "PGPROCESS", {})
    alias: str = given.get("DATABASE", Settings.DATABASE) if isinstance(given, dict) else ""
    if alias not in connections:
        return []  # check_settings has said so
    if connections[alias].vendor != "postgresql":
        return [
            Error(
                f"pgprocess lives in Postgres, and the database {alias!r} is {connections[alias].vendor}.",
                hint="Set its ENGINE to django.db.backends.postgresql, or name another in PGPROCESS['DATABASE'].",
                id="pgprocess.E003",
            )
        ]
    try:
        import psycopg  # noqa: F401
    except ImportError:
        return [Error("pgprocess needs psycopg 3.", hint="pip install 'psycopg[binary]'", id="pgprocess.E004")]
    return []
