"""``manage.py check`` reports what would not work."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.core.checks import run_checks
from django.db import connections
from django.test import override_settings


def said(**settings: Any) -> list[tuple[str | None, str]]:
    """Return the ids and sentences of everything that pgprocess finds wrong."""
    with override_settings(**settings):
        return [(message.id, message.msg) for message in run_checks(tags=["pgprocess"], databases=[])]


@pytest.fixture
def a_database() -> Iterator[Callable[..., None]]:
    """Add a database under an alias; it is never connected to."""
    added = []

    def add(alias: str, **settings: Any) -> None:
        connections.settings[alias] = connections.configure_settings({"default": {}, alias: settings})[alias]
        added.append(alias)

    yield add
    for alias in added:
        del connections.settings[alias]
        with suppress(AttributeError):  # nobody asked for it
            del connections[alias]


def test_a_sound_project_is_told_nothing() -> None:
    assert said() == []
    assert said(PGPROCESS={"DATABASE": "default", "POLL_INTERVAL": 1}) == []


def test_the_checks_run_with_all_others_too() -> None:
    with override_settings(PGPROCESS={"POL_INTERVAL": 1}):
        assert "pgprocess.E001" in [message.id for message in run_checks(databases=[])]


def test_e001_an_unknown_key_is_told_with_the_nearest_one() -> None:
    assert said(PGPROCESS={"POL_INTERVAL": 1, "DATABSE": "x"}) == [
        ("pgprocess.E001", "PGPROCESS has no key 'POL_INTERVAL': did you mean 'POLL_INTERVAL'?"),
        ("pgprocess.E001", "PGPROCESS has no key 'DATABSE': did you mean 'DATABASE'?"),
    ]


@pytest.mark.parametrize("given", [None, ["DATABASE"], "default"])
def test_e001_a_setting_that_is_no_dict_is_told(given: Any) -> None:
    assert said(PGPROCESS=given) == [("pgprocess.E001", f"PGPROCESS is a dict, not {type(given).__name__}.")]


def test_e002_an_alias_without_a_database_is_told() -> None:
    assert said(PGPROCESS={"DATABASE": "elsewhere"}) == [
        ("pgprocess.E002", "PGPROCESS['DATABASE'] is 'elsewhere', which DATABASES does not have.")
    ]


def test_e003_another_database_than_postgres_is_told_with_what_to_do(a_database: Callable[..., None]) -> None:
    a_database("lite", ENGINE="django.db.backends.sqlite3", NAME=":memory:")
    with override_settings(PGPROCESS={"DATABASE": "lite"}):
        [message] = run_checks(tags=["pgprocess"], databases=[])
    assert (message.id, message.msg) == (
        "pgprocess.E003",
        "pgprocess lives in Postgres, and the database 'lite' is sqlite.",
    )
    assert message.hint == (
        "Set its ENGINE to django.db.backends.postgresql, or name another in PGPROCESS['DATABASE']."
    )


def test_other_databases_of_the_project_may_be_what_they_like(a_database: Callable[..., None]) -> None:
    a_database("lite", ENGINE="django.db.backends.sqlite3", NAME=":memory:")
    assert said() == []


def test_e004_an_older_driver_is_told_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    assert connections["default"].vendor == "postgresql"  # the backend is loaded before psycopg is gone
    monkeypatch.setitem(sys.modules, "psycopg", None)
    [message] = run_checks(tags=["pgprocess"], databases=[])
    assert (message.id, message.msg) == ("pgprocess.E004", "pgprocess needs psycopg 3.")
    assert message.hint == "pip install 'psycopg[binary]'"
