"""A Django project in a function, for the peers that are Django apps."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import parse_qs, urlsplit

import django
from django.conf import settings


def configure(*apps: str, backend: str, options: dict[str, Any] | None = None, **database: Any) -> None:
    """Django is ready, with these apps and the one backend of tasks."""
    url = urlsplit(os.environ.get("BENCH_URL", ""))
    where = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": url.path.strip("/"),
        "USER": url.username or parse_qs(url.query).get("user", [""])[0],
        "PASSWORD": url.password or "",
        "HOST": url.hostname or parse_qs(url.query).get("host", [""])[0],
        "PORT": url.port or parse_qs(url.query).get("port", [""])[0],
    }
    settings.configure(
        DATABASES={"default": where | database},
        INSTALLED_APPS=list(apps),
        TASKS={"default": {"BACKEND": backend, "OPTIONS": options or {}}},
        USE_TZ=True,
        DEBUG=False,
    )
    django.setup()
