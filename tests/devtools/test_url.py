"""A database URL and Django's settings say the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgprocess.devtools.url import database_settings, database_url
from pgprocess.exceptions import ConfigurationError

WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)


def test_every_part_of_a_url_has_its_place() -> None:
    assert database_settings("postgres://anna:secret@db.example:6432/shop?sslmode=require") == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "shop",
        "USER": "anna",
        "PASSWORD": "secret",
        "HOST": "db.example",
        "PORT": "6432",
        "OPTIONS": {"sslmode": "require"},
    }


def test_what_a_url_leaves_out_is_empty() -> None:
    settings = database_settings("postgresql:///shop")
    assert settings.pop("NAME") == "shop"
    assert settings.pop("ENGINE") == "django.db.backends.postgresql"
    assert settings.pop("OPTIONS") == {}
    assert set(settings.values()) == {""}


def test_percent_signs_are_decoded() -> None:
    settings = database_settings("postgres://an%20na:p%40ss%2Fword@host/my%20shop?application_name=a%26b")
    assert (settings["USER"], settings["PASSWORD"], settings["NAME"]) == ("an na", "p@ss/word", "my shop")
    assert settings["OPTIONS"] == {"application_name": "a&b"}


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("postgres:///shop?host=/run/postgres&port=5433", "/run/postgres", "5433"),
        ("postgres://%2Frun%2Fpostgres/shop", "/run/postgres", ""),
        ("postgres://[::1]:5432/shop", "::1", "5432"),
        ("postgres://one:1,two:2/shop", "one,two", "1,2"),
    ],
)
def test_a_host_may_be_a_socket_folder_an_address_or_several(url: str, host: str, port: str) -> None:
    settings = database_settings(url)
    assert (settings["HOST"], settings["PORT"]) == (host, port)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "shop",
        "host=localhost password=hunter2 dbname=shop",
        "mysql://anna:hunter2@host/shop",
        "postgres://anna:hunter2@host/",
        "postgres://anna:hunter2%zz@host/shop",
        "postgres://anna:hunter2@host:five/shop",
        "postgres://anna:hunter2@host/shop?no_such_option=1",
    ],
)
def test_anything_else_is_refused_without_telling_the_password(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"postgres://user:password@host:port/name") as refusal:
        database_settings(url)
    assert "hunter2" not in str(refusal.value)
    assert refusal.value.__suppress_context__


@given(name=WORDS, user=WORDS, password=WORDS, host=WORDS, application=WORDS)
def test_settings_survive_the_way_to_a_url_and_back(
    name: str, user: str, password: str, host: str, application: str
) -> None:
    settings = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": user,
        "PASSWORD": password,
        "HOST": host,
        "PORT": "5432",
        "OPTIONS": {"application_name": application},
    }
    assert database_settings(database_url(settings)) == settings
