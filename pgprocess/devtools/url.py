"""One line of text names a database: from a Postgres URL to Django's settings, and back.

libpq itself reads the URL, so whatever ``psql`` accepts is accepted here: percent-encoding, IPv6, several
hosts, ``?host=/socket/folder`` and all of its options.
https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict

from pgprocess.exceptions import ConfigurationError

_KEYS = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


def database_settings(url: str) -> dict[str, Any]:
    """Return the entry of ``DATABASES`` for ``postgres://user:password@host:port/name?option=value``.

    Every option but host, port, user, password and dbname lands in ``OPTIONS``. Raises ConfigurationError for
    anything else than such a URL; the message never repeats the URL, which may hold a password.
    """
    try:
        if not url.startswith(("postgres://", "postgresql://")):
            raise psycopg.ProgrammingError("another scheme")
        options = conninfo_to_dict(url)
        settings = {key: str(options.pop(name, "")) for name, key in _KEYS.items()}
        if not settings["NAME"] or not re.fullmatch(r"[\d,]*", settings["PORT"]):
            raise psycopg.ProgrammingError("no name, or a port that is no number")
    except psycopg.ProgrammingError:
        raise ConfigurationError(
            "The database URL can't be read: write postgres://user:password@host:port/name?option=value, with"
            " libpq's options and special characters percent-encoded (a password's @ is %40)."
        ) from None
    return {"ENGINE": "django.db.backends.postgresql", **settings, "OPTIONS": options}


def database_url(settings: Mapping[str, Any]) -> str:
    """Return the URL that :func:`database_settings` turns into ``settings``, if its OPTIONS are libpq's."""
    options = {name: settings[key] for name, key in _KEYS.items() if settings.get(key)}
    options.update(settings.get("OPTIONS", {}))
    name = quote(options.pop("dbname"), safe="")
    query = urlencode(options, quote_via=quote, safe="/")
    return f"postgres:///{name}?{query}" if query else f"postgres:///{name}"


def socket_url(folder: str, port: str, dbname: str) -> str:
    """Return the URL of a server of ours, whose Unix socket for ``port`` is in ``folder``."""
    return database_url({"NAME": dbname, "USER": "postgres", "HOST": folder, "PORT": port})
