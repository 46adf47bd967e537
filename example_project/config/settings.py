"""Settings of the example project: an ordinary Django site on Postgres, with pgtrigger and pgprocess.

From the environment: ``PGPROCESS_DATABASE_URL``, ``EXAMPLE_DEBUG`` (1 = on), ``EXAMPLE_SECRET_KEY``,
``EXAMPLE_REPORTS`` (where reports are written and served from), ``EXAMPLE_WORK`` (passing files).
"""

from __future__ import annotations

import os
from pathlib import Path

from pgprocess.devtools.url import database_settings

BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = os.environ.get("EXAMPLE_DEBUG") == "1"
SECRET_KEY = os.environ.get("EXAMPLE_SECRET_KEY", "only-for-an-example-on-your-own-machine")
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "pgtrigger",
    "pgprocess",
    "rates",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

DATABASES = {
    "default": database_settings(
        os.environ.get("PGPROCESS_DATABASE_URL", "postgres://localhost:5432/pgprocess_example")
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en"
TIME_ZONE = "Europe/Berlin"
USE_TZ = True

STATIC_URL = "static/"

EXAMPLE_REPORTS = Path(os.environ.get("EXAMPLE_REPORTS", BASE_DIR.parent / ".demo" / "reports"))
EXAMPLE_WORK = Path(os.environ.get("EXAMPLE_WORK", BASE_DIR.parent / ".demo" / "work"))
