"""System checks: what would not work, reported before it does not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError, connections

from pgprocess.alerts.settings import what_is_wrong
from pgprocess.conf import RULES, Settings, unknown_keys, wrong_values
from pgprocess.exceptions import ConfigurationError
from pgprocess.maintenance.retention import retention

WITHOUT_ZONES = (
    "pgprocess needs USE_TZ = True: without it Django gives moments without a zone, which a schedule can't use."
)

WITHOUT_RULES = "pgprocess has its rules from its own migrations: take 'pgprocess' out of MIGRATION_MODULES."


@register("pgprocess")
def check_settings(**kwargs: Any) -> list[CheckMessage]:
    """Check ``settings.PGPROCESS``.

    E001: it is not a dict, or has an unknown key. E002: it names an alias that is not in DATABASES. E005: its RETENTION
    can't be read. E006: a value is of a wrong type, or out of its range. E007: USE_TZ is off.
    E008: MIGRATION_MODULES takes away the migrations, which have the rules.
    """
    given = getattr(settings, "PGPROCESS", {})
    if not settings.USE_TZ:
        return [Error(WITHOUT_ZONES, id="pgprocess.E007")]
    if "pgprocess" in settings.MIGRATION_MODULES:
        return [Error(WITHOUT_RULES, id="pgprocess.E008")]
    if not isinstance(given, dict):
        return [Error(f"PGPROCESS is a dict, not {type(given).__name__}.", id="pgprocess.E001")]
    found: list[CheckMessage] = [Error(sentence, id="pgprocess.E001") for sentence in unknown_keys(given)]
    for key in ("DATABASE", "LISTEN_DATABASE"):
        alias = given.get(key, getattr(Settings, key))
        if RULES[key].fits(alias) and alias and alias not in connections:
            found.append(Error(f"PGPROCESS[{key!r}] is {alias!r}, which DATABASES does not have.", id="pgprocess.E002"))
    found += [Error(sentence, id="pgprocess.E006") for sentence in wrong_values("PGPROCESS", given, RULES)]
    try:
        retention(given.get("RETENTION"))
    except ConfigurationError as error:
        found.append(Error(str(error), id="pgprocess.E005"))
    found += [Error(sentence, id="pgprocess.E001") for sentence in what_is_wrong(given.get("ALERTS", {}))]
    return found


@register(Tags.compatibility, "pgprocess")
def check_postgres(**kwargs: Any) -> list[CheckMessage]:
    """Check the database. E003: it is not Postgres. E004: its driver is not psycopg 3."""
    alias = _alias()
    if alias not in connections:
        return []  # check_settings reports it
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


@register(Tags.database, "pgprocess")
def check_encoding(databases: Iterable[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Check the database itself, as migrate does. E009: its encoding can't hold what tasks write."""
    alias = _alias()
    if alias not in (databases or ()) or connections[alias].vendor != "postgresql":
        return []
    try:
        with connections[alias].cursor() as cursor:
            cursor.execute("SHOW server_encoding")
            encoding = cursor.fetchone()[0]
    except DatabaseError:  # a database that is away is for others to report
        return []
    if encoding == "UTF8":
        return []
    what = f"The database {alias!r} is encoded in {encoding}, and names and output of tasks may be any text"
    return [Error(f"{what}: create it with ENCODING 'UTF8'.", id="pgprocess.E009")]


def _alias() -> str:
    """Return the alias of the database that the settings name; empty where they can't be read."""
    given = getattr(settings, "PGPROCESS", {})
    alias = given.get("DATABASE", Settings.DATABASE) if isinstance(given, dict) else ""
    return alias if isinstance(alias, str) else ""
